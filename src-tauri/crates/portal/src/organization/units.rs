use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    Kind, Node, OrganizationError, attachments, event,
    names::{check_length, check_pattern, new_id},
    organization,
    tags::{self, Tag},
    tree,
};
use crate::{act::Act, clock};

/// How deep units may lie under the root, and how many there may be.
const DEPTH: usize = 5;
const NUMBER: i64 = 2000;

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `ou-<root>-…`
    pub id: String,
    /// The unit it is in; none: directly under the root.
    pub parent_id: Option<String>,
    /// Unique in its parent.
    pub name: String,
    /// The ids of the units from the root to itself, with `/` between them.
    pub path: String,
}

/// DescribeOrganizationalUnit.
pub async fn unit(db: &mut AnyConnection, id: &str) -> Result<Unit, OrganizationError> {
    organization(&mut *db).await?;
    let holds = Node::of(id) == Some(Node::Unit);
    check_pattern(
        "OrganizationalUnitId",
        holds,
        "the id of an organizational unit, ou-…",
    )?;
    let found = unit_by_id(db, id).await?;
    found.ok_or_else(|| OrganizationError::missing(Kind::OrganizationalUnit, id))
}

/// ListOrganizationalUnitsForParent: the units in the unit with this id, or directly under the
/// root, by name: those after the name `after` (all: `""`), at most `limit`.
pub async fn units_in(
    db: &mut AnyConnection,
    parent: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Unit>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM organizational_units WHERE COALESCE(parent_id, '') = $1 AND name > $2 \
         ORDER BY name LIMIT $3",
    )
    .bind(parent.unwrap_or_default())
    .bind(after)
    .bind(limit)
    .try_map(unit_of)
    .fetch_all(db)
    .await
}

/// The unit of this name in the unit with the id `parent`, or directly under the root.
pub async fn unit_named(
    db: &mut AnyConnection,
    parent: Option<&str>,
    name: &str,
) -> Result<Option<Unit>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM organizational_units WHERE COALESCE(parent_id, '') = $1 AND name = $2",
    )
    .bind(parent.unwrap_or_default())
    .bind(name)
    .try_map(unit_of)
    .fetch_optional(db)
    .await
}

/// Every unit. There are 2,000 at most.
pub async fn all_units(db: &mut AnyConnection) -> Result<Vec<Unit>, sqlx::Error> {
    sqlx::query("SELECT * FROM organizational_units ORDER BY id")
        .try_map(unit_of)
        .fetch_all(db)
        .await
}

/// CreateOrganizationalUnit, in the root or another unit.
pub async fn create_unit(
    act: &mut Act<'_>,
    parent_id: &str,
    name: &str,
    tags: &[Tag],
) -> Result<Unit, OrganizationError> {
    let parent = tree::parent(act.db(), parent_id, Kind::Parent).await?;
    check_length("Name", name, 1, 128)?;
    tags::check(tags)?;
    if parent.depth() >= DEPTH {
        let problem = format!("Organizational units can be {DEPTH} deep under the root.");
        return Err(OrganizationError::constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            problem,
        ));
    }
    let number: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM organizational_units")
        .fetch_one(act.db())
        .await?;
    if number >= NUMBER {
        let problem = format!("There can be {NUMBER} organizational units.");
        return Err(OrganizationError::constraint(
            "OU_NUMBER_LIMIT_EXCEEDED",
            problem,
        ));
    }
    refuse_twin(act.db(), parent.unit_id.as_deref(), name).await?;
    let root = act.portal().instance().root_id.replacen("r-", "", 1);
    let id = new_id(&format!("ou-{root}-"), 8);
    let unit = Unit {
        path: [&parent.path, &id]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("/"),
        parent_id: parent.unit_id,
        name: name.to_owned(),
        id,
    };
    let now = act.now();
    insert(act.db(), &unit, clock::millis(now)).await?;
    tags::put(act.db(), &unit.id, tags).await?;
    attachments::attach_defaults(act.db(), now, &unit.id).await?;
    act.record(
        event("CreateOrganizationalUnit")
            .parameters(json!({ "parentId": parent_id, "name": name }))
            .response(json!({ "organizationalUnit": { "id": unit.id, "name": name } })),
    );
    Ok(unit)
}

/// UpdateOrganizationalUnit: gives it another name, if one is given.
pub async fn rename_unit(
    act: &mut Act<'_>,
    id: &str,
    name: Option<&str>,
) -> Result<Unit, OrganizationError> {
    let mut unit = unit(act.db(), id).await?;
    let Some(name) = name else { return Ok(unit) };
    check_length("Name", name, 1, 128)?;
    if name != unit.name {
        refuse_twin(act.db(), unit.parent_id.as_deref(), name).await?;
    }
    sqlx::query("UPDATE organizational_units SET name = $2 WHERE id = $1")
        .bind(id)
        .bind(name)
        .execute(act.db())
        .await?;
    name.clone_into(&mut unit.name);
    let parameters = json!({ "organizationalUnitId": id, "name": name });
    act.record(event("UpdateOrganizationalUnit").parameters(parameters));
    Ok(unit)
}

