CREATE TABLE organizational_units (
    id TEXT PRIMARY KEY NOT NULL,
    parent_id TEXT REFERENCES organizational_units (id),   -- none: directly under the root
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,                          -- twelve digits
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    status TEXT NOT NULL,                                  -- ACTIVE | SUSPENDED
    is_management BIGINT NOT NULL,
    unit_id TEXT REFERENCES organizational_units (id),
    joined_at BIGINT NOT NULL
);
