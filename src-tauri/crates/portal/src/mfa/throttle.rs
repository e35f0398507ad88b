use std::net::IpAddr;

use time::Duration;

use super::network_of;
use crate::{Portal, clock, random};

/// Failures are counted for this long after the first one.
const WINDOW: Duration = Duration::minutes(15);

/// What failures are counted for.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// Passwords tried for a user name, whether there is such a user or not.
    Password(&'a str),
    /// Codes tried for a user, by id.
    Code(&'a str),
    /// Anything tried from a network.
    Network(IpAddr),
}

impl Subject<'_> {
    /// How many failures a window allows. A network may hold an office behind one address.
    fn allowance(self) -> i64 {
        match self {
            Self::Password(_) => 10,
            Self::Code(_) => 5,
            Self::Network(_) => 100,
        }
    }

    /// Hashed: what is typed as a user name is now and then a password.
    fn key(self) -> String {
        random::hash(&match self {
            Self::Password(name) => format!("password {}", name.trim().to_lowercase()),
            Self::Code(user_id) => format!("code {user_id}"),
            Self::Network(address) => format!("network {}", network_of(address)),
        })
    }
}

/// One try at a password or a code. It counts as a failure from its beginning, so that many tries
/// at once get no further than one after the other, until it is told to have [`succeeded`].
///
/// [`succeeded`]: Attempt::succeeded
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    subjects: [Subject<'a>; 2],
    allowed: bool,
}

impl<'a> Attempt<'a> {
    /// Begins a try at `subject` from `address`.
    pub async fn begin(
        portal: &Portal,
        subject: Subject<'a>,
        address: IpAddr,
    ) -> Result<Self, sqlx::Error> {
        let subjects = [subject, Subject::Network(address)];
        let mut allowed = true;
        for subject in subjects {
            allowed &= count(portal, subject).await? <= subject.allowance();
        }
        Ok(Self { subjects, allowed })
    }

    /// Whether there were few enough failures before this try.
    pub fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// Takes the try back, and with it all failures of its own subject; those of the network stay,
    /// or one working password would pay for guessing others.
    pub async fn succeeded(self, portal: &Portal) -> Result<(), sqlx::Error> {
        let [own, network] = self.subjects;
        sqlx::query("DELETE FROM throttles WHERE subject = $1")
            .bind(own.key())
            .execute(portal.pool())
            .await?;
        sqlx::query("UPDATE throttles SET failures = failures - 1 WHERE subject = $1")
            .bind(network.key())
            .execute(portal.pool())
            .await?;
        Ok(())
    }
}

/// Counts one failure and returns how many there are in this window. Windows that are over go.
async fn count(portal: &Portal, subject: Subject<'_>) -> Result<i64, sqlx::Error> {
    let now = portal.now();
    sqlx::query("DELETE FROM throttles WHERE first_failure_at <= $1")
        .bind(clock::millis(now - WINDOW))
        .execute(portal.pool())
        .await?;
    sqlx::query_scalar(
        "INSERT INTO throttles (subject, failures, first_failure_at) VALUES ($1, 1, $2) \
         ON CONFLICT (subject) DO UPDATE SET failures = throttles.failures + 1 \
         RETURNING failures",
    )
    .bind(subject.key())
    .bind(clock::millis(now))
    .fetch_one(portal.pool())
    .await
}
