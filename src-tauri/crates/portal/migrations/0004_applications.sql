CREATE TABLE applications (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    catalogue_id TEXT,                                     -- none: a custom SAML application
    enabled BIGINT NOT NULL,
    settings TEXT NOT NULL,                                -- JSON: SAML endpoints, relay state…
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

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
