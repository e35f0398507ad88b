//! Reading the trail.

use serde_json::Value;
use sqlx::{Any, AssertSqlSafe, Executor, Row, any::AnyRow, query::Query};
use time::OffsetDateTime;

use crate::clock;

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the chain: 1, 2, 3…
    pub sequence: i64,
    /// When it happened, to the millisecond.
    pub time: OffsetDateTime,
    /// The operation.
    pub event_name: String,
    /// The name of the user who acted (`HIDDEN_DUE_TO_SECURITY_REASONS` where none was
    /// recognized), or an administrator's access key.
    pub user_name: Option<String>,
    /// The account it was about.
    pub account_id: Option<String>,
    /// Why it was refused; none if it succeeded.
    pub error_code: Option<String>,
    /// The whole of it in CloudTrail's form, JSON, as it was hashed.
    pub text: String,
    /// SHA-256 of the hash before it and `text`, hexadecimal.
    pub hash: String,
}

impl Record {
    /// The whole of it in CloudTrail's form; null if `text` was tampered with.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    fn of(row: AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            sequence: row.try_get("sequence")?,
            time: clock::from_millis(row.try_get("event_time")?),
            event_name: row.try_get("event_name")?,
            user_name: row.try_get("user_name")?,
            account_id: row.try_get("account_id")?,
            error_code: row.try_get("error_code")?,
            text: row.try_get("record")?,
            hash: row.try_get("hash")?,
        })
    }
}

/// Which records are wanted; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of the user with this name.
    pub user_name: Option<String>,
    /// Of this operation.
    pub event_name: Option<String>,
    /// About this account.
    pub account_id: Option<String>,
    /// Not before this moment.
    pub since: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// Refused ones only.
    pub failed: bool,
}

/// What a statement is asked with.
enum Argument<'a> {
    Number(i64),
    Text(&'a str),
}

impl Filter {
    /// Records after the place `after` (0: from the first), oldest first, at most `limit`.
    pub async fn after(
        &self,
        db: impl Executor<'_, Database = Any>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Record>, sqlx::Error> {
        self.find(db, ("sequence > $1", "ASC"), after, limit).await
    }

    /// Records before the place `before` (`i64::MAX`: from the last), newest first, at most
    /// `limit`.
    pub async fn before(
        &self,
        db: impl Executor<'_, Database = Any>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Record>, sqlx::Error> {
        self.find(db, ("sequence < $1", "DESC"), before, limit)
            .await
    }

    async fn find(
        &self,
        db: impl Executor<'_, Database = Any>,
        (place, order): (&str, &str),
        from: i64,
        limit: u32,
    ) -> Result<Vec<Record>, sqlx::Error> {
        let mut conditions = place.to_owned();
        let mut arguments = vec![Argument::Number(from)];
        for (condition, argument) in self.conditions() {
            arguments.push(argument);
            conditions.push_str(&format!(" AND {condition} ${}", arguments.len()));
        }
        if self.failed {
            conditions.push_str(" AND error_code IS NOT NULL");
        }
        let statement = format!(
            "SELECT * FROM audit_records WHERE {conditions} ORDER BY sequence {order} LIMIT {limit}"
        );
        // Made of the fixed parts above and a number.
        let query = sqlx::query(AssertSqlSafe(statement));
        arguments
            .iter()
            .fold(query, bind)
            .try_map(Record::of)
            .fetch_all(db)
            .await
    }

    fn conditions(&self) -> impl Iterator<Item = (&'static str, Argument<'_>)> {
        let texts = [
            ("user_name =", &self.user_name),
            ("event_name =", &self.event_name),
            ("account_id =", &self.account_id),
        ];
        let times = [("event_time >=", self.since), ("event_time <", self.until)];
        let texts = texts
            .into_iter()
            .filter_map(|(condition, text)| Some((condition, Argument::Text(text.as_deref()?))));
        let times = times.into_iter().filter_map(|(condition, time)| {
            Some((condition, Argument::Number(clock::millis(time?))))
        });
        texts.chain(times)
    }
}

fn bind<'q>(
    query: Query<'q, Any, sqlx::any::AnyArguments>,
    argument: &Argument<'_>,
) -> Query<'q, Any, sqlx::any::AnyArguments> {
    match argument {
        Argument::Number(number) => query.bind(*number),
        Argument::Text(text) => query.bind((*text).to_owned()),
    }
}
