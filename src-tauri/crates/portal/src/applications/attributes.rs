use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::{AttributeMapping, application::need};
use crate::{
    access::{AccessError, EVENT_SOURCE},
    act::Act,
    audit::Event,
    check::{self, Constraint, Invalid},
};

/// Gives an application exactly these attribute mappings. AWS has no API for them, only pages.
pub async fn put_attribute_mappings(
    act: &mut Act<'_>,
    id: &str,
    mappings: &[AttributeMapping],
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    for (at, mapping) in mappings.iter().enumerate() {
        check::length("name", &mapping.name, 1..=256)?;
        check::length("source", &mapping.source, 1..=256)?;
        check::length("format", &mapping.format, 1..=32)?;
        if mappings[..at]
            .iter()
            .any(|other| other.name == mapping.name)
        {
            let constraint = Constraint::Other("Member must be given once".to_owned());
            return Err(Invalid::new("name", &mapping.name, constraint).into());
        }
    }
    put(act.db(), id, mappings).await?;
    let parameters = json!({ "applicationId": id, "attributeMappings": mappings });
    let name = "UpdateApplicationAttributeMappings";
    act.record(Event::new(EVENT_SOURCE, name).parameters(parameters));
    Ok(())
}

/// What an application is told about users, by name.
pub async fn attribute_mappings(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Vec<AttributeMapping>, sqlx::Error> {
    sqlx::query("SELECT * FROM application_attributes WHERE application_id = $1 ORDER BY name")
        .bind(id)
        .try_map(|row: AnyRow| {
            Ok(AttributeMapping {
                name: row.try_get("name")?,
                source: row.try_get("source")?,
                format: row.try_get("format")?,
            })
        })
        .fetch_all(db)
        .await
}

pub(super) async fn put(
    db: &mut AnyConnection,
    id: &str,
    mappings: &[AttributeMapping],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM application_attributes WHERE application_id = $1")
        .bind(id)
        .execute(&mut *db)
        .await?;
    for mapping in mappings {
        sqlx::query(
            "INSERT INTO application_attributes (application_id, name, source, format) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(&mapping.name)
        .bind(&mapping.source)
        .bind(&mapping.format)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
