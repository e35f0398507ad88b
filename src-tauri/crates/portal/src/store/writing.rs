//! Transactions that write: one at a time.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{AnyConnection, Connection, Executor, any::AnyConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, watch},
};

use super::Kind;

/// A transaction that writes: the only one in the whole store. Dropped without
/// [`Write::commit`], it has not happened.
#[derive(Debug)]
pub struct Write {
    connection: OwnedMappedMutexGuard<Option<AnyConnection>, AnyConnection>,
    writer: Writer,
}

/// The connection that writes: one of its own, so that nobody waits for it behind those who read.
/// SQLite's also keeps its pages from one change to the next; those of the others count for nothing
/// once somebody else has written.
#[derive(Debug, Clone)]
pub(super) struct Writer(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    kind: Kind,
    options: AnyConnectOptions,
    /// Locked by whose turn it is; none before the first, and once it was hung up.
    connection: Arc<Mutex<Option<AnyConnection>>>,
    /// Whether a transaction has begun there that was neither committed nor taken back.
    unsettled: AtomicBool,
    changed: watch::Sender<()>,
}

impl Writer {
    /// One that connects when it is first needed, and tells `changed` what was committed.
    pub(super) fn new(kind: Kind, options: AnyConnectOptions, changed: watch::Sender<()>) -> Self {
        Self(Arc::new(Parts {
            kind,
            options,
            connection: Arc::default(),
            unsettled: AtomicBool::new(false),
            changed,
        }))
    }

    /// Begins a transaction once every other has ended.
    pub(super) async fn begin(&self) -> Result<Write, sqlx::Error> {
        let Parts { kind, options, .. } = &*self.0;
        let mut turn = self.turn().await;
        self.settle(&mut turn).await;
        self.0.unsettled.store(true, Ordering::Relaxed);
        if let Some(kept) = &mut *turn {
            match kept.execute(kind.begin()).await {
                Ok(_) => {}
                // A server may have hung up since.
                Err(_) if *kind == Kind::Postgresql => *turn = None,
                Err(error) => return Err(error),
            }
        }
        if turn.is_none() {
            let mut new = AnyConnection::connect_with(options).await?;
            new.execute(kind.first()).await?;
            new.execute(kind.begin()).await?;
            *turn = Some(new);
        }
        let connection = OwnedMutexGuard::try_map(turn, Option::as_mut);
        Ok(Write {
            connection: connection.map_err(|_| sqlx::Error::PoolClosed)?,
            writer: self.clone(),
        })
    }

    /// Hangs up once the present transaction has ended.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.turn().await.take() {
            // It has nothing left to do.
            let _ = connection.close().await;
        }
    }

    async fn turn(&self) -> OwnedMutexGuard<Option<AnyConnection>> {
        self.0.connection.clone().lock_owned().await
    }

    /// Takes back what was begun and not committed.
    async fn settle(&self, turn: &mut Option<AnyConnection>) {
        if !self.0.unsettled.load(Ordering::Relaxed) {
            return;
        }
        if let Some(connection) = turn
            && connection.execute("ROLLBACK").await.is_err()
        {
            // Whatever state it is in, hanging up ends it.
            *turn = None;
        }
        self.0.unsettled.store(false, Ordering::Relaxed);
    }
}

impl Kind {
    /// Between processes the store itself lets in one at a time.
    fn begin(self) -> &'static str {
        match self {
            // One that read first and then wanted to write would fail instead of waiting.
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgresql => "BEGIN; LOCK TABLE audit_head IN EXCLUSIVE MODE",
        }
    }
}

impl Write {
    /// Makes it last.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.connection.execute("COMMIT").await?;
        self.writer.0.unsettled.store(false, Ordering::Relaxed);
        self.writer.0.changed.send_replace(());
        Ok(())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let unsettled = self.writer.0.unsettled.load(Ordering::Relaxed);
        // At once, for other processes may wait. Where nothing runs any more, the program's end does it.
        if unsettled && let Ok(runtime) = Handle::try_current() {
            let writer = self.writer.clone();
            runtime.spawn(async move { writer.settle(&mut *writer.turn().await).await });
        }
    }
}

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
