CREATE TABLE client_registrations (
    id TEXT PRIMARY KEY NOT NULL,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,                                  -- JSON list, as the two below
    grant_types TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    issuer_url TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE device_codes (
    code_hash TEXT PRIMARY KEY NOT NULL,
    user_code TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES client_registrations (id),
    source_address TEXT NOT NULL,
    status TEXT NOT NULL,                                  -- pending | approved | denied | used
    portal_session_id TEXT REFERENCES portal_sessions (id),
    polled_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- One row from the browser's arrival at /authorize until the code is spent.
CREATE TABLE authorization_codes (
    id TEXT PRIMARY KEY NOT NULL,
    code_hash TEXT UNIQUE,
    client_id TEXT NOT NULL REFERENCES client_registrations (id),
    redirect_uri TEXT NOT NULL,
    state TEXT,
    code_challenge TEXT NOT NULL,
    scopes TEXT NOT NULL,
    status TEXT NOT NULL,                                  -- pending | approved | denied | used
    portal_session_id TEXT REFERENCES portal_sessions (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Tokens are stored as SHA-256. A grant is what one approval gave: its tokens share its id.
CREATE TABLE access_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    grant_id TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client_registrations (id),
    portal_session_id TEXT NOT NULL REFERENCES portal_sessions (id),
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX access_tokens_of_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_of_client ON access_tokens (client_id);
CREATE INDEX access_tokens_of_session ON access_tokens (portal_session_id);

CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    grant_id TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client_registrations (id),
    portal_session_id TEXT NOT NULL REFERENCES portal_sessions (id),
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    rotated_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX refresh_tokens_of_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_of_client ON refresh_tokens (client_id);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (portal_session_id);
