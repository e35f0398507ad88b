CREATE TABLE permission_sets (
    id TEXT PRIMARY KEY NOT NULL,                          -- ps-<16 hex>
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    session_seconds BIGINT NOT NULL,                       -- 3600 to 43200
    relay_state TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE permission_set_policies (
    permission_set_id TEXT NOT NULL REFERENCES permission_sets (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,      -- managed | customer | inline | boundary_managed | boundary_customer
    name TEXT NOT NULL,      -- ARN of a managed policy, path and name of a customer's, '' inline
    document TEXT,           -- JSON, inline only
    PRIMARY KEY (permission_set_id, kind, name)
);

CREATE TABLE permission_set_tags (
    permission_set_id TEXT NOT NULL REFERENCES permission_sets (id) ON DELETE CASCADE,
    tag_key TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (permission_set_id, tag_key)
);

CREATE TABLE assignments (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    permission_set_id TEXT NOT NULL REFERENCES permission_sets (id) ON DELETE CASCADE,
    principal_kind TEXT NOT NULL,                          -- USER | GROUP
    principal_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, permission_set_id, principal_kind, principal_id)
);
CREATE INDEX assignments_of_principal ON assignments (principal_kind, principal_id);

-- What a permission set has become in an account.
CREATE TABLE provisioned_roles (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    permission_set_id TEXT NOT NULL REFERENCES permission_sets (id) ON DELETE CASCADE,
    role_name TEXT NOT NULL,                               -- AWSReservedSSO_<name>_<16 hex>
    role_id TEXT NOT NULL,                                 -- AROA…
    provisioned_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, permission_set_id),
    UNIQUE (account_id, role_name)
);

-- User attributes passed on as session tags.
CREATE TABLE access_control_attributes (
    tag_key TEXT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL
);
