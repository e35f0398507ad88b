use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{AccessError, EVENT_SOURCE, attribute_path};
use crate::{
    act::Act,
    audit::Event,
    check::{self, Constraint, Invalid, Pattern},
    directory::{self, UserAttributes},
    store::{put_setting, setting},
};

const FIELD: &str = "instanceAccessControlAttributeConfiguration.accessControlAttributes";
/// The setting that says whether there is a configuration, be it an empty one.
const SETTING: &str = "access_control_attributes";
/// A longer value is no session tag.
const LONGEST_VALUE: usize = 256;

static KEY: Pattern = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:\/=+\-@]+");
static SOURCE: Pattern = Pattern::new(r#"[\p{L}\p{Z}\p{N}_.:\/=+\-@\[\]\{\}\$\\"]*"#);

/// An attribute for access control: what of a user becomes a session tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessControlAttribute {
    /// The session tag's key.
    pub key: String,
    /// Where its value comes from, as in `${path:enterprise.department}`.
    pub source: String,
}

/// CreateInstanceAccessControlAttributeConfiguration.
pub async fn create_attributes(
    act: &mut Act<'_>,
    wanted: &[AccessControlAttribute],
) -> Result<(), AccessError> {
    check(wanted)?;
    if attributes(act.db()).await?.is_some() {
        let text = "The instance already has an access control attribute configuration.";
        return Err(AccessError::Conflict(text.to_owned()));
    }
    put(act.db(), wanted).await?;
    let name = "CreateInstanceAccessControlAttributeConfiguration";
    act.record(Event::new(EVENT_SOURCE, name).parameters(detail(wanted)));
    Ok(())
}

/// UpdateInstanceAccessControlAttributeConfiguration: these attributes and no others.
pub async fn update_attributes(
    act: &mut Act<'_>,
    wanted: &[AccessControlAttribute],
) -> Result<(), AccessError> {
    check(wanted)?;
    need(act.db()).await?;
    put(act.db(), wanted).await?;
    let name = "UpdateInstanceAccessControlAttributeConfiguration";
    act.record(Event::new(EVENT_SOURCE, name).parameters(detail(wanted)));
    Ok(())
}

/// DeleteInstanceAccessControlAttributeConfiguration: sessions have no tags from now on.
pub async fn delete_attributes(act: &mut Act<'_>) -> Result<(), AccessError> {
    need(act.db()).await?;
    remove(act.db()).await?;
    let name = "DeleteInstanceAccessControlAttributeConfiguration";
    act.record(Event::new(EVENT_SOURCE, name));
    Ok(())
}

/// The configuration, by key; none: there is none.
pub async fn attributes(
    db: &mut AnyConnection,
) -> Result<Option<Vec<AccessControlAttribute>>, sqlx::Error> {
    if setting(&mut *db, SETTING).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(stored(db).await?))
}

/// The configuration, or the refusal that there is none.
pub(crate) async fn need(
    db: &mut AnyConnection,
) -> Result<Vec<AccessControlAttribute>, AccessError> {
    attributes(db).await?.ok_or_else(|| {
        let text = "The instance has no access control attribute configuration.";
        AccessError::NotFound(text.to_owned())
    })
}

/// The session tags of a user now. An attribute that the user does not have gives none.
pub(crate) async fn session_tags(
    db: &mut AnyConnection,
    user_id: &str,
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let attributes = stored(db).await?;
    if attributes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let Some(profile) = directory::profile(db, user_id).await? else {
        return Ok(BTreeMap::new());
    };
    let user = as_scim(&profile.attributes);
    let mut tags = BTreeMap::new();
    for attribute in attributes {
        let value = attribute_path::value(&attribute.source, &user);
        if let Some(value) = value.filter(|value| value.chars().count() <= LONGEST_VALUE) {
            tags.insert(attribute.key, value);
        }
    }
    Ok(tags)
}

/// The user as SCIM writes one (RFC 7643 section 4): extensions stand beside the attributes.
fn as_scim(attributes: &UserAttributes) -> Value {
    let mut user = attributes.to_document();
    if let Some(Value::Object(extensions)) = user.remove("extensions") {
        user.extend(extensions);
    }
    user.into()
}

async fn stored(db: &mut AnyConnection) -> Result<Vec<AccessControlAttribute>, sqlx::Error> {
    sqlx::query("SELECT * FROM access_control_attributes ORDER BY tag_key")
        .try_map(|row: AnyRow| {
            Ok(AccessControlAttribute {
                key: row.try_get("tag_key")?,
                source: row.try_get("source")?,
            })
        })
        .fetch_all(db)
        .await
}

async fn put(db: &mut AnyConnection, wanted: &[AccessControlAttribute]) -> Result<(), sqlx::Error> {
    remove(db).await?;
    put_setting(&mut *db, SETTING, "ENABLED").await?;
    for attribute in wanted {
        sqlx::query("INSERT INTO access_control_attributes (tag_key, source) VALUES ($1, $2)")
            .bind(&attribute.key)
            .bind(&attribute.source)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

async fn remove(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM instance_settings WHERE name = $1")
        .bind(SETTING)
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM access_control_attributes")
        .execute(db)
        .await?;
    Ok(())
}

fn check(wanted: &[AccessControlAttribute]) -> Result<(), Invalid> {
    check::count(FIELD, "", wanted.len(), 0..=50)?;
    let mut keys = BTreeSet::new();
    for (at, attribute) in wanted.iter().enumerate() {
        let field = |member| format!("{FIELD}.{}.member.{member}", at + 1);
        check::length(&field("key"), &attribute.key, 1..=128)?;
        KEY.check(&field("key"), &attribute.key)?;
        check::length(&field("value.source"), &attribute.source, 0..=256)?;
        SOURCE.check(&field("value.source"), &attribute.source)?;
        if !keys.insert(&attribute.key) {
            let constraint = Constraint::Other("Member must be given once".to_owned());
            return Err(Invalid::new(field("key"), &attribute.key, constraint));
        }
    }
    Ok(())
}

fn detail(wanted: &[AccessControlAttribute]) -> Value {
    let attributes: Value = wanted
        .iter()
        .map(|attribute| json!({ "key": attribute.key, "value": { "source": [attribute.source] } }))
        .collect();
    json!({
        "instanceAccessControlAttributeConfiguration": { "accessControlAttributes": attributes },
    })
}
