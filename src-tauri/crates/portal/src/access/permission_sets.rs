use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::{Duration, OffsetDateTime};

use super::{AccessError, EVENT_SOURCE, Tag, format_session_duration, session_duration, tags};
use crate::{
    act::Act,
    audit::Event,
    check::{self, Invalid, Pattern},
    clock, random, store,
};

/// How long a permission set's sessions last unless it says otherwise.
pub const DEFAULT_SESSION: Duration = Duration::HOUR;

static NAME: Pattern = Pattern::new(r"[0-9A-Za-z_+=,.@-]+");
static DESCRIPTION: Pattern =
    Pattern::new(r"[\u{0009}\u{000A}\u{000D}\u{0020}-\u{007E}\u{00A1}-\u{00FF}]*");
static RELAY_STATE: Pattern = Pattern::new(r#"[a-zA-Z0-9&$@#\\/%?=~\-_'"|!:,.;*+\[\] (){}]+"#);

/// A permission set: what becomes a role in every account it is assigned in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSet {
    /// `ps-` and sixteen hexadecimal digits.
    pub id: String,
    /// Unique.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// 1 to 12 hours.
    pub session: Duration,
    /// Where in the console its users land.
    pub relay_state: Option<String>,
    /// When it was created.
    pub created_at: OffsetDateTime,
}

/// What a permission set is made of, besides its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPermissionSet<'a> {
    /// Letters, digits and `+=,.@-_`, 32 at most.
    pub name: &'a str,
    /// What it is for, 700 characters at most.
    pub description: Option<&'a str>,
    /// 1 to 12 hours.
    pub session: Duration,
    /// Where in the console its users land.
    pub relay_state: Option<&'a str>,
}

impl NewPermissionSet<'_> {
    fn check(&self) -> Result<(), Invalid> {
        check::length("name", self.name, 1..=32)?;
        NAME.check("name", self.name)?;
        check_description(self.description)?;
        session_duration::check(self.session)?;
        check_relay_state(self.relay_state)
    }
}

/// What to change of a permission set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PermissionSetChange<'a> {
    /// None: stays. Within: none, it says nothing any more, which AWS's operation cannot do.
    pub description: Option<Option<&'a str>>,
    /// None: stays.
    pub session: Option<Duration>,
    /// None: it has none any more, as AWS does.
    pub relay_state: Option<&'a str>,
}

/// Creates a permission set without policies.
pub async fn create_permission_set(
    act: &mut Act<'_>,
    new: &NewPermissionSet<'_>,
    tags: &[Tag],
) -> Result<PermissionSet, AccessError> {
    new.check()?;
    tags::check(tags)?;
    let now = act.now();
    if permission_set_by_name(act.db(), new.name).await?.is_some() {
        let text = format!("PermissionSet with name {} already exists.", new.name);
        return Err(AccessError::Conflict(text));
    }
    let id = insert(act.db(), now, new).await?;
    tags::put(act.db(), &id, tags).await?;
    let parameters = json!({
        "name": new.name,
        "description": new.description,
        "sessionDuration": format_session_duration(new.session),
        "relayState": new.relay_state,
        "tags": tags::detail(tags),
    });
    let event = Event::new(EVENT_SOURCE, "CreatePermissionSet").parameters(parameters);
    act.record(event.response(json!({ "permissionSet": { "permissionSetId": id } })));
    need(act.db(), &id).await
}

/// Changes a permission set. Where its session or relay state changed, its roles are out of date
/// until they are provisioned again.
pub async fn update_permission_set(
    act: &mut Act<'_>,
    id: &str,
    change: &PermissionSetChange<'_>,
) -> Result<(), AccessError> {
    check_description(change.description.flatten())?;
    check_relay_state(change.relay_state)?;
    let found = need(act.db(), id).await?;
    let description = change.description.unwrap_or(found.description.as_deref());
    let session = change.session.unwrap_or(found.session);
    session_duration::check(session)?;
    let now = clock::millis(act.now());
    sqlx::query(
        "UPDATE permission_sets SET description = $2, session_seconds = $3, relay_state = $4, \
         updated_at = $5 WHERE id = $1",
    )
    .bind(id)
    .bind(description)
    .bind(session.whole_seconds())
    .bind(change.relay_state)
    .bind(now)
    .execute(act.db())
    .await?;
    if session != found.session || change.relay_state != found.relay_state.as_deref() {
        revise(act.db(), id).await?;
    }
    let event = Event::new(EVENT_SOURCE, "UpdatePermissionSet").parameters(json!({
        "permissionSetId": id,
        "description": change.description,
        "sessionDuration": change.session.map(format_session_duration),
        "relayState": change.relay_state,
    }));
    act.record(event);
    Ok(())
}

