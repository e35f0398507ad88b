-- What a user may do is read from this index alone.
DROP INDEX assignments_of_principal;
CREATE INDEX assignments_of_principal
    ON assignments (principal_kind, principal_id, account_id, permission_set_id);
