-- What an administrator of the directory sees of users, groups and memberships.
ALTER TABLE users ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN created_by TEXT;
ALTER TABLE users ADD COLUMN updated_by TEXT;
ALTER TABLE users DROP COLUMN given_name;                  -- among the attributes
ALTER TABLE users DROP COLUMN family_name;
ALTER TABLE users DROP COLUMN external_id;

ALTER TABLE emails ADD COLUMN kind TEXT;
ALTER TABLE emails ADD COLUMN position BIGINT NOT NULL DEFAULT 0;

ALTER TABLE groups ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE groups ADD COLUMN created_by TEXT;
ALTER TABLE groups ADD COLUMN updated_by TEXT;
ALTER TABLE groups DROP COLUMN external_id;

-- What an identity provider outside calls a user or a group.
CREATE TABLE external_ids (
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    principal_kind TEXT NOT NULL,                          -- USER | GROUP
    principal_id TEXT NOT NULL,
    PRIMARY KEY (principal_kind, issuer, id)
);
CREATE INDEX external_ids_of_principal ON external_ids (principal_id);

ALTER TABLE memberships ADD COLUMN id TEXT;
ALTER TABLE memberships ADD COLUMN created_by TEXT;
UPDATE memberships SET id = substr(group_id, 1, 19) || substr(user_id, 20);
CREATE UNIQUE INDEX memberships_by_id ON memberships (id);
CREATE INDEX memberships_of_group_by_id ON memberships (group_id, id);
CREATE INDEX memberships_of_user_by_id ON memberships (user_id, id);
