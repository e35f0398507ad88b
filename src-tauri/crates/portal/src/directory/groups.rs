use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    AttributeOperation, DirectoryError, EVENT_SOURCE, ExternalId, Kind, TEXT, check_revision,
    external_ids, key, not_reserved, with_small_letter,
};
use crate::{
    access::{self, Principal},
    act::Act,
    audit::Event,
    check::{self, Constraint, Invalid},
    clock, random,
};

const ONE: &str = "SELECT * FROM groups WHERE id = $1 LIMIT $2";
const ONE_EXTERNAL: &str = "SELECT * FROM external_ids WHERE principal_id = $1 LIMIT $2";
const PAGE: &str = "SELECT * FROM groups WHERE id > $1 ORDER BY id LIMIT $2";
const PAGE_EXTERNAL: &str = "SELECT * FROM external_ids WHERE principal_id IN \
     (SELECT id FROM groups WHERE id > $1 ORDER BY id LIMIT $2) ORDER BY issuer, id";

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Stable for life.
    pub id: String,
    /// Unique regardless of case.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What identity providers outside call it.
    pub external_ids: Vec<ExternalId>,
    /// Counts changes, from 1.
    pub revision: i64,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// By whom; none for one as old as the store.
    pub created_by: Option<String>,
    /// When its name or description was last changed.
    pub updated_at: OffsetDateTime,
    /// By whom.
    pub updated_by: Option<String>,
}

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup<'a> {
    /// Unique regardless of case: 1 to 1,024 characters.
    pub display_name: &'a str,
    /// What it is for: 1 to 1,024 characters.
    pub description: Option<&'a str>,
}

/// What is unique about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKey<'a> {
    /// Its name.
    Name(&'a str),
    /// What an identity provider outside calls it.
    External {
        /// The provider.
        issuer: &'a str,
        /// Its id.
        id: &'a str,
    },
}

impl NewGroup<'_> {
    fn check(&self) -> Result<(), DirectoryError> {
        check::length("displayName", self.display_name, 1..=1024)?;
        TEXT.check("displayName", self.display_name)?;
        not_reserved("displayName", self.display_name)?;
        if let Some(description) = self.description {
            check::length("description", description, 1..=1024)?;
            TEXT.check("description", description)?;
        }
        Ok(())
    }
}

/// Creates a group without members.
pub async fn create_group(act: &mut Act<'_>, new: &NewGroup<'_>) -> Result<Group, DirectoryError> {
    new.check()?;
    require_unique(act.db(), "", new.display_name).await?;
    let id = random::time_ordered_uuid(act.now());
    let (now, by) = (clock::millis(act.now()), act.by());
    sqlx::query(
        "INSERT INTO groups (id, display_name, display_name_key, description, created_at, \
         updated_at, created_by, updated_by) VALUES ($1, $2, $3, $4, $5, $5, $6, $6)",
    )
    .bind(&id)
    .bind(new.display_name)
    .bind(key(new.display_name))
    .bind(new.description)
    .bind(now)
    .bind(by)
    .execute(act.db())
    .await?;
    let event = Event::new(EVENT_SOURCE, "CreateGroup")
        .parameters(json!({ "displayName": new.display_name, "description": new.description }))
        .response(json!({ "groupId": id }));
    act.record(event);
    need(act.db(), &id).await
}

/// Changes a group's `displayName` and `description`: all that is asked or nothing. With a
/// `revision` it must be the present one.
pub async fn update_group(
    act: &mut Act<'_>,
    id: &str,
    revision: Option<&str>,
    operations: &[AttributeOperation],
) -> Result<Group, DirectoryError> {
    let group = need(act.db(), id).await?;
    check_revision(group.revision, revision)?;
    check::count("operations", "operations", operations.len(), 1..=100)?;
    let mut wanted = NewGroup {
        display_name: &group.display_name,
        description: group.description.as_deref(),
    };
    for operation in operations {
        change(&mut wanted, operation)?;
    }
    wanted.check()?;
    require_unique(act.db(), id, wanted.display_name).await?;
    let (now, by) = (clock::millis(act.now()), act.by());
    sqlx::query(
        "UPDATE groups SET display_name = $2, display_name_key = $3, description = $4, \
         revision = revision + 1, updated_at = $5, updated_by = $6 WHERE id = $1",
    )
    .bind(id)
    .bind(wanted.display_name)
    .bind(key(wanted.display_name))
    .bind(wanted.description)
    .bind(now)
    .bind(by)
    .execute(act.db())
    .await?;
    let parameters = json!({
        "groupId": id,
        "displayName": wanted.display_name,
        "description": wanted.description,
    });
    act.record(Event::new(EVENT_SOURCE, "UpdateGroup").parameters(parameters));
    need(act.db(), id).await
}

