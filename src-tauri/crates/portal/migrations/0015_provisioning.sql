-- A permission set's revision counts its changes; a role keeps the revision it was provisioned
-- from, and with it the length of its sessions, its relay state and its policies.
ALTER TABLE permission_sets ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE provisioned_roles ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

CREATE TABLE permission_set_revisions (
    permission_set_id TEXT NOT NULL REFERENCES permission_sets (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    session_seconds BIGINT NOT NULL,
    relay_state TEXT,
    PRIMARY KEY (permission_set_id, revision)
);
INSERT INTO permission_set_revisions (permission_set_id, revision, session_seconds, relay_state)
    SELECT id, revision, session_seconds, relay_state FROM permission_sets;

CREATE TABLE permission_set_revision_policies (
    permission_set_id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,                                    -- as in permission_set_policies
    name TEXT NOT NULL,
    document TEXT,
    PRIMARY KEY (permission_set_id, revision, kind, name),
    FOREIGN KEY (permission_set_id, revision)
        REFERENCES permission_set_revisions (permission_set_id, revision) ON DELETE CASCADE
);
INSERT INTO permission_set_revision_policies (permission_set_id, revision, kind, name, document)
    SELECT permission_set_id, 1, kind, name, document FROM permission_set_policies;

CREATE INDEX provisioned_roles_of_set ON provisioned_roles (permission_set_id, account_id);
CREATE INDEX assignments_of_set ON assignments (permission_set_id, account_id);

-- What was asked for that AWS does later, and how it ended. Kept for 90 days.
CREATE TABLE access_requests (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,              -- assignment_creation | assignment_deletion | provisioning
    status TEXT NOT NULL,                                  -- IN_PROGRESS | SUCCEEDED | FAILED
    failure_reason TEXT,
    permission_set_id TEXT NOT NULL,
    account_id TEXT,                                       -- none: all that have the role
    principal_kind TEXT,                                   -- USER | GROUP; of assignments
    principal_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX access_requests_by_time ON access_requests (kind, created_at, id);
CREATE INDEX access_requests_by_age ON access_requests (created_at);
