//! The audit trail: who did what, from where, with what result. Fields are named after CloudTrail.
//!
//! An event is stored before the request it describes is answered; if it cannot be, the request
//! fails. No secret ever goes in.

use std::sync::atomic::{AtomicI64, Ordering};

use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{Any, AnyPool, Executor, Row, any::AnyRow};
use time::{format_description::BorrowedFormatItem, macros::format_description};

use crate::{Portal, act::Identity, client::Client, clock, random};

/// RFC 3339 in UTC, always with milliseconds.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// What AWS calls the portal API in the audit trail.
pub const PORTAL_API: &str = "sso.amazonaws.com";

/// Something that was done or refused.
#[derive(Debug, Clone)]
pub struct Event {
    source: &'static str,
    name: &'static str,
    user: Option<(String, String)>,
    account_id: Option<String>,
    role_name: Option<String>,
    refusal: Option<(String, String)>,
    parameters: Value,
    response: Value,
    detail: Value,
}

impl Event {
    /// `name` is the operation (`CreateToken`), `source` the endpoint in AWS's form
    /// (`sso.amazonaws.com`).
    pub fn new(source: &'static str, name: &'static str) -> Self {
        Self {
            source,
            name,
            user: None,
            account_id: None,
            role_name: None,
            refusal: None,
            parameters: Value::Null,
            response: Value::Null,
            detail: Value::Null,
        }
    }

    /// The user who acted, by id (empty if unknown) and name.
    #[must_use]
    pub fn user(mut self, id: &str, name: &str) -> Self {
        self.user = Some((id.to_owned(), name.to_owned()));
        self
    }

    /// Who acted.
    #[must_use]
    pub fn by(self, identity: &Identity) -> Self {
        match identity {
            Identity::User { id, name } => self.user(id, name),
            Identity::Role(session) => self
                .user(&session.user_id, &session.session_name)
                .role(&session.account_id, &session.iam_role_name),
            Identity::Key { access_key_id } => self.user("", access_key_id),
            Identity::Machine => self.user("", "vestibule-portal"),
        }
    }

    /// The account and the role it was about.
    #[must_use]
    pub fn role(mut self, account_id: &str, role_name: &str) -> Self {
        self.account_id = Some(account_id.to_owned());
        self.role_name = Some(role_name.to_owned());
        self
    }

    /// It was refused, with this error.
    #[must_use]
    pub fn refused(mut self, code: &str, message: &str) -> Self {
        self.refusal = Some((code.to_owned(), message.to_owned()));
        self
    }

    /// It was refused, for the role is not assigned to the user, whether or not it exists.
    #[must_use]
    pub fn not_assigned(self) -> Self {
        self.refused("ForbiddenException", "No access")
    }

    /// What was asked for. Never a secret.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    /// What was made of it. Never a secret.
    #[must_use]
    pub fn response(mut self, response: Value) -> Self {
        self.response = response;
        self
    }

    /// More about it. Never a secret.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    fn whole_detail(&self) -> Value {
        let mut whole = match &self.detail {
            Value::Object(detail) => detail.clone(),
            _ => Map::new(),
        };
        let more = [
            ("requestParameters", &self.parameters),
            ("responseElements", &self.response),
        ];
        for (name, value) in more {
            if !value.is_null() {
                whole.insert(name.to_owned(), value.clone());
            }
        }
        match whole.is_empty() {
            true => Value::Null,
            false => whole.into(),
        }
    }
}

/// Makes the ids of events. They sort by time; within a millisecond, and while the clock shows what
/// it has shown before, by the order of their making.
#[derive(Debug)]
pub struct EventIds(AtomicI64);

impl EventIds {
    /// Ids that follow those in the store.
    pub async fn after_stored(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let last: Option<String> =
            sqlx::query_scalar("SELECT id FROM audit_events ORDER BY id DESC LIMIT 1")
                .fetch_optional(pool)
                .await?;
        let last = last.and_then(|id| i64::from_str_radix(id.get(..16)?, 16).ok());
        Ok(Self(AtomicI64::new(last.unwrap_or_default())))
    }

