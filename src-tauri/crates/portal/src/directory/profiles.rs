use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    AttributeOperation, Contact, DirectoryError, EVENT_SOURCE, ExternalId, Kind, UserAttributes,
    check_revision, external_ids, key,
};
use crate::{
    access::{self, Principal},
    act::Act,
    audit::Event,
    clock, random, sessions,
};

/// Everything the directory says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Stable for life.
    pub id: String,
    /// What an administrator said of them.
    pub attributes: UserAttributes,
    /// Whether they may sign in.
    pub enabled: bool,
    /// What identity providers outside call them.
    pub external_ids: Vec<ExternalId>,
    /// Counts changes, from 1.
    pub revision: i64,
    /// When they were created.
    pub created_at: OffsetDateTime,
    /// By whom; none for one as old as the store.
    pub created_by: Option<String>,
    /// When they were last changed.
    pub updated_at: OffsetDateTime,
    /// By whom.
    pub updated_by: Option<String>,
}

/// What is unique about a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKey<'a> {
    /// What they sign in with.
    Name(&'a str),
    /// An email address.
    Email(&'a str),
    /// What an identity provider outside calls them.
    External {
        /// The provider.
        issuer: &'a str,
        /// Its id.
        id: &'a str,
    },
}

/// Creates an enabled user without a password.
pub async fn create_user(
    act: &mut Act<'_>,
    attributes: &UserAttributes,
) -> Result<Profile, DirectoryError> {
    attributes.check()?;
    require_unique(act.db(), "", attributes).await?;
    let id = random::time_ordered_uuid(act.now());
    let (now, by) = (clock::millis(act.now()), act.by());
    sqlx::query(
        "INSERT INTO users (id, user_name, user_name_key, display_name, attributes, enabled, \
         password_change_required, created_at, updated_at, created_by, updated_by) \
         VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $6, $7, $7)",
    )
    .bind(&id)
    .bind(&attributes.user_name)
    .bind(key(&attributes.user_name))
    .bind(&attributes.display_name)
    .bind(further(attributes))
    .bind(now)
    .bind(by)
    .execute(act.db())
    .await?;
    put_emails(act.db(), &id, &attributes.emails).await?;
    let event = Event::new(EVENT_SOURCE, "CreateUser")
        .parameters(attributes.to_document().into())
        .response(json!({ "userId": id }));
    act.record(event);
    need(act.db(), &id).await
}

/// Changes attributes of a user: all of them or, where one is refused, none. With a `revision` it
/// must be the present one.
pub async fn update_user(
    act: &mut Act<'_>,
    id: &str,
    revision: Option<&str>,
    operations: &[AttributeOperation],
) -> Result<Profile, DirectoryError> {
    let profile = need(act.db(), id).await?;
    check_revision(profile.revision, revision)?;
    let attributes = profile.attributes.changed(operations)?;
    require_unique(act.db(), id, &attributes).await?;
    let (now, by) = (clock::millis(act.now()), act.by());
    sqlx::query(
        "UPDATE users SET user_name = $2, user_name_key = $3, display_name = $4, attributes = $5, \
         revision = revision + 1, updated_at = $6, updated_by = $7 WHERE id = $1",
    )
    .bind(id)
    .bind(&attributes.user_name)
    .bind(key(&attributes.user_name))
    .bind(&attributes.display_name)
    .bind(further(&attributes))
    .bind(now)
    .bind(by)
    .execute(act.db())
    .await?;
    if attributes.emails != profile.attributes.emails {
        put_emails(act.db(), id, &attributes.emails).await?;
    }
    let changes: Vec<Value> = operations
        .iter()
        .map(|operation| {
            json!({ "attributePath": operation.path, "attributeValue": operation.value })
        })
        .collect();
    let parameters = json!({ "userId": id, "operations": changes });
    act.record(Event::new(EVENT_SOURCE, "UpdateUser").parameters(parameters));
    need(act.db(), id).await
}

/// Enables or disables a user. Disabling ends the user's sessions for good.
pub async fn set_enabled(act: &mut Act<'_>, id: &str, enabled: bool) -> Result<(), DirectoryError> {
    let (now, by) = (clock::millis(act.now()), act.by());
    let updated = sqlx::query(
        "UPDATE users SET enabled = $2, revision = revision + 1, updated_at = $3, updated_by = $4 \
         WHERE id = $1",
    )
    .bind(id)
    .bind(i64::from(enabled))
    .bind(now)
    .bind(by)
    .execute(act.db())
    .await?;
    if updated.rows_affected() == 0 {
        return Err(DirectoryError::no(Kind::User, id));
    }
    if !enabled {
        sessions::end_others(act, id, None).await?;
    }
    let name = if enabled { "EnableUser" } else { "DisableUser" };
    act.record(Event::new(EVENT_SOURCE, name).parameters(json!({ "userId": id })));
    Ok(())
}

/// Deletes a user, and with them their sessions, factors, memberships and assignments. Returns
/// whether there was one: deleting twice is fine.
pub async fn delete_user(
    act: &mut Act<'_>,
    id: &str,
    revision: Option<&str>,
) -> Result<bool, DirectoryError> {
    let Some(profile) = profile(act.db(), id).await? else {
        return Ok(false);
    };
    check_revision(profile.revision, revision)?;
    sessions::forget_all(act.db(), id).await?;
    access::forget_principal(act.db(), &Principal::User(id.to_owned())).await?;
    external_ids::forget(act.db(), id).await?;
    sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(Event::new(EVENT_SOURCE, "DeleteUser").parameters(json!({ "userId": id })));
    Ok(true)
}

/// The user with this id.
pub async fn profile(db: &mut AnyConnection, id: &str) -> Result<Option<Profile>, sqlx::Error> {
    Ok(read(db, &ONE, id, 1).await?.pop())
}

/// Users in the order of their making, from after this id (all: `""`), at most `limit`.
pub async fn profiles(
    db: &mut AnyConnection,
    after: &str,
    limit: i64,
) -> Result<Vec<Profile>, sqlx::Error> {
    read(db, &PAGE, after, limit).await
}

/// The id of the user whose key this is.
pub async fn user_id(
    db: impl Executor<'_, Database = Any>,
    by: UserKey<'_>,
) -> Result<Option<String>, sqlx::Error> {
    let query = match by {
        UserKey::Name(name) => {
            sqlx::query_scalar("SELECT id FROM users WHERE user_name_key = $1").bind(key(name))
        }
        UserKey::Email(address) => {
            sqlx::query_scalar("SELECT user_id FROM emails WHERE address_key = $1")
                .bind(key(address))
        }
        UserKey::External { issuer, id } => {
            return external_ids::principal(db, Kind::User, issuer, id).await;
        }
    };
    query.fetch_optional(db).await
}

async fn need(db: &mut AnyConnection, id: &str) -> Result<Profile, DirectoryError> {
    let found = profile(db, id).await?;
    found.ok_or_else(|| DirectoryError::no(Kind::User, id))
}

/// Refuses the names and addresses of others.
async fn require_unique(
    db: &mut AnyConnection,
    id: &str,
    attributes: &UserAttributes,
) -> Result<(), DirectoryError> {
    let others = |found: Option<String>| found.is_some_and(|found| found != id);
    if others(user_id(&mut *db, UserKey::Name(&attributes.user_name)).await?) {
        return Err(DirectoryError::Duplicate("UserName"));
    }
    let mut own = Vec::new();
    for address in attributes
        .emails
        .iter()
        .filter_map(|email| email.value.as_deref())
    {
        let twice = own.contains(&key(address));
        if twice || others(user_id(&mut *db, UserKey::Email(address)).await?) {
            return Err(DirectoryError::Duplicate("Email"));
        }
        own.push(key(address));
    }
    Ok(())
}

/// The attributes that have no column of their own.
fn further(attributes: &UserAttributes) -> String {
    let mut document = attributes.to_document();
    for name in ["userName", "displayName", "emails"] {
        document.remove(name);
    }
    Value::Object(document).to_string()
}

/// Replaces a user's addresses; one that stays keeps when it was verified.
async fn put_emails(
    db: &mut AnyConnection,
    id: &str,
    emails: &[Contact],
) -> Result<(), sqlx::Error> {
    let verified: HashMap<String, i64> = sqlx::query(
        "SELECT address_key, verified_at FROM emails \
         WHERE user_id = $1 AND verified_at IS NOT NULL",
    )
    .bind(id)
    .try_map(|row: AnyRow| Ok((row.try_get("address_key")?, row.try_get("verified_at")?)))
    .fetch_all(&mut *db)
    .await?
    .into_iter()
    .collect();
    sqlx::query("DELETE FROM emails WHERE user_id = $1")
        .bind(id)
        .execute(&mut *db)
        .await?;
    for (position, email) in (0_i64..).zip(emails) {
        let Some(address) = &email.value else {
            continue;
        };
        sqlx::query(
            "INSERT INTO emails (user_id, address, address_key, is_primary, verified_at, kind, \
             position) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(address)
        .bind(key(address))
        .bind(i64::from(email.primary))
        .bind(verified.get(&key(address)).copied())
        .bind(&email.kind)
        .bind(position)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Users, and what belongs to them: each statement takes an id and a number of users.
struct Statements {
    users: &'static str,
    emails: &'static str,
    external_ids: &'static str,
}

macro_rules! statements {
    ($which:literal) => {
        Statements {
            users: concat!("SELECT * FROM users ", $which),
            emails: concat!(
                "SELECT * FROM emails WHERE user_id IN (SELECT id FROM users ",
                $which,
                ") ORDER BY user_id, position"
            ),
            external_ids: concat!(
                "SELECT * FROM external_ids WHERE principal_id IN (SELECT id FROM users ",
                $which,
                ") ORDER BY issuer, id"
            ),
        }
    };
}

const ONE: Statements = statements!("WHERE id = $1 LIMIT $2");
const PAGE: Statements = statements!("WHERE id > $1 ORDER BY id LIMIT $2");

async fn read(
    db: &mut AnyConnection,
    statements: &Statements,
    id: &str,
    limit: i64,
) -> Result<Vec<Profile>, sqlx::Error> {
    let mut emails_of: HashMap<String, Vec<Contact>> = HashMap::new();
    let found = sqlx::query(statements.emails)
        .bind(id)
        .bind(limit)
        .try_map(|row: AnyRow| Ok((row.try_get("user_id")?, email_of(&row)?)))
        .fetch_all(&mut *db)
        .await?;
    for (id, email) in found {
        emails_of.entry(id).or_default().push(email);
    }
    let mut external = external_ids::of(&mut *db, statements.external_ids, id, limit).await?;
    sqlx::query(statements.users)
        .bind(id)
        .bind(limit)
        .try_map(|row: AnyRow| {
            let id: String = row.try_get("id")?;
            let emails = emails_of.remove(&id).unwrap_or_default();
            let external_ids = external.remove(&id).unwrap_or_default();
            profile_of(&row, id, emails, external_ids)
        })
        .fetch_all(db)
        .await
}

fn email_of(row: &AnyRow) -> Result<Contact, sqlx::Error> {
    Ok(Contact {
        value: Some(row.try_get("address")?),
        kind: row.try_get("kind")?,
        primary: row.try_get::<i64, _>("is_primary")? != 0,
    })
}

fn profile_of(
    row: &AnyRow,
    id: String,
    emails: Vec<Contact>,
    external_ids: Vec<ExternalId>,
) -> Result<Profile, sqlx::Error> {
    let further: Option<String> = row.try_get("attributes")?;
    let further: Map<String, Value> = match further {
        Some(text) => {
            serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))?
        }
        None => Map::new(),
    };
    let attributes = UserAttributes::from_document(further)
        .map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Profile {
        id,
        attributes: UserAttributes {
            user_name: row.try_get("user_name")?,
            display_name: row.try_get("display_name")?,
            emails,
            ..attributes
        },
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        external_ids,
        revision: row.try_get("revision")?,
        created_at: clock::from_millis(row.try_get("created_at")?),
        created_by: row.try_get("created_by")?,
        updated_at: clock::from_millis(row.try_get("updated_at")?),
        updated_by: row.try_get("updated_by")?,
    })
}
