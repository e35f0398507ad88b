CREATE TABLE factors (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                                    -- totp | webauthn | recovery
    label TEXT NOT NULL,
    secret TEXT NOT NULL,                                  -- sealed; a hash for recovery codes
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX factors_of_user ON factors (user_id);

-- A code works once: its time step is kept.
CREATE TABLE used_totp_steps (
    factor_id TEXT NOT NULL REFERENCES factors (id) ON DELETE CASCADE,
    step BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (factor_id, step)
);

-- Devices (by cookie) and networks (by address) a user has signed in from.
CREATE TABLE known_places (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                                    -- device | network
    place_hash TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, place_hash)
);

-- Wrong passwords and codes, counted per user and per address.
CREATE TABLE throttles (
    subject TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    first_failure_at BIGINT NOT NULL
);