/// Deletes a group, and with it its memberships and assignments. Returns whether there was one:
/// deleting twice is fine.
pub async fn delete_group(
    act: &mut Act<'_>,
    id: &str,
    revision: Option<&str>,
) -> Result<bool, DirectoryError> {
    let Some(group) = group(act.db(), id).await? else {
        return Ok(false);
    };
    check_revision(group.revision, revision)?;
    access::forget_principal(act.db(), &Principal::Group(id.to_owned())).await?;
    external_ids::forget(act.db(), id).await?;
    sqlx::query("DELETE FROM groups WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(Event::new(EVENT_SOURCE, "DeleteGroup").parameters(json!({ "groupId": id })));
    Ok(true)
}

/// The group with this id.
pub async fn group(db: &mut AnyConnection, id: &str) -> Result<Option<Group>, sqlx::Error> {
    Ok(read(db, ONE, ONE_EXTERNAL, id, 1).await?.pop())
}

/// Groups in the order of their making, from after this id (all: `""`), at most `limit`.
pub async fn groups(
    db: &mut AnyConnection,
    after: &str,
    limit: i64,
) -> Result<Vec<Group>, sqlx::Error> {
    read(db, PAGE, PAGE_EXTERNAL, after, limit).await
}

/// The id of the group whose key this is.
pub async fn group_id(
    db: impl Executor<'_, Database = Any>,
    by: GroupKey<'_>,
) -> Result<Option<String>, sqlx::Error> {
    match by {
        GroupKey::Name(name) => {
            sqlx::query_scalar("SELECT id FROM groups WHERE display_name_key = $1")
                .bind(key(name))
                .fetch_optional(db)
                .await
        }
        GroupKey::External { issuer, id } => {
            external_ids::principal(db, Kind::Group, issuer, id).await
        }
    }
}

pub(super) async fn need(db: &mut AnyConnection, id: &str) -> Result<Group, DirectoryError> {
    let found = group(db, id).await?;
    found.ok_or_else(|| DirectoryError::no(Kind::Group, id))
}

async fn require_unique(
    db: &mut AnyConnection,
    id: &str,
    display_name: &str,
) -> Result<(), DirectoryError> {
    let found = group_id(db, GroupKey::Name(display_name)).await?;
    match found.is_some_and(|found| found != id) {
        true => Err(DirectoryError::Duplicate("GroupDisplayName")),
        false => Ok(()),
    }
}

fn change<'a>(
    group: &mut NewGroup<'a>,
    operation: &'a AttributeOperation,
) -> Result<(), DirectoryError> {
    let text = match &operation.value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.as_str()),
        Some(other) => {
            let problem = Constraint::Other("Member must be a text".to_owned());
            return Err(Invalid::new("attributeValue", other.to_string(), problem).into());
        }
    };
    match with_small_letter(&operation.path).as_str() {
        "displayName" => group.display_name = text.unwrap_or_default(),
        "description" => group.description = text,
        _ => {
            return Err(DirectoryError::Attribute {
                attribute: operation.path.clone(),
                problem: "The attribute is not supported".to_owned(),
            });
        }
    }
    Ok(())
}

async fn read(
    db: &mut AnyConnection,
    groups: &'static str,
    external: &'static str,
    id: &str,
    limit: i64,
) -> Result<Vec<Group>, sqlx::Error> {
    let mut external_ids = external_ids::of(&mut *db, external, id, limit).await?;
    sqlx::query(groups)
        .bind(id)
        .bind(limit)
        .try_map(|row: AnyRow| {
            let id: String = row.try_get("id")?;
            Ok(Group {
                external_ids: external_ids.remove(&id).unwrap_or_default(),
                id,
                display_name: row.try_get("display_name")?,
                description: row.try_get("description")?,
                revision: row.try_get("revision")?,
                created_at: clock::from_millis(row.try_get("created_at")?),
                created_by: row.try_get("created_by")?,
                updated_at: clock::from_millis(row.try_get("updated_at")?),
                updated_by: row.try_get("updated_by")?,
            })
        })
        .fetch_all(db)
        .await
}
