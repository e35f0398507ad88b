//! The state of one portal.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::AnyPool;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    audit,
    clock::Clock,
    config::Config,
    instance::Instance,
    metrics::Metrics,
    mfa, organization,
    rate_limit::RateLimit,
    seal::{Seal, SealError},
    store::{self, Store, StoreError, Turn, Write},
};

/// The setting that says which master key the store was made with, by its fingerprint.
pub(crate) const MASTER_KEY: &str = "master_key";

/// Why a portal could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store was made with a master key that is not here.
    #[error(
        "the store was made with a master key that is not in {0}; put a copy of that portal's \
         master.key there"
    )]
    NoKey(PathBuf),
    /// The master key here is not the store's.
    #[error("the store was made with another master key than the one in {0}")]
    OtherKey(PathBuf),
}

/// One portal: its store, clock, keys and settings. Clones share them; it is the state of every
/// axum route.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    seal: Seal,
    config: Config,
    rate_limit: RateLimit,
    instance: Instance,
    audit_writer: audit::Writer,
    metrics: Metrics,
    stopping: AtomicBool,
    outbox: PathBuf,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Portal").field(self.instance()).finish()
    }
}

impl Portal {
    /// Opens the portal whose data lies in `folder`: the master key `master.key`, mail that nobody
    /// sends in `outbox`, and, unless the settings name a database, the store `portal.db`.
    pub async fn open(
        folder: &Path,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let store = match &config.database {
            Some(url) => Store::connect(url).await?,
            None => Store::open(folder).await?,
        };
        let seal = open_seal(folder, &store).await?;
        mfa::configure(store.pool(), &config).await?;
        let instance = Instance::open(&store, clock.now())
            .await
            .map_err(StoreError::from)?;
        let audit_writer = audit::Writer::start(store.clone(), seal.clone(), instance.clone());
        let portal = Self(Arc::new(Parts {
            store,
            clock,
            seal,
            rate_limit: RateLimit::new(config.rate_limit),
            config,
            instance,
            audit_writer,
            metrics: Metrics::default(),
            stopping: AtomicBool::new(false),
            outbox: folder.join("outbox"),
        }));
        organization::settle(&portal)
            .await
            .map_err(StoreError::from)?;
        Ok(portal)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The store's connections that read.
    pub fn pool(&self) -> &AnyPool {
        self.0.store.pool()
    }

    /// Begins a transaction that will write; see [`Store::write`].
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        self.0.store.write().await
    }

    /// The present moment by the portal's clock.
    pub fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    /// The turn to write single statements; see [`Store::turn`].
    pub async fn turn(&self) -> Result<Turn, sqlx::Error> {
        self.0.store.turn().await
    }

    /// Seals what is handed out without being stored.
    pub fn seal(&self) -> &Seal {
        &self.0.seal
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What the portal is called in AWS's terms.
    pub fn instance(&self) -> &Instance {
        &self.0.instance
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Whether it is about to end.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_to_stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn audit_writer(&self) -> &audit::Writer {
        &self.0.audit_writer
    }

    /// Where mail goes that no server takes.
    pub fn outbox(&self) -> &Path {
        &self.0.outbox
    }

    /// How often a portal session, or an address without one, may ask.
    pub fn rate_limit(&self) -> &RateLimit {
        &self.0.rate_limit
    }
}

/// The seal of the master key in `folder`, if it is the one the store was made with. A new store's
/// key is made.
async fn open_seal(folder: &Path, store: &Store) -> Result<Seal, OpenError> {
    let path = folder.join("master.key");
    let mut db = store.pool().acquire().await.map_err(StoreError::from)?;
    let known = store::setting(&mut *db, MASTER_KEY).await;
    if known.map_err(StoreError::from)?.is_some() && !path.exists() {
        return Err(OpenError::NoKey(folder.to_owned()));
    }
    store::create_private_dir(folder).map_err(|source| StoreError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    let seal = Seal::open_or_create(&path)?;
    let own = seal.fingerprint();
    let first = store::first_setting(&mut db, MASTER_KEY, &own).await;
    // Another process may have been first, with a key of its own.
    if first.map_err(StoreError::from)? != own {
        return Err(OpenError::OtherKey(path));
    }
    Ok(seal)
}
