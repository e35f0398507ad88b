//! Mail the portal sends: kept in the store with whatever it tells of, sent soon after. Without an
//! SMTP server it becomes files in the outbox, a folder of the data folder.

mod delivery;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{Row, any::AnyRow};
use thiserror::Error;
use time::OffsetDateTime;

use crate::{Portal, act::Act, clock, random, seal::SealError};

/// What mail is sealed for.
const PURPOSE: &str = "mail";
/// How often it is looked for.
const ROUND: Duration = Duration::from_secs(1);
/// How many are sent in one round.
const AT_ONCE: i64 = 50;
/// How long after a failure it is tried again, twice as long each time.
const FIRST_PAUSE: time::Duration = time::Duration::seconds(30);
/// But no longer than this.
const LONGEST_PAUSE: time::Duration = time::Duration::hours(1);

/// Why mail was not written or sent.
#[derive(Debug, Error)]
pub enum MailError {
    /// The text could not be written.
    #[error(transparent)]
    Text(#[from] askama::Error),
    /// It could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The recipient's or the sender's address is none.
    #[error("the address {address:?} is none")]
    Address {
        /// As it stands in the directory or in the configuration.
        address: String,
        /// What is wrong with it.
        #[source]
        source: lettre::address::AddressError,
    },
    /// It has no valid form.
    #[error("the mail could not be composed")]
    Compose(#[from] lettre::error::Error),
    /// The server did not take it.
    #[error("the mail server did not take it")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// It could not be written to the outbox.
    #[error("the outbox {folder} cannot be written to")]
    Outbox {
        /// The folder.
        folder: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// A mail to one person. Its text holds a secret.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// In one line.
    pub subject: String,
    /// In lines.
    pub text: SecretString,
}

/// Whether mail can be sent to this address.
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

/// Leaves a mail to be sent once `act` is done; not after `expires_at`.
pub async fn post(
    act: &mut Act<'_>,
    mail: &Mail,
    expires_at: OffsetDateTime,
) -> Result<(), MailError> {
    let content = (&mail.to, &mail.subject, mail.text.expose_secret());
    let sealed = act.portal().seal().seal(PURPOSE, &content)?;
    let now = act.now();
    sqlx::query(
        "INSERT INTO outgoing_mails (id, content, attempts, next_attempt_at, expires_at) \
         VALUES ($1, $2, 0, $3, $4)",
    )
    .bind(random::uuid())
    .bind(sealed)
    .bind(clock::millis(now))
    .bind(clock::millis(expires_at))
    .execute(act.db())
    .await?;
    Ok(())
}

/// Sends what is to be sent, again and again. Never ends.
pub async fn keep_sending(portal: &Portal) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = send_due(portal).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "no mail could be sent"
            );
        }
    }
}

/// Sends what is due once; what fails stays for later.
pub async fn send_due(portal: &Portal) -> Result<(), MailError> {
    let due: Vec<Waiting> = sqlx::query(
        "SELECT id, content, attempts, next_attempt_at FROM outgoing_mails \
         WHERE next_attempt_at <= $1 AND expires_at > $1 ORDER BY next_attempt_at LIMIT $2",
    )
    .bind(clock::millis(portal.now()))
    .bind(AT_ONCE)
    .try_map(waiting_of)
    .fetch_all(portal.pool())
    .await?;
    for waiting in due {
        if !claim(portal, &waiting).await? {
            continue;
        }
        match deliver(portal, &waiting).await {
            Ok(()) => forget(portal, &waiting.id).await?,
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                attempt = waiting.attempts + 1,
                "a mail could not be sent; it stays for later"
            ),
        }
    }
    Ok(())
}

struct Waiting {
    id: String,
    content: String,
    attempts: i64,
    next_attempt_at: i64,
}

/// Makes the mail this process's to send, and due again later should that fail. Whether no other
/// was faster.
async fn claim(portal: &Portal, waiting: &Waiting) -> Result<bool, sqlx::Error> {
    let doublings = u32::try_from(waiting.attempts.clamp(0, 16)).unwrap_or_default();
    let pause = (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE);
    let claimed = sqlx::query(
        "UPDATE outgoing_mails SET attempts = attempts + 1, next_attempt_at = $3 \
         WHERE id = $1 AND next_attempt_at = $2",
    )
    .bind(&waiting.id)
    .bind(waiting.next_attempt_at)
    .bind(clock::millis(portal.now() + pause))
    .execute(&mut *portal.turn().await?)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

async fn deliver(portal: &Portal, waiting: &Waiting) -> Result<(), MailError> {
    let (to, subject, text): (String, String, String) =
        portal.seal().open(PURPOSE, &waiting.content)?;
    let mail = Mail {
        to,
        subject,
        text: text.into(),
    };
    delivery::deliver(portal, &waiting.id, &mail).await
}

async fn forget(portal: &Portal, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM outgoing_mails WHERE id = $1")
        .bind(id)
        .execute(&mut *portal.turn().await?)
        .await?;
    Ok(())
}

fn waiting_of(row: AnyRow) -> Result<Waiting, sqlx::Error> {
    Ok(Waiting {
        id: row.try_get("id")?,
        content: row.try_get("content")?,
        attempts: row.try_get("attempts")?,
        next_attempt_at: row.try_get("next_attempt_at")?,
    })
}
