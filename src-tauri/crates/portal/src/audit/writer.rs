//! The writer: events that wait at the same time are stored with one commit.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::{mpsc, oneshot};

use super::{Entry, chain};
use crate::{
    instance::Instance,
    seal::Seal,
    store::{self, Store},
};

/// So many may wait; whoever comes then waits to be let in.
const WAITING: usize = 4096;
/// So many are stored with one commit at most.
const GROUP: usize = 512;
/// How often a group is tried that another process got in the way of.
const TRIES: usize = 5;

/// Stores events one group after the other, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Writer {
    sender: mpsc::Sender<Waiting>,
    waiting: Arc<AtomicI64>,
}

#[derive(Debug)]
struct Waiting {
    entry: Entry,
    stored: oneshot::Sender<Result<(), Arc<sqlx::Error>>>,
}

impl Writer {
    /// Starts writing to `store`. What waits is still written when the last handle is gone.
    pub(crate) fn start(store: Store, seal: Seal, instance: Instance) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let waiting = Arc::new(AtomicI64::new(0));
        let trail = Trail {
            store,
            seal,
            instance,
        };
        tokio::spawn(write_all(trail, receiver, waiting.clone()));
        Self { sender, waiting }
    }

    /// How many events are not stored yet.
    pub(crate) fn waiting(&self) -> i64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Resolves once `entry` is stored durably.
    pub(super) async fn store(&self, entry: Entry) -> Result<(), sqlx::Error> {
        let (stored, outcome) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting { entry, stored };
        if self.sender.send(waiting).await.is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(sqlx::Error::WorkerCrashed);
        }
        match outcome.await {
            Ok(outcome) => outcome.map_err(|error| sqlx::Error::AnyDriverError(Box::new(error))),
            Err(_) => Err(sqlx::Error::WorkerCrashed),
        }
    }
}

/// What the writer writes to.
struct Trail {
    store: Store,
    seal: Seal,
    instance: Instance,
}

async fn write_all(trail: Trail, mut receiver: mpsc::Receiver<Waiting>, waiting: Arc<AtomicI64>) {
    let mut group = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut group, GROUP).await > 0 {
        let (entries, stored): (Vec<_>, Vec<_>) = group
            .drain(..)
            .map(|waiting| (waiting.entry, waiting.stored))
            .unzip();
        let outcome = trail.append(&entries).await.map_err(Arc::new);
        if let Err(error) = &outcome {
            tracing::error!(%error, events = entries.len(), "the audit trail could not be written");
        }
        for stored in stored {
            waiting.fetch_sub(1, Ordering::Relaxed);
            // Whoever asked may have given up.
            let _ = stored.send(outcome.clone());
        }
    }
}

impl Trail {
    async fn append(&self, entries: &[Entry]) -> Result<(), sqlx::Error> {
        let mut tries = 1;
        loop {
            match self.try_append(entries).await {
                Err(error) if tries < TRIES && store::is_conflict(&error) => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn try_append(&self, entries: &[Entry]) -> Result<(), sqlx::Error> {
        let mut db = self.store.write().await?;
        chain::append(&mut db, &self.seal, &self.instance, entries).await?;
        db.commit().await
    }
}
