//! The trail elsewhere: in a file, at a syslog server, at an HTTP collector.
//!
//! Each export has a cursor in the store, which moves once a batch has arrived: whatever happens
//! in between, nothing is left out, and only the last batch may arrive twice.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use sqlx::{Any, Executor};
use thiserror::Error;
use tokio::{task::JoinSet, time::sleep};
use url::Url;

use super::{Filter, Record};
use crate::{Portal, clock, random, store::Kind};

mod collector;
mod file;
mod syslog;

/// Records sent at once.
const BATCH: u32 = 500;
/// How often an export looks for new records.
const INTERVAL: Duration = Duration::from_millis(500);
/// The longest wait after failures, which begins with [`INTERVAL`] and doubles.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long a portal process that has begun to send a batch has it to itself.
const LEASE: time::Duration = time::Duration::seconds(90);

/// Exports by name. The name is that of the cursor: another name begins with the first record.
pub type Exports = BTreeMap<String, Destination>;

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Destination {
    /// JSON lines in a file that rotates: `audit.jsonl`, then `audit.jsonl.1`, and so on.
    File {
        /// The file, mode 600.
        path: PathBuf,
        /// Above this many bytes a new file is begun; 100 MiB unless given.
        #[serde(default = "hundred_mebibytes")]
        rotate_bytes: u64,
        /// How many full files are kept; 10 unless given.
        #[serde(default = "ten")]
        keep: u32,
    },
    /// A syslog server (RFC 5424).
    Syslog {
        /// `udp://host:514`, `tcp://host:601` (RFC 6587, counted octets) or `unix:///dev/log`.
        address: Url,
    },
    /// Splunk's HTTP Event Collector.
    Splunk {
        /// Its origin, as in `https://splunk.example.com:8088`.
        url: Url,
        /// The file that holds its token.
        token_file: PathBuf,
    },
    /// A hosted HTTP source of Sumo Logic.
    SumoLogic {
        /// The file that holds its address, which is the secret.
        url_file: PathBuf,
    },
}

fn hundred_mebibytes() -> u64 {
    100 << 20
}

fn ten() -> u32 {
    10
}

