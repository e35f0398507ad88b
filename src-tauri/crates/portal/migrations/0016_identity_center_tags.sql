-- The tags of everything that sso-admin tags: the instance, permission sets, applications and
-- trusted token issuers, by id.
CREATE TABLE identity_center_tags (
    resource_id TEXT NOT NULL,
    tag_key TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (resource_id, tag_key)
);
DROP TABLE permission_set_tags;

-- Regions the instance was added to, beside its first.
CREATE TABLE instance_regions (
    name TEXT PRIMARY KEY NOT NULL,
    added_at BIGINT NOT NULL
);