/// Deletes a permission set that is assigned to nobody, with the roles that were provisioned from
/// it all the same.
pub async fn delete_permission_set(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let assigned: Option<String> = sqlx::query_scalar(
        "SELECT account_id FROM assignments WHERE permission_set_id = $1 LIMIT 1",
    )
    .bind(id)
    .fetch_optional(act.db())
    .await?;
    if assigned.is_some() {
        let text = format!(
            "PermissionSet with id {id} is assigned to at least one account. Delete its \
             assignments first."
        );
        return Err(AccessError::Conflict(text));
    }
    tags::remove_all(act.db(), id).await?;
    sqlx::query("DELETE FROM permission_sets WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(Event::new(EVENT_SOURCE, "DeletePermissionSet").parameters(about(id)));
    Ok(())
}

/// The permission set with this id.
pub async fn permission_set(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<PermissionSet>, sqlx::Error> {
    sqlx::query("SELECT * FROM permission_sets WHERE id = $1")
        .bind(id)
        .try_map(permission_set_of)
        .fetch_optional(db)
        .await
}

/// The permission set with this name.
pub async fn permission_set_by_name(
    db: impl Executor<'_, Database = Any>,
    name: &str,
) -> Result<Option<PermissionSet>, sqlx::Error> {
    sqlx::query("SELECT * FROM permission_sets WHERE name = $1")
        .bind(name)
        .try_map(permission_set_of)
        .fetch_optional(db)
        .await
}

/// The names of the permission sets with these ids, by id.
pub async fn permission_set_names(
    db: impl Executor<'_, Database = Any>,
    ids: &[String],
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    store::names(db, "SELECT id, name FROM permission_sets", ids).await
}

/// Permission sets by id: those after the id `after` (all: `""`), at most `limit`.
pub async fn permission_sets(
    db: impl Executor<'_, Database = Any>,
    after: &str,
    limit: i64,
) -> Result<Vec<PermissionSet>, sqlx::Error> {
    sqlx::query("SELECT * FROM permission_sets WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after)
        .bind(limit)
        .try_map(permission_set_of)
        .fetch_all(db)
        .await
}

/// The permission set with this id, or the refusal that there is none.
pub(crate) async fn need(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<PermissionSet, AccessError> {
    let found = permission_set(db, id).await?;
    found.ok_or_else(|| AccessError::no("PermissionSet", id))
}

/// Puts the roles of a permission set out of date.
pub(super) async fn revise(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE permission_sets SET revision = revision + 1 WHERE id = $1")
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// What the audit trail says of an act on this permission set.
pub(super) fn about(id: &str) -> Value {
    json!({ "permissionSetId": id })
}

async fn insert(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    new: &NewPermissionSet<'_>,
) -> Result<String, sqlx::Error> {
    let id = format!("ps-{}", random::characters(b"0123456789abcdef", 16));
    sqlx::query(
        "INSERT INTO permission_sets (id, name, description, session_seconds, relay_state, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(&id)
    .bind(new.name)
    .bind(new.description)
    .bind(new.session.whole_seconds())
    .bind(new.relay_state)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(id)
}

fn check_description(description: Option<&str>) -> Result<(), Invalid> {
    let Some(description) = description else {
        return Ok(());
    };
    check::length("description", description, 1..=700)?;
    DESCRIPTION.check("description", description)
}

fn check_relay_state(relay_state: Option<&str>) -> Result<(), Invalid> {
    let Some(relay_state) = relay_state else {
        return Ok(());
    };
    check::length("relayState", relay_state, 1..=240)?;
    RELAY_STATE.check("relayState", relay_state)
}

fn permission_set_of(row: AnyRow) -> Result<PermissionSet, sqlx::Error> {
    Ok(PermissionSet {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        session: Duration::seconds(row.try_get("session_seconds")?),
        relay_state: row.try_get("relay_state")?,
        created_at: clock::from_millis(row.try_get("created_at")?),
    })
}