    fn next(&self, now: i64) -> String {
        const PER_MILLISECOND: i64 = 1 << 16;
        let wanted = now * PER_MILLISECOND;
        let follow = |last: i64| Some(wanted.max(last + 1));
        let previous = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, follow)
            .unwrap_or_default();
        let id = wanted.max(previous + 1);
        format!("{id:016x}-{}", random::characters(b"0123456789abcdef", 8))
    }
}

/// Stores `event`, which came from `client`.
pub async fn record(portal: &Portal, client: &Client, event: Event) -> Result<(), sqlx::Error> {
    append(portal.pool(), portal, client, event).await
}

/// Stores `event` with whatever else `db`, a transaction, stores.
pub async fn append(
    db: impl Executor<'_, Database = Any>,
    portal: &Portal,
    client: &Client,
    event: Event,
) -> Result<(), sqlx::Error> {
    let detail = event.whole_detail();
    let now = clock::millis(portal.now());
    let (user_id, user_name) = event.user.unzip();
    let (error_code, error_message) = event.refusal.unzip();
    tracing::info!(
        event = event.name,
        user = user_name.as_deref(),
        address = %client.address,
        error = error_code.as_deref(),
        "audit"
    );
    sqlx::query(
        "INSERT INTO audit_events (id, event_time, event_source, event_name, user_id, user_name, \
         source_address, user_agent, account_id, role_name, error_code, error_message, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(portal.event_ids().next(now))
    .bind(now)
    .bind(event.source)
    .bind(event.name)
    .bind(user_id)
    .bind(user_name)
    .bind(client.address.to_string())
    .bind(&client.user_agent)
    .bind(event.account_id)
    .bind(event.role_name)
    .bind(error_code)
    .bind(error_message)
    .bind(detail.to_string())
    .execute(db)
    .await?;
    Ok(())
}

/// A stored event. Its JSON has CloudTrail's names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Unique, ordered by time.
    #[serde(rename = "eventID")]
    pub id: String,
    /// RFC 3339, with milliseconds.
    pub event_time: String,
    /// The endpoint, as in `sso.amazonaws.com`.
    pub event_source: String,
    /// The operation.
    pub event_name: String,
    /// The user's id, where one was recognized.
    pub user_id: Option<String>,
    /// The user's name; `HIDDEN_DUE_TO_SECURITY_REASONS` where none was recognized.
    pub user_name: Option<String>,
    /// Where it came from.
    #[serde(rename = "sourceIPAddress")]
    pub source_address: String,
    /// With what.
    pub user_agent: String,
    /// The account it was about.
    pub account_id: Option<String>,
    /// The role it was about.
    pub role_name: Option<String>,
    /// Why it was refused; none if it succeeded.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// Whatever else belongs to it.
    pub additional_event_data: Value,
}

/// Events whose id is greater than `after` (all: `""`), oldest first, at most `limit`.
pub async fn read(pool: &AnyPool, after: &str, limit: u32) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query("SELECT * FROM audit_events WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after)
        .bind(i64::from(limit))
        .try_map(record_of)
        .fetch_all(pool)
        .await
}

fn record_of(row: AnyRow) -> Result<Record, sqlx::Error> {
    let detail: String = row.try_get("detail")?;
    Ok(Record {
        id: row.try_get("id")?,
        event_time: clock::from_millis(row.try_get("event_time")?)
            .format(TIME)
            .unwrap_or_default(),
        event_source: row.try_get("event_source")?,
        event_name: row.try_get("event_name")?,
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        source_address: row.try_get("source_address")?,
        user_agent: row.try_get("user_agent")?,
        account_id: row.try_get("account_id")?,
        role_name: row.try_get("role_name")?,
        error_code: row.try_get("error_code")?,
        error_message: row.try_get("error_message")?,
        additional_event_data: serde_json::from_str(&detail).unwrap_or_default(),
    })
}
