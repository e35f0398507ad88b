//! The audit trail: who did what, from where, with what result, in CloudTrail's form.
//!
//! An event is stored before the request it describes is answered; if it cannot be, the request
//! fails. No secret ever goes in. The records form a chain: whatever is changed, moved or taken
//! away later, [`verify()`] names.

use crate::{Portal, client::Client, store::Write};

mod chain;
mod event;
pub mod export;
mod trail;
mod verify;
mod writer;

use event::Entry;
pub use event::Event;
pub use trail::{Filter, Record};
pub use verify::{Flaw, Verified, verify};
pub(crate) use writer::Writer;

/// What AWS calls the portal API in the audit trail.
pub const PORTAL_API: &str = "sso.amazonaws.com";

/// What AWS calls the directory there, where it is about passwords, factors and invitations.
pub const DIRECTORY: &str = "sso-directory.amazonaws.com";

/// Stores `event`, which came from `client`, on its own. It waits for the store's one writer: never
/// call it within a transaction that writes, which would wait for itself; see [`append`].
pub async fn record(portal: &Portal, client: &Client, event: Event) -> Result<(), sqlx::Error> {
    let entry = Entry::new(portal, client, event);
    entry.tell(portal);
    portal.audit_writer().store(entry).await
}

/// Stores `events`, which came from `client`, together with what else `db`'s transaction changes.
pub async fn append(
    db: &mut Write,
    portal: &Portal,
    client: &Client,
    events: Vec<Event>,
) -> Result<(), sqlx::Error> {
    for entry in store(db, portal, client, events).await? {
        entry.tell(portal);
    }
    Ok(())
}

/// Stores a part of the `events` of a large transaction that may yet be given up: they stand in the
/// trail if it is not, but neither in the program's log nor in its metrics.
pub(crate) async fn append_part(
    db: &mut Write,
    portal: &Portal,
    client: &Client,
    events: Vec<Event>,
) -> Result<(), sqlx::Error> {
    store(db, portal, client, events).await.map(drop)
}

async fn store(
    db: &mut Write,
    portal: &Portal,
    client: &Client,
    events: Vec<Event>,
) -> Result<Vec<Entry>, sqlx::Error> {
    let entry = |event| Entry::new(portal, client, event);
    let entries: Vec<Entry> = events.into_iter().map(entry).collect();
    if !entries.is_empty() {
        chain::append(db, portal.seal(), portal.instance(), &entries).await?;
    }
    Ok(entries)
}
