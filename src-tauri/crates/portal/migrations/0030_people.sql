-- Where the link was sent: it is void once the address is no longer the user's. None: shown to the
-- administrator only.
ALTER TABLE one_time_links ADD COLUMN address_key TEXT;
CREATE INDEX one_time_links_of_user ON one_time_links (user_id);

-- How the user recognizes it: what the browser calls itself, or the network's addresses.
ALTER TABLE known_places ADD COLUMN label TEXT;

-- When the user last proved again that it is they: asked for before factors change.
ALTER TABLE portal_sessions ADD COLUMN confirmed_at BIGINT;

-- Registrations of and sign-ins with security keys under way; each challenge is answered once.
CREATE TABLE ceremonies (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state TEXT NOT NULL,           -- sealed
    expires_at BIGINT NOT NULL
);

-- Mail that has yet to be sent.
CREATE TABLE outgoing_mails (
    id TEXT PRIMARY KEY NOT NULL,
    content TEXT NOT NULL,         -- sealed: recipient, subject, text with its link
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL     -- the link in it is of no use any more
);
CREATE INDEX outgoing_mails_due ON outgoing_mails (next_attempt_at);
