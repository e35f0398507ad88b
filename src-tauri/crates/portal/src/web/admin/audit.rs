//! The audit trail: what was done by whom, and its export.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;
use serde::Deserialize;
use time::{
    OffsetDateTime, Time, format_description::BorrowedFormatItem, macros::format_description,
};

use super::{
    Section, accounts,
    administrator::Administrator,
    listing::address,
    moment,
    problem::Problem,
    view::{Card, Cell, Field, Form, Input, Link, Table, Tone},
};
use crate::{
    Portal,
    audit::{Filter, Record},
    web::Refusal,
};

const PATH: &str = "/admin/audit";
/// Records on a page, and in one step of an export.
const PER_PAGE: u32 = 50;
const PER_STEP: u32 = 500;
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The headings over [`row`].
pub(super) const COLUMNS: [&str; 4] = ["Event", "When", "Who", "Result"];

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .route("/admin/audit/export", get(export))
        .route("/admin/audit/{sequence}", get(show))
}

/// What is sought in the trail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Sought {
    user: String,
    event: String,
    account: String,
    since: String,
    until: String,
    failed: String,
    before: String,
}

impl Sought {
    fn filter(&self) -> Result<Filter, Problem> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Filter {
            user_name: text(&self.user),
            event_name: text(&self.event),
            account_id: text(&self.account),
            since: day("since", &self.since)?,
            // The day itself is meant too.
            until: day("until", &self.until)?.map(|day| day.saturating_add(time::Duration::DAY)),
            failed: !self.failed.is_empty(),
        })
    }

    fn address(&self, path: &str, before: &str) -> String {
        let query = [
            ("user", self.user.as_str()),
            ("event", &self.event),
            ("account", &self.account),
            ("since", &self.since),
            ("until", &self.until),
            ("failed", &self.failed),
            ("before", before),
        ];
        address(path, &query)
    }

    fn form(&self) -> Form {
        let date = "As in 2026-11-22, in UTC.";
        Form::asking("filter", PATH)
            .field(Field::line("user", "User name").value(&self.user))
            .field(
                Field::line("event", "Event")
                    .value(&self.event)
                    .hint("As in CreateUser."),
            )
            .field(Field::line("account", "Account id").value(&self.account))
            .field(
                Field::line("since", "From the day")
                    .value(&self.since)
                    .hint(date),
            )
            .field(
                Field::line("until", "To the day")
                    .value(&self.until)
                    .hint(date),
            )
            .field(Field::new("failed", "Failed only", Input::Tick).value(&self.failed))
            .button("Show", Tone::Primary, None)
    }
}

/// The beginning of the day in this field, if there is one in it.
fn day(field: &str, text: &str) -> Result<Option<OffsetDateTime>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = time::Date::parse(text, DATE)
        .map_err(|_| Problem::with(field, "That is no day. Write one as 2026-11-22."))?;
    Ok(Some(date.with_time(Time::MIDNIGHT).assume_utc()))
}

/// The last records, newest first.
pub(super) async fn recent(
    administrator: &Administrator,
    limit: u32,
) -> Result<Vec<Record>, sqlx::Error> {
    let pool = administrator.portal.pool();
    Filter::default().before(pool, i64::MAX, limit).await
}

/// A record under [`COLUMNS`].
pub(super) fn row(record: &Record) -> Vec<Cell> {
    let result = match &record.error_code {
        None => Cell::badge(Tone::Primary, "Done"),
        Some(code) => Cell::badge(Tone::Danger, "Refused").quiet(code),
    };
    vec![
        Cell::link(&record.event_name, format!("{PATH}/{}", record.sequence)),
        moment(record.time).into(),
        who(record).into(),
        result,
    ]
}

/// A name, or the program itself: what `vestibule-portal` was told on the portal's machine.
fn who(record: &Record) -> String {
    match &record.user_name {
        Some(name) => name.clone(),
        None => {
            let identity = &record.value()["userIdentity"];
            identity["invokedBy"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

async fn list(
    administrator: Administrator,
    Query(sought): Query<Sought>,
) -> Result<Response, Refusal> {
    let before = sought.before.parse().unwrap_or(i64::MAX);
    let pool = administrator.portal.pool();
    let (mut found, problem) = match sought.filter() {
        Ok(filter) => (filter.before(pool, before, PER_PAGE + 1).await?, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let limit = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let more = found
        .last()
        .filter(|_| has_more)
        .map(|last| sought.address(PATH, &last.sequence.to_string()));
    let table = Table::new("Events", &COLUMNS, "No event is like that.")
        .rows(found.iter().map(row))
        .more(more);
    let page = administrator
        .page(Section::Audit, "Audit trail")?
        .link(Link::to(
            "Export as JSON lines",
            sought.address("/admin/audit/export", ""),
        ))
        .card(Card::new("filter-card", "").search(sought.form().troubled(problem.as_ref())))
        .card(Card::new("events", "Events").table(table));
    match problem {
        Some(_) => administrator.show_again(&page),
        None => administrator.show(&page),
    }
}

async fn show(
    administrator: Administrator,
    Path(sequence): Path<i64>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let found = Filter::default()
        .after(pool, sequence.saturating_sub(1), 1)
        .await?;
    let Some(record) = found.into_iter().find(|record| record.sequence == sequence) else {
        return administrator.gone("event");
    };
    let text = serde_json::to_string_pretty(&record.value()).unwrap_or_default();
    let mut card = Card::new("event", "About")
        .fact("When", moment(record.time))
        .fact("Who", who(&record))
        .fact(
            "Result",
            record.error_code.clone().unwrap_or("Done".to_owned()),
        );
    if let Some(account) = &record.account_id {
        card = card.fact("Account", Cell::link(account, accounts::path(account)));
    }
    let page = administrator
        .page(Section::Audit, &record.event_name)?
        .back("Audit trail", PATH)
        .card(card.fact("Hash", record.hash.as_str()))
        .card(Card::new("record", "The whole record").code(text));
    administrator.show(&page)
}

/// Sends the records a step at a time, oldest first: a trail of any length needs little memory.
async fn export(
    administrator: Administrator,
    Query(sought): Query<Sought>,
) -> Result<Response, Refusal> {
    let Ok(filter) = sought.filter() else {
        // The page says what is wrong.
        return list(administrator, Query(sought)).await;
    };
    let begin = (administrator.portal, filter, 0);
    let steps = stream::try_unfold(begin, async |(portal, filter, after)| {
        let step = filter.after(portal.pool(), after, PER_STEP).await?;
        let Some(last) = step.last() else {
            return Ok::<_, sqlx::Error>(None);
        };
        let after = last.sequence;
        let lines: String = step
            .iter()
            .map(|record| format!("{}\n", record.text))
            .collect();
        Ok(Some((lines, (portal, filter, after))))
    });
    let body = Body::from_stream(steps);
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.jsonl\"",
        ),
    ];
    Ok((headers, body).into_response())
}
