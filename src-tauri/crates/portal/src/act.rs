//! One administrative act: who acts, what is changed, and the audit records of it, stored together
//! or not at all.
//!
//! A function of the domain that changes something takes an [`Act`], checks everything, changes the
//! store through [`Act::db`] and says what it did with [`Act::record`]. Whoever calls it, an API, a
//! page or a command, does so inside [`perform`].

use serde_json::Value;
use sqlx::AnyConnection;
use time::OffsetDateTime;

use crate::{
    Portal,
    access::RoleSession,
    audit::{self, Event},
    client::Client,
    store::Write,
};

/// So many records of one act are held in memory.
const MANY: usize = 512;

/// Who acts, and from where.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub identity: Identity,
    /// From where.
    pub client: Client,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A user of the directory, in the portal's pages.
    User {
        /// The user's id.
        id: String,
        /// What they sign in with.
        name: String,
    },
    /// The holder of a role's credentials.
    Role(RoleSession),
    /// The holder of an administrator's key.
    Key {
        /// `AKIA…`
        access_key_id: String,
    },
    /// `vestibule-portal` itself, run on the portal's machine.
    Machine,
}

impl Actor {
    /// A command of `vestibule-portal` on the portal's machine.
    pub fn machine() -> Self {
        Self {
            identity: Identity::Machine,
            client: Client::this_machine("vestibule-portal"),
        }
    }
}

impl Identity {
    /// How AWS would name them: the ARN of a role session, the id of a key, the name of a user.
    pub fn name(&self, partition: &str) -> String {
        match self {
            Self::User { name, .. } => name.clone(),
            Self::Role(session) => session.arn(partition),
            Self::Key { access_key_id } => access_key_id.clone(),
            Self::Machine => "vestibule-portal".to_owned(),
        }
    }
}

/// What an error of the domain tells all doors alike.
pub trait Refusal: std::error::Error {
    /// AWS's name of the exception, as in `ConflictException`. `InternalServerException` says that
    /// the portal failed: its text is logged, not shown.
    fn code(&self) -> &'static str;

    /// Further members of the exception, as in `{"Reason": "UNIQUENESS_CONSTRAINT_VIOLATION"}`.
    fn members(&self) -> Value {
        Value::Null
    }
}

/// An act under way: a writing transaction, and the audit records that are stored with it.
#[derive(Debug)]
pub struct Act<'a> {
    portal: &'a Portal,
    actor: &'a Actor,
    now: OffsetDateTime,
    transaction: Write,
    events: Vec<Event>,
}

impl<'a> Act<'a> {
    /// Begins an act. Dropped without [`Act::commit`], it has not happened.
    pub async fn begin(portal: &'a Portal, actor: &'a Actor) -> Result<Self, sqlx::Error> {
        Ok(Self {
            portal,
            actor,
            now: portal.now(),
            transaction: portal.write().await?,
            events: Vec::new(),
        })
    }

    /// The store, inside the transaction.
    pub fn db(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// The moment of the act: the same throughout.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The portal. Its pool is outside the transaction, and an act that waits for another turn to
    /// write waits for itself.
    pub fn portal(&self) -> &'a Portal {
        self.portal
    }

    /// The name of who acts.
    pub fn by(&self) -> String {
        self.actor.identity.name(&self.portal.config().partition)
    }

    /// Adds a record of what was done. Never a secret.
    pub fn record(&mut self, event: Event) {
        self.events.push(event.by(&self.actor.identity));
    }

    /// Stores the records so far within the act's transaction once there are many, so that an
    /// act of many thousand steps need not hold them all in memory.
    pub async fn spill(&mut self) -> Result<(), sqlx::Error> {
        if self.events.len() < MANY {
            return Ok(());
        }
        let events = std::mem::take(&mut self.events);
        let client = &self.actor.client;
        audit::append_part(&mut self.transaction, self.portal, client, events).await
    }

    /// Stores the changes and their records.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        audit::append(
            &mut self.transaction,
            self.portal,
            &self.actor.client,
            self.events,
        )
        .await?;
        self.transaction.commit().await
    }
}

/// Runs one act: it is stored when `work` succeeds. Otherwise nothing of it is, and the refusal is
/// recorded as the operation `name` of `source` with these `parameters`, which hold no secret.
pub async fn perform<T, E>(
    portal: &Portal,
    actor: &Actor,
    source: &'static str,
    name: &'static str,
    parameters: Value,
    work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
) -> Result<T, E>
where
    E: Refusal + From<sqlx::Error>,
{
    let mut act = Act::begin(portal, actor).await?;
    let worked = work(&mut act).await;
    match worked {
        Ok(done) => {
            act.commit().await?;
            Ok(done)
        }
        Err(error) => {
            // Its write lock goes before the refusal is stored.
            drop(act);
            let event = Event::new(source, name)
                .by(&actor.identity)
                .parameters(parameters)
                .refused(error.code(), &error.to_string());
            audit::record(portal, &actor.client, event).await?;
            Err(error)
        }
    }
}
