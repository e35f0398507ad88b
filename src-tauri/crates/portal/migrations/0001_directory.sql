-- Times are integer milliseconds since 1970, ids and enumerations are text, truth is 0 or 1.
-- Everything here is read by SQLite and PostgreSQL alike. A column `…_key` holds the
-- lower-cased form of its neighbour, by which it is found and kept unique.

CREATE TABLE instance_settings (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE identity_sources (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,            -- directory | active_directory | saml
    settings TEXT NOT NULL,        -- JSON
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE provisioning_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    identity_source_id TEXT NOT NULL REFERENCES identity_sources (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    given_name TEXT,
    family_name TEXT,
    enabled BIGINT NOT NULL,
    password_hash TEXT,            -- argon2id, PHC string
    password_change_required BIGINT NOT NULL,
    password_changed_at BIGINT,
    external_id TEXT,
    attributes TEXT,               -- JSON: further attributes, for access control
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE emails (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    address_key TEXT PRIMARY KEY NOT NULL,
    is_primary BIGINT NOT NULL,
    verified_at BIGINT
);
CREATE INDEX emails_of_user ON emails (user_id);

-- Invitations and password resets sent by mail; used once.
CREATE TABLE one_time_links (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,         -- invitation | password_reset | email_verification
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    display_name TEXT NOT NULL,
    display_name_key TEXT NOT NULL UNIQUE,
    description TEXT,
    external_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id);