/// DeleteOrganizationalUnit. It must be empty.
pub async fn delete_unit(act: &mut Act<'_>, id: &str) -> Result<(), OrganizationError> {
    unit(act.db(), id).await?;
    let inside: Option<String> = sqlx::query_scalar(
        "SELECT id FROM organizational_units WHERE COALESCE(parent_id, '') = $1 \
         UNION ALL SELECT id FROM accounts WHERE COALESCE(unit_id, '') = $1 LIMIT 1",
    )
    .bind(id)
    .fetch_optional(act.db())
    .await?;
    if let Some(inside) = inside {
        return Err(OrganizationError::state(
            "OrganizationalUnitNotEmptyException",
            format!("{id} is not empty: {inside} is in it."),
        ));
    }
    attachments::forget_target(act.db(), id).await?;
    tags::forget(act.db(), id).await?;
    sqlx::query("DELETE FROM organizational_units WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    let parameters = json!({ "organizationalUnitId": id });
    act.record(event("DeleteOrganizationalUnit").parameters(parameters));
    Ok(())
}

pub(super) async fn unit_by_id(
    db: &mut AnyConnection,
    id: &str,
) -> Result<Option<Unit>, sqlx::Error> {
    sqlx::query("SELECT * FROM organizational_units WHERE id = $1")
        .bind(id)
        .try_map(unit_of)
        .fetch_optional(db)
        .await
}

/// Deletes every unit, from the leaves up.
pub(super) async fn delete_all(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    loop {
        let deleted = sqlx::query(
            "DELETE FROM organizational_units WHERE id NOT IN \
             (SELECT parent_id FROM organizational_units WHERE parent_id IS NOT NULL)",
        )
        .execute(&mut *db)
        .await?;
        if deleted.rows_affected() == 0 {
            return Ok(());
        }
    }
}

/// Gives units from before there was a root ids that name it, and their paths.
pub(super) async fn name_after_root(
    db: &mut AnyConnection,
    root_id: &str,
) -> Result<(), sqlx::Error> {
    let root = root_id.replacen("r-", "", 1);
    loop {
        let unsettled: Option<Unit> = sqlx::query(
            "SELECT u.* FROM organizational_units u \
             LEFT JOIN organizational_units p ON p.id = u.parent_id \
             WHERE u.path = '' AND (u.parent_id IS NULL OR p.path <> '') LIMIT 1",
        )
        .try_map(unit_of)
        .fetch_optional(&mut *db)
        .await?;
        let Some(old) = unsettled else { return Ok(()) };
        let id = new_id(&format!("ou-{root}-"), 8);
        let above = match &old.parent_id {
            Some(parent) => unit_by_id(db, parent)
                .await?
                .map(|parent| parent.path + "/"),
            None => None,
        };
        let new = Unit {
            path: above.unwrap_or_default() + &id,
            parent_id: old.parent_id,
            name: old.name,
            id,
        };
        insert(db, &new, 0).await?;
        for statement in [
            "UPDATE organizational_units SET parent_id = $2 WHERE parent_id = $1",
            "UPDATE accounts SET unit_id = $2 WHERE unit_id = $1",
            "UPDATE organizational_units SET created_at = \
             (SELECT created_at FROM organizational_units WHERE id = $1) WHERE id = $2",
        ] {
            sqlx::query(statement)
                .bind(&old.id)
                .bind(&new.id)
                .execute(&mut *db)
                .await?;
        }
        sqlx::query("DELETE FROM organizational_units WHERE id = $1")
            .bind(&old.id)
            .execute(&mut *db)
            .await?;
    }
}

async fn insert(db: &mut AnyConnection, unit: &Unit, created_at: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO organizational_units (id, parent_id, name, path, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&unit.id)
    .bind(&unit.parent_id)
    .bind(&unit.name)
    .bind(&unit.path)
    .bind(created_at)
    .execute(db)
    .await?;
    Ok(())
}

async fn refuse_twin(
    db: &mut AnyConnection,
    parent: Option<&str>,
    name: &str,
) -> Result<(), OrganizationError> {
    match unit_named(db, parent, name).await? {
        Some(_) => Err(OrganizationError::Duplicate {
            kind: Kind::OrganizationalUnit,
            name: format!("{name:?} in this parent"),
        }),
        None => Ok(()),
    }
}

fn unit_of(row: AnyRow) -> Result<Unit, sqlx::Error> {
    Ok(Unit {
        id: row.try_get("id")?,
        parent_id: row.try_get("parent_id")?,
        name: row.try_get("name")?,
        path: row.try_get("path")?,
    })
}
