//! Transactions that write: one at a time.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, watch},
    time::timeout,
};

use super::{Kind, is_conflict};

/// How long a server may take to say that it is still there.
const ANSWER: Duration = Duration::from_secs(10);

/// A transaction that writes: the only one in the whole store. Dropped without
/// [`Write::commit`], it has not happened.
#[derive(Debug)]
pub struct Write {
    turn: Turn,
    unsettled: Unsettled,
}

/// The turn to write, for single statements: each is a transaction of its own.
#[derive(Debug)]
pub struct Turn(OwnedMappedMutexGuard<Option<AnyConnection>, AnyConnection>);

/// The connection that writes: one of its own, so that nobody waits for it behind those who read, and
/// who waits for it keeps none from them. SQLite's also keeps its pages from one change to the next;
/// those of the others count for nothing once somebody else has written.
#[derive(Clone)]
pub(super) struct Writer(Arc<Parts>);

struct Parts {
    kind: Kind,
    /// Where the connection is taken from.
    pool: AnyPool,
    /// Locked by whose turn it is; none before the first, and once it was hung up.
    connection: Arc<Mutex<Option<AnyConnection>>>,
    /// Whether a transaction may have begun there that was neither committed nor taken back.
    unsettled: AtomicBool,
    changed: watch::Sender<()>,
}

/// A transaction that is taken back unless it is committed, even if nobody waits any more to hear that
/// it has begun.
struct Unsettled(Writer);

type Slot = OwnedMutexGuard<Option<AnyConnection>>;

impl Writer {
    /// One that connects when it is first needed, and tells `changed` what was committed.
    pub(super) fn new(kind: Kind, pool: AnyPool, changed: watch::Sender<()>) -> Self {
        Self(Arc::new(Parts {
            kind,
            pool,
            connection: Arc::default(),
            unsettled: AtomicBool::new(false),
            changed,
        }))
    }

    /// Begins a transaction once every other has ended.
    pub(super) async fn begin(&self) -> Result<Write, sqlx::Error> {
        let mut turn = self.turn().await?;
        let unsettled = Unsettled::new(self);
        if let Err(error) = turn.execute(self.0.kind.begin()).await {
            if is_conflict(&error) {
                // It has not begun: the connection is as good as before.
                unsettled.settled();
            }
            return Err(error);
        }
        Ok(Write { turn, unsettled })
    }

    /// Waits for the turn to write.
    pub(super) async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let mut slot = self.slot().await;
        self.settle(&mut slot).await;
        if !self.is_answering(&mut slot).await {
            *slot = Some(self.0.pool.acquire().await?.detach());
        }
        let connection = OwnedMutexGuard::try_map(slot, Option::as_mut);
        connection.map(Turn).map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Hangs up once the present transaction has ended.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.slot().await.take() {
            // It has nothing left to do.
            let _ = connection.close().await;
        }
    }

    async fn slot(&self) -> Slot {
        self.0.connection.clone().lock_owned().await
    }

    /// Takes back what was begun and not committed.
    async fn settle(&self, slot: &mut Slot) {
        if !self.0.unsettled.load(Ordering::Relaxed) {
            return;
        }
        if let Some(connection) = slot.as_mut() {
            let taken_back = timeout(ANSWER, connection.execute("ROLLBACK")).await;
            if !matches!(taken_back, Ok(Ok(_))) {
                // Whatever state it is in, hanging up ends it.
                **slot = None;
            }
        }
        self.0.unsettled.store(false, Ordering::Relaxed);
    }

    /// Whether there is a connection, and somebody at its other end: a server may have hung up.
    async fn is_answering(&self, slot: &mut Slot) -> bool {
        match (slot.as_mut(), self.0.kind) {
            (None, _) => false,
            (Some(_), Kind::Sqlite) => true,
            (Some(connection), Kind::Postgresql) => {
                matches!(timeout(ANSWER, connection.ping()).await, Ok(Ok(())))
            }
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.0.kind).finish()
    }
}

impl Unsettled {
    fn new(writer: &Writer) -> Self {
        writer.0.unsettled.store(true, Ordering::Relaxed);
        Self(writer.clone())
    }

    fn settled(&self) {
        self.0.0.unsettled.store(false, Ordering::Relaxed);
    }
}

impl fmt::Debug for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        let unsettled = self.0.0.unsettled.load(Ordering::Relaxed);
        // At once, for other processes may wait. Where nothing runs any more, the program's end does it.
        if unsettled && let Ok(runtime) = Handle::try_current() {
            let writer = self.0.clone();
            runtime.spawn(async move {
                let mut slot = writer.slot().await;
                writer.settle(&mut slot).await;
            });
        }
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
        self.turn.execute("COMMIT").await?;
        self.unsettled.settled();
        self.unsettled.0.0.changed.send_replace(());
        Ok(())
    }
}

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.turn
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.turn
    }
}

impl Deref for Turn {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.0
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.0
    }
}
