use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    Kind, Node, OrganizationError, event,
    names::{check_length, check_pattern},
    organization, policies, resource_policy, tree,
};
use crate::act::Act;

/// The most tags a resource has.
const MOST: usize = 50;

/// A tag of the root, a unit, an account or a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Tag {
    /// 1 to 128 characters, unique on its resource.
    pub key: String,
    /// 256 characters at most.
    pub value: String,
}

/// ListTagsForResource: by key, those after the key `after` (all: `""`), at most `limit`.
pub async fn tags(
    db: &mut AnyConnection,
    resource_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Tag>, OrganizationError> {
    check_resource(db, resource_id).await?;
    let found = sqlx::query(
        "SELECT tag_key, tag_value FROM organization_tags \
         WHERE resource_id = $1 AND tag_key > $2 ORDER BY tag_key LIMIT $3",
    )
    .bind(resource_id)
    .bind(after)
    .bind(limit)
    .try_map(tag_of)
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// Every tag of every resource that has any, by resource id and key.
pub async fn all_tags(db: &mut AnyConnection) -> Result<Vec<(String, Tag)>, sqlx::Error> {
    sqlx::query("SELECT * FROM organization_tags ORDER BY resource_id, tag_key")
        .try_map(|row: AnyRow| Ok((row.try_get("resource_id")?, tag_of(row)?)))
        .fetch_all(db)
        .await
}

/// TagResource: adds tags, or gives them new values.
pub async fn tag_resource(
    act: &mut Act<'_>,
    resource_id: &str,
    tags: &[Tag],
) -> Result<(), OrganizationError> {
    check_resource(act.db(), resource_id).await?;
    check(tags)?;
    put(act.db(), resource_id, tags).await?;
    let number: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM organization_tags WHERE resource_id = $1")
            .bind(resource_id)
            .fetch_one(act.db())
            .await?;
    if usize::try_from(number).unwrap_or(usize::MAX) > MOST {
        return Err(too_many());
    }
    act.record(event("TagResource").parameters(json!({ "resourceId": resource_id, "tags": tags })));
    Ok(())
}

/// UntagResource. Keys that it does not have are no fault.
pub async fn untag_resource(
    act: &mut Act<'_>,
    resource_id: &str,
    keys: &[&str],
) -> Result<(), OrganizationError> {
    check_resource(act.db(), resource_id).await?;
    for key in keys {
        check_length("TagKeys", key, 1, 128)?;
        sqlx::query("DELETE FROM organization_tags WHERE resource_id = $1 AND tag_key = $2")
            .bind(resource_id)
            .bind(*key)
            .execute(act.db())
            .await?;
    }
    let parameters = json!({ "resourceId": resource_id, "tagKeys": keys });
    act.record(event("UntagResource").parameters(parameters));
    Ok(())
}

pub(super) fn check(tags: &[Tag]) -> Result<(), OrganizationError> {
    if tags.len() > MOST {
        return Err(too_many());
    }
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    for (index, tag) in tags.iter().enumerate() {
        check_length("Tags.Key", &tag.key, 1, 128)?;
        check_length("Tags.Value", &tag.value, 0, 256)?;
        let plain = tag.key.chars().chain(tag.value.chars()).all(allowed);
        check_pattern("Tags", plain, "letters, digits, spaces and _.:/=+-@")?;
        if tag.key.to_lowercase().starts_with("aws:") {
            let problem = format!("{:?}: tags of AWS's own begin with aws:", tag.key);
            let reason = "INVALID_SYSTEM_TAGS_PARAMETER";
            return Err(OrganizationError::invalid("Tags", reason, problem));
        }
        if tags[..index].iter().any(|earlier| earlier.key == tag.key) {
            let problem = format!("{:?} is there twice", tag.key);
            return Err(OrganizationError::invalid(
                "Tags",
                "DUPLICATE_TAG_KEY",
                problem,
            ));
        }
    }
    Ok(())
}

pub(super) async fn put(
    db: &mut AnyConnection,
    resource_id: &str,
    tags: &[Tag],
) -> Result<(), sqlx::Error> {
    for tag in tags {
        sqlx::query(
            "INSERT INTO organization_tags (resource_id, tag_key, tag_value) VALUES ($1, $2, $3) \
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

pub(super) async fn forget(db: &mut AnyConnection, resource_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM organization_tags WHERE resource_id = $1")
        .bind(resource_id)
        .execute(db)
        .await?;
    Ok(())
}

async fn check_resource(db: &mut AnyConnection, id: &str) -> Result<(), OrganizationError> {
    organization(db).await?;
    if Node::of(id).is_some() {
        tree::target_name(db, id).await?;
        return Ok(());
    }
    let known = if policies::is_policy_id(id) {
        policies::policy(db, id).await.map(|_| ())
    } else if id.starts_with("rp-") {
        resource_policy::resource_policy(db)
            .await
            .and_then(|policy| match policy.id == id {
                true => Ok(()),
                false => Err(OrganizationError::missing(Kind::Target, id)),
            })
    } else {
        let form = "the id of a root, an organizational unit, an account or a policy";
        return check_pattern("ResourceId", false, form);
    };
    match known {
        Err(OrganizationError::NotFound { .. }) => {
            Err(OrganizationError::missing(Kind::Target, id))
        }
        other => other,
    }
}

fn too_many() -> OrganizationError {
    let problem = format!("A resource has {MOST} tags at most.");
    OrganizationError::constraint("MAX_TAG_LIMIT_EXCEEDED", problem)
}

fn tag_of(row: AnyRow) -> Result<Tag, sqlx::Error> {
    Ok(Tag {
        key: row.try_get("tag_key")?,
        value: row.try_get("tag_value")?,
    })
}
