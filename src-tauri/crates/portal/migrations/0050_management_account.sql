-- The management account is asked for with every act and every page of administration.
CREATE INDEX accounts_management ON accounts (id) WHERE is_management = 1;