/// Why a batch did not arrive. It is sent again.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file could not be written, or the one with the secret not be read.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The syslog server could not be reached.
    #[error("the syslog server {address} cannot be reached")]
    Syslog {
        /// Where it should be.
        address: Url,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The address is none this export understands.
    #[error("{0}")]
    Address(String),
    /// The collector could not be reached. Its address may be a secret and is not told.
    #[error("the collector cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The collector did not take it.
    #[error("the collector answered {status}: {text}")]
    Refused {
        /// The status code.
        status: u16,
        /// What it said, shortened.
        text: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Carries every export of `portal` on, until it is dropped.
pub async fn run(portal: &Portal) {
    let mut running = JoinSet::new();
    for (name, destination) in portal.config().exports.clone() {
        running.spawn(carry_on(portal.clone(), name, destination));
    }
    running.join_all().await;
}

/// Never ends.
async fn carry_on(portal: Portal, name: String, destination: Destination) {
    let mut export = Export {
        holder: match portal.store().kind() {
            // Its folder is locked: nobody else can be at it.
            Kind::Sqlite => "this portal".to_owned(),
            Kind::Postgresql => random::uuid(),
        },
        sink: Sink::of(destination),
        portal,
        name,
    };
    let mut wait = INTERVAL;
    loop {
        match export.step().await {
            Ok(true) => wait = Duration::ZERO,
            Ok(false) => wait = INTERVAL,
            Err(error) => {
                wait = wait_after(&error, wait);
                let reason = reason(&error);
                tracing::warn!(export = export.name, reason, ?wait, "audit export");
            }
        }
        sleep(wait).await;
    }
}

/// How long to wait after a failure, the wait before which was `last`.
fn wait_after(error: &ExportError, last: Duration) -> Duration {
    let wanted = match error {
        ExportError::Refused {
            retry_after: Some(asked),
            ..
        } => *asked,
        _ => last * 2,
    };
    wanted.clamp(INTERVAL, LONGEST_WAIT)
}

/// What went wrong, with its causes.
fn reason(error: &ExportError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

struct Export {
    portal: Portal,
    name: String,
    holder: String,
    sink: Sink,
}

enum Sink {
    File(file::File),
    Syslog(syslog::Syslog),
    Collector(collector::Collector),
}

impl Sink {
    fn of(destination: Destination) -> Self {
        match destination {
            Destination::File {
                path,
                rotate_bytes,
                keep,
            } => Self::File(file::File {
                path,
                rotate_bytes,
                keep,
            }),
            Destination::Syslog { address } => Self::Syslog(syslog::Syslog::new(address)),
            Destination::Splunk { url, token_file } => {
                Self::Collector(collector::Collector::splunk(url, token_file))
            }
            Destination::SumoLogic { url_file } => {
                Self::Collector(collector::Collector::sumo_logic(url_file))
            }
        }
    }

    async fn send(&mut self, records: Vec<Record>) -> Result<(), ExportError> {
        match self {
            Self::File(file) => file.append(records).await,
            Self::Syslog(syslog) => syslog.send(&records).await,
            Self::Collector(collector) => collector.send(&records).await,
        }
    }
}

impl Export {
    /// Sends what is new; whether there may be more.
    async fn step(&mut self) -> Result<bool, ExportError> {
        let pool = self.portal.pool();
        let cursor = cursor(pool, &self.name).await?;
        let records = Filter::default().after(pool, cursor, BATCH).await?;
        let Some(last) = records.last().map(|record| record.sequence) else {
            return Ok(false);
        };
        if !self.lease(cursor).await? {
            return Ok(false);
        }
        let full = records.len() == BATCH as usize;
        self.sink.send(records).await?;
        sqlx::query("UPDATE audit_exports SET sequence = $3 WHERE name = $1 AND holder = $2")
            .bind(&self.name)
            .bind(&self.holder)
            .bind(last)
            .execute(&mut *self.portal.turn().await?)
            .await?;
        self.portal.metrics().exported(&self.name, last);
        Ok(full)
    }

    /// Takes the batch after `cursor` for this process, unless another is at it or past it.
    async fn lease(&self, cursor: i64) -> Result<bool, sqlx::Error> {
        let now = self.portal.now();
        let taken = sqlx::query(
            "INSERT INTO audit_exports (name, sequence, holder, held_until) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE \
             SET holder = excluded.holder, held_until = excluded.held_until \
             WHERE audit_exports.sequence = excluded.sequence \
             AND (audit_exports.holder = excluded.holder OR audit_exports.held_until < $5)",
        )
        .bind(&self.name)
        .bind(cursor)
        .bind(&self.holder)
        .bind(clock::millis(now + LEASE))
        .bind(clock::millis(now))
        .execute(&mut *self.portal.turn().await?)
        .await?;
        Ok(taken.rows_affected() > 0)
    }
}

/// The last record that has arrived; 0 if none has.
async fn cursor(db: impl Executor<'_, Database = Any>, name: &str) -> Result<i64, sqlx::Error> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT sequence FROM audit_exports WHERE name = $1")
            .bind(name)
            .fetch_optional(db)
            .await?;
    Ok(found.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(retry_after: Option<Duration>) -> ExportError {
        ExportError::Refused {
            status: 503,
            text: String::new(),
            retry_after,
        }
    }

    #[test]
    fn a_failed_batch_waits_longer_each_time_and_as_long_as_it_is_told() {
        assert_eq!(wait_after(&refused(None), Duration::ZERO), INTERVAL);
        assert_eq!(wait_after(&refused(None), INTERVAL), INTERVAL * 2);
        assert_eq!(wait_after(&refused(None), LONGEST_WAIT), LONGEST_WAIT);
        let told = |seconds| wait_after(&refused(Some(Duration::from_secs(seconds))), INTERVAL);
        assert_eq!(told(7), Duration::from_secs(7));
        assert_eq!(told(86_400), LONGEST_WAIT);
        assert_eq!(told(0), INTERVAL, "not asked without a pause");
    }
}
