use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::{AccessError, EVENT_SOURCE};
use crate::{
    act::Act,
    audit::Event,
    check::{self, Constraint, Invalid, Pattern},
};

/// How many tags a resource has.
const MOST: usize = 75;

static TEXT: Pattern = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*");

/// A key and a value that an administrator gave the instance, a permission set, an application or a
/// trusted token issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// 1 to 128 characters.
    pub key: String,
    /// At most 256 characters.
    pub value: String,
}

/// TagResource: adds tags to `resource_id`, an id that exists; a key it has already gets the new
/// value.
pub async fn tag_resource(
    act: &mut Act<'_>,
    resource_id: &str,
    tags: &[Tag],
) -> Result<(), AccessError> {
    check(tags)?;
    put(act.db(), resource_id, tags).await?;
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM identity_center_tags WHERE resource_id = $1")
            .bind(resource_id)
            .fetch_one(act.db())
            .await?;
    if usize::try_from(count).unwrap_or(usize::MAX) > MOST {
        let text = format!("{resource_id} would have more than {MOST} tags.");
        return Err(AccessError::Quota(text));
    }
    let parameters = json!({ "resourceId": resource_id, "tags": detail(tags) });
    act.record(Event::new(EVENT_SOURCE, "TagResource").parameters(parameters));
    Ok(())
}

/// UntagResource: removes the tags with these keys, where there are such.
pub async fn untag_resource(
    act: &mut Act<'_>,
    resource_id: &str,
    keys: &[&str],
) -> Result<(), AccessError> {
    check::count("tagKeys", &keys.join(", "), keys.len(), 1..=MOST)?;
    for key in keys {
        sqlx::query("DELETE FROM identity_center_tags WHERE resource_id = $1 AND tag_key = $2")
            .bind(resource_id)
            .bind(*key)
            .execute(act.db())
            .await?;
    }
    let parameters = json!({ "resourceId": resource_id, "tagKeys": keys });
    act.record(Event::new(EVENT_SOURCE, "UntagResource").parameters(parameters));
    Ok(())
}

/// The tags of a resource by key: those after the key `after` (all: `""`), at most `limit`.
pub async fn tags(
    db: impl Executor<'_, Database = Any>,
    resource_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Tag>, sqlx::Error> {
    sqlx::query(
        "SELECT tag_key, tag_value FROM identity_center_tags \
         WHERE resource_id = $1 AND tag_key > $2 ORDER BY tag_key LIMIT $3",
    )
    .bind(resource_id)
    .bind(after)
    .bind(limit)
    .try_map(|row: AnyRow| {
        Ok(Tag {
            key: row.try_get("tag_key")?,
            value: row.try_get("tag_value")?,
        })
    })
    .fetch_all(db)
    .await
}

/// Refuses tags that cannot be, or that stand there twice.
pub(crate) fn check(tags: &[Tag]) -> Result<(), Invalid> {
    check::count("tags", "", tags.len(), 0..=MOST)?;
    for (at, tag) in tags.iter().enumerate() {
        let field = |member| format!("tags.{}.member.{member}", at + 1);
        check::length(&field("key"), &tag.key, 1..=128)?;
        TEXT.check(&field("key"), &tag.key)?;
        check::length(&field("value"), &tag.value, 0..=256)?;
        TEXT.check(&field("value"), &tag.value)?;
        let refused = |problem: &str| {
            let constraint = Constraint::Other(problem.to_owned());
            Err(Invalid::new(field("key"), &tag.key, constraint))
        };
        if tag.key.to_lowercase().starts_with("aws:") {
            return refused("Member must not begin with aws:, which is reserved");
        }
        if tags[..at].iter().any(|other| other.key == tag.key) {
            return refused("Member must be given once");
        }
    }
    Ok(())
}

/// Stores tags, checked before.
pub(crate) async fn put(
    db: &mut AnyConnection,
    resource_id: &str,
    tags: &[Tag],
) -> Result<(), sqlx::Error> {
    for tag in tags {
        sqlx::query(
            "INSERT INTO identity_center_tags (resource_id, tag_key, tag_value) \
             VALUES ($1, $2, $3) \
             ON CONFLICT (resource_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
        )
        .bind(resource_id)
        .bind(&tag.key)
        .bind(&tag.value)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Removes the tags of a resource that is being deleted.
pub(crate) async fn remove_all(
    db: &mut AnyConnection,
    resource_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity_center_tags WHERE resource_id = $1")
        .bind(resource_id)
        .execute(db)
        .await?;
    Ok(())
}

/// What the audit trail says of tags.
pub(crate) fn detail(tags: &[Tag]) -> Value {
    tags.iter()
        .map(|tag| json!({ "key": tag.key, "value": tag.value }))
        .collect()
}
