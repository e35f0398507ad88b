-- Roles in accounts, besides those of permission sets, that others may assume.
CREATE TABLE iam_roles (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role_id TEXT NOT NULL,                                 -- AROA…
    trusted_principal TEXT NOT NULL,                       -- an ARN, * for any characters
    require_mfa BIGINT NOT NULL,
    external_id TEXT,
    longest_session_seconds BIGINT NOT NULL,               -- 3600 to 43200
    PRIMARY KEY (account_id, name)
);
