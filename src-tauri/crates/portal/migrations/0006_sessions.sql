-- The portal session: one sign-in of one user in one browser. Tokens live and die with it.
CREATE TABLE portal_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    cookie_hash TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    second_factor BIGINT NOT NULL,
    source_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX portal_sessions_of_user ON portal_sessions (user_id);
