-- Keys of administrators, for the administrative APIs before anybody has a role.
CREATE TABLE admin_keys (
    access_key_id TEXT PRIMARY KEY NOT NULL,               -- AKIA…
    secret TEXT NOT NULL,                                  -- sealed
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
