-- Applications were not offered before: the tables are made anew.
DROP TABLE application_assignments;
DROP TABLE application_attributes;
DROP TABLE applications;

CREATE TABLE applications (
    id TEXT PRIMARY KEY NOT NULL,                          -- apl-<16 characters>
    name TEXT NOT NULL,
    provider TEXT NOT NULL,                                -- custom | custom-saml | catalog/<id>
    description TEXT,
    enabled BIGINT NOT NULL,
    visible BIGINT NOT NULL,                               -- in the portal
    sign_in_origin TEXT,                                   -- IDENTITY_CENTER | APPLICATION
    url TEXT,                                              -- where it starts
    assignment_required BIGINT NOT NULL,
    background_sessions BIGINT NOT NULL,
    actor_policy TEXT,                                     -- JSON: who may act for it through IAM
    client_token TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX applications_of_client_token ON applications (client_token);

-- What a SAML application is told about its users.
CREATE TABLE application_attributes (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    format TEXT NOT NULL,
    PRIMARY KEY (application_id, name)
);

CREATE TABLE application_assignments (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    principal_kind TEXT NOT NULL,                          -- USER | GROUP
    principal_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (application_id, principal_kind, principal_id)
);
CREATE INDEX application_assignments_of_principal
    ON application_assignments (principal_kind, principal_id, application_id);

CREATE TABLE application_access_scopes (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    authorized_targets TEXT NOT NULL,                      -- JSON list of ARNs
    PRIMARY KEY (application_id, scope)
);

CREATE TABLE application_grants (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    grant_type TEXT NOT NULL,
    settings TEXT NOT NULL,                                -- JSON
    PRIMARY KEY (application_id, grant_type)
);

CREATE TABLE trusted_token_issuers (
    id TEXT PRIMARY KEY NOT NULL,                          -- tti-<UUID>
    name TEXT NOT NULL,
    issuer_url TEXT NOT NULL UNIQUE,
    claim_attribute_path TEXT NOT NULL,
    identity_store_attribute_path TEXT NOT NULL,
    client_token TEXT UNIQUE,
    created_at BIGINT NOT NULL
);
