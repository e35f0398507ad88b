-- The audit trail as a chain: each record's hash is made of the hash before it and its own text.
DROP TABLE audit_events;

CREATE TABLE audit_records (
    sequence BIGINT PRIMARY KEY NOT NULL,                  -- 1, 2, 3… without a gap
    event_time BIGINT NOT NULL,
    event_name TEXT NOT NULL,
    user_name TEXT,
    account_id TEXT,
    error_code TEXT,                                       -- none: it succeeded
    record TEXT NOT NULL,                                  -- JSON, as it was hashed
    hash TEXT NOT NULL                                     -- SHA-256, hexadecimal
);
CREATE INDEX audit_records_of_user ON audit_records (user_name, sequence);
CREATE INDEX audit_records_of_event ON audit_records (event_name, sequence);
CREATE INDEX audit_records_of_account ON audit_records (account_id, sequence);
CREATE INDEX audit_records_by_time ON audit_records (event_time);

-- One row: the end of the chain, signed with the master key.
CREATE TABLE audit_head (
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    signature TEXT NOT NULL
);
INSERT INTO audit_head (sequence, hash, signature) VALUES (0, '', '');

-- How far each export has come, and which portal process carries it on.
CREATE TABLE audit_exports (
    name TEXT PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);
