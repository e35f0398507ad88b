CREATE TABLE audit_events (
    id TEXT PRIMARY KEY NOT NULL,                          -- ordered by time
    event_time BIGINT NOT NULL,
    event_source TEXT NOT NULL,
    event_name TEXT NOT NULL,
    user_id TEXT,
    user_name TEXT,
    source_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    account_id TEXT,
    role_name TEXT,
    error_code TEXT,                                       -- none: it succeeded
    error_message TEXT,
    detail TEXT NOT NULL                                   -- JSON
);
CREATE INDEX audit_events_of_user ON audit_events (user_name, id);
