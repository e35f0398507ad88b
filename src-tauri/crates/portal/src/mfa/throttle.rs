use std::net::IpAddr;

use time::Duration;

use super::host_of;
use crate::{Portal, clock, directory, random};

/// Failures are counted for this long after the first one.
const WINDOW: Duration = Duration::minutes(15);

/// What failures are counted for.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// Passwords tried for a user name, whether there is such a user or not.
    Password {
        /// As typed.
        user_name: &'a str,
        /// The browser, if this user has signed in with it before: it has a count of its own, so
        /// that a stranger's guesses do not lock users out of their own browser.
        known_device: Option<&'a str>,
    },
    /// Codes of an authenticator tried for a user, by id.
    Code(&'a str),
    /// Device codes tried in a portal session, by its id.
    DeviceCode(&'a str),
    /// Anything tried from an address.
    Address(IpAddr),
}

impl Subject<'_> {
    /// How many failures a window allows. A whole office may be behind one address.
    fn allowance(self) -> i64 {
        match self {
            Self::Password { .. } => 10,
            Self::Code(_) | Self::DeviceCode(_) => 5,
            Self::Address(_) => 100,
        }
    }

    /// Hashed: what is typed as a user name is now and then a password.
    fn key(self) -> String {
        random::hash(&match self {
            Self::Password {
                user_name,
                known_device,
            } => format!(
                "password {} {}",
                known_device.unwrap_or_default(),
                directory::key(user_name)
            ),
            Self::Code(user_id) => format!("code {user_id}"),
            Self::DeviceCode(session_id) => format!("device code {session_id}"),
            Self::Address(address) => format!("address {}", host_of(address)),
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
        let subjects = [subject, Subject::Address(address)];
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

    /// Takes the try back, and with it all failures of its own subject; those of the address stay,
    /// or one working password would pay for guessing others.
    pub async fn succeeded(self, portal: &Portal) -> Result<(), sqlx::Error> {
        let [own, address] = self.subjects;
        sqlx::query("DELETE FROM throttles WHERE subject = $1")
            .bind(own.key())
            .execute(portal.pool())
            .await?;
        sqlx::query("UPDATE throttles SET failures = failures - 1 WHERE subject = $1")
            .bind(address.key())
            .execute(portal.pool())
            .await?;
        Ok(())
    }
}

/// Counts one failure and returns how many there are in this window. Windows that are over go, and
/// those that have yet to begin: the clock was ahead when they were counted.
async fn count(portal: &Portal, subject: Subject<'_>) -> Result<i64, sqlx::Error> {
    let now = portal.now();
    sqlx::query("DELETE FROM throttles WHERE first_failure_at <= $1 OR first_failure_at > $2")
        .bind(clock::millis(now - WINDOW))
        .bind(clock::millis(now))
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
