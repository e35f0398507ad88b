-- The organization, once there is one. Its root has no row among the units: it is the parent of
-- the units and accounts that name none.
CREATE TABLE organizations (
    id TEXT PRIMARY KEY NOT NULL,                          -- o-<10>
    root_id TEXT NOT NULL,                                 -- r-<4>
    feature_set TEXT NOT NULL,                             -- ALL | CONSOLIDATED_BILLING
    created_at BIGINT NOT NULL
);

-- The ids from the root's child down to the unit itself, with '/' between them. Units never move.
ALTER TABLE organizational_units ADD COLUMN path TEXT NOT NULL DEFAULT '';
CREATE INDEX organizational_units_by_parent
    ON organizational_units ((COALESCE(parent_id, '')), name);

ALTER TABLE accounts ADD COLUMN joined_method TEXT NOT NULL DEFAULT 'CREATED'; -- CREATED | INVITED
ALTER TABLE accounts ADD COLUMN email_key TEXT NOT NULL DEFAULT '';
UPDATE accounts SET email_key = lower(email);
CREATE INDEX accounts_by_email ON accounts (email_key);
CREATE INDEX accounts_by_parent ON accounts ((COALESCE(unit_id, '')), id);

CREATE TABLE account_creations (
    id TEXT PRIMARY KEY NOT NULL,                          -- car-<32 hex>
    account_name TEXT NOT NULL,
    account_id TEXT,
    state TEXT NOT NULL,                                   -- SUCCEEDED | FAILED
    failure_reason TEXT,
    requested_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL
);

-- Of the root, units, accounts and policies alike, by id.
CREATE TABLE organization_tags (
    resource_id TEXT NOT NULL,
    tag_key TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (resource_id, tag_key)
);

CREATE TABLE organization_policies (
    id TEXT PRIMARY KEY NOT NULL,                          -- p-<8>, p-FullAWSAccess
    policy_type TEXT NOT NULL,                             -- SERVICE_CONTROL_POLICY | …
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    content TEXT NOT NULL,                                 -- JSON
    aws_managed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (policy_type, name)
);

CREATE TABLE enabled_policy_types (
    policy_type TEXT PRIMARY KEY NOT NULL,
    enabled_at BIGINT NOT NULL
);

CREATE TABLE policy_attachments (
    policy_id TEXT NOT NULL REFERENCES organization_policies (id),
    target_id TEXT NOT NULL,                               -- the root, a unit or an account
    attached_at BIGINT NOT NULL,
    PRIMARY KEY (policy_id, target_id)
);
CREATE INDEX policy_attachments_of_target ON policy_attachments (target_id, policy_id);

CREATE TABLE trusted_services (
    service_principal TEXT PRIMARY KEY NOT NULL,
    enabled_at BIGINT NOT NULL
);

CREATE TABLE delegated_administrators (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    service_principal TEXT NOT NULL,
    enabled_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, service_principal)
);

-- One at most.
CREATE TABLE organization_resource_policies (
    id TEXT PRIMARY KEY NOT NULL,                          -- rp-<8>
    content TEXT NOT NULL,                                 -- JSON
    updated_at BIGINT NOT NULL
);
