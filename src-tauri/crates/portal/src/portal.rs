//! The state of one portal.

use std::{fmt, path::Path, sync::Arc};

use sqlx::AnyPool;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    audit::EventIds,
    clock::Clock,
    config::Config,
    instance::Instance,
    organization,
    rate_limit::RateLimit,
    seal::{Seal, SealError},
    store::{self, StoreError},
};

/// Why a portal could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// One portal: its store, clock, keys and settings. Clones share them; it is the state of every
/// axum route.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

struct Parts {
    pool: AnyPool,
    clock: Arc<dyn Clock>,
    seal: Seal,
    config: Config,
    rate_limit: RateLimit,
    event_ids: EventIds,
    instance: Instance,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Portal").field(self.instance()).finish()
    }
}

impl Portal {
    /// Opens the portal whose data lies in `folder`: store `portal.db`, master key `master.key`.
    pub async fn open(
        folder: &Path,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let pool = store::open(folder).await?;
        let seal = Seal::open_or_create(&folder.join("master.key"))?;
        let event_ids = EventIds::after_stored(&pool)
            .await
            .map_err(StoreError::from)?;
        let instance = Instance::open(&pool, clock.now())
            .await
            .map_err(StoreError::from)?;
        let portal = Self(Arc::new(Parts {
            pool,
            clock,
            seal,
            rate_limit: RateLimit::new(config.rate_limit),
            config,
            event_ids,
            instance,
        }));
        organization::settle(&portal)
            .await
            .map_err(StoreError::from)?;
        Ok(portal)
    }

    /// The store.
    pub fn pool(&self) -> &AnyPool {
        &self.0.pool
    }

    /// The present moment by the portal's clock.
    pub fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
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

    /// What the audit trail's next events are called.
    pub fn event_ids(&self) -> &EventIds {
        &self.0.event_ids
    }

    /// How often a portal session, or an address without one, may ask.
    pub fn rate_limit(&self) -> &RateLimit {
        &self.0.rate_limit
    }
}
