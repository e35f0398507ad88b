use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{AccessError, EVENT_SOURCE};
use crate::{
    Portal,
    act::Act,
    audit::Event,
    check::{self, Pattern},
    clock,
    store::{put_setting, setting},
};

/// The setting that holds the instance's name.
const NAME: &str = "instance_name";

static NAME_FORM: Pattern = Pattern::new(r"[0-9A-Za-z_+=,.@-]+");
static REGION: Pattern = Pattern::new(r"([a-z]+-){2,3}\d");

/// A region the instance is in, beside its first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedRegion {
    /// As in `eu-central-1`.
    pub name: String,
    /// Since when.
    pub added_at: OffsetDateTime,
}

/// UpdateInstance: what the instance is called. An empty name is none.
pub async fn rename_instance(act: &mut Act<'_>, name: &str) -> Result<(), AccessError> {
    check::length("name", name, 0..=255)?;
    if !name.is_empty() {
        NAME_FORM.check("name", name)?;
    }
    put_setting(act.db(), NAME, name).await?;
    let parameters = json!({ "name": name });
    act.record(Event::new(EVENT_SOURCE, "UpdateInstance").parameters(parameters));
    Ok(())
}

/// What the instance is called, if anything.
pub async fn instance_name(
    db: impl Executor<'_, Database = Any>,
) -> Result<Option<String>, sqlx::Error> {
    let name = setting(db, NAME).await?;
    Ok(name.filter(|name| !name.is_empty()))
}

/// AddRegion: this portal answers for every region anyway; now it says so of this one.
pub async fn add_region(act: &mut Act<'_>, name: &str) -> Result<(), AccessError> {
    check::length("regionName", name, 1..=32)?;
    REGION.check("regionName", name)?;
    let conflict = || AccessError::Conflict(format!("The instance is in {name} already."));
    if act.portal().config().region == name {
        return Err(conflict());
    }
    let now = clock::millis(act.now());
    let added = sqlx::query(
        "INSERT INTO instance_regions (name, added_at) VALUES ($1, $2) \
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(now)
    .execute(act.db())
    .await?;
    if added.rows_affected() == 0 {
        return Err(conflict());
    }
    let parameters = json!({ "regionName": name });
    act.record(Event::new(EVENT_SOURCE, "AddRegion").parameters(parameters));
    Ok(())
}

/// RemoveRegion: any but the first.
pub async fn remove_region(act: &mut Act<'_>, name: &str) -> Result<(), AccessError> {
    if act.portal().config().region == name {
        let text = format!("{name} is the instance's primary region.");
        return Err(AccessError::Conflict(text));
    }
    let removed = sqlx::query("DELETE FROM instance_regions WHERE name = $1")
        .bind(name)
        .execute(act.db())
        .await?;
    if removed.rows_affected() == 0 {
        return Err(no_region(name));
    }
    let parameters = json!({ "regionName": name });
    act.record(Event::new(EVENT_SOURCE, "RemoveRegion").parameters(parameters));
    Ok(())
}

/// The regions the instance was added to, by name.
pub async fn added_regions(db: &mut AnyConnection) -> Result<Vec<AddedRegion>, sqlx::Error> {
    sqlx::query("SELECT * FROM instance_regions ORDER BY name")
        .try_map(|row: AnyRow| {
            Ok(AddedRegion {
                name: row.try_get("name")?,
                added_at: clock::from_millis(row.try_get("added_at")?),
            })
        })
        .fetch_all(db)
        .await
}

/// The refusal that the instance is not in a region.
pub(crate) fn no_region(name: &str) -> AccessError {
    AccessError::NotFound(format!("The instance is not in {name}."))
}

/// CreateInstance: refused, as AWS refuses it to an organization's management account, which has
/// its instance.
pub(crate) fn refuse_another(portal: &Portal) -> AccessError {
    let id = &portal.instance().instance_id;
    AccessError::Conflict(format!("The account has the instance {id} already."))
}
