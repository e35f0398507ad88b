use serde_json::{Value, json};

use super::{ApiError, Call, Input, nothing, page, store, tags_of};
use crate::organization::{self, Kind, Node, Organization, Unit};

/// CreateOrganizationalUnit.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (parent, name) = (input.text("ParentId")?, input.text("Name")?);
    let tags = tags_of(input)?;
    let unit = call
        .perform(async |act| organization::create_unit(act, parent, name, &tags).await)
        .await?;
    described(call, &unit).await
}

/// UpdateOrganizationalUnit.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("OrganizationalUnitId")?;
    let name = input.optional_text("Name")?;
    let unit = call
        .perform(async |act| organization::rename_unit(act, id, name).await)
        .await?;
    described(call, &unit).await
}

/// DeleteOrganizationalUnit.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("OrganizationalUnitId")?;
    call.perform(async |act| organization::delete_unit(act, id).await)
        .await?;
    Ok(nothing())
}

/// DescribeOrganizationalUnit.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("OrganizationalUnitId")?;
    let unit = organization::unit(&mut *store(call).await?, id).await?;
    described(call, &unit).await
}

/// ListOrganizationalUnitsForParent.
pub(super) async fn list_for_parent(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let id = input.text("ParentId")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let parent = organization::parent(&mut db, id, Kind::Parent).await?;
    let unit = parent.unit_id.as_deref();
    let found = organization::units_in(&mut db, unit, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |unit| &unit.name)?;
    let units: Vec<Value> = found
        .iter()
        .map(|unit| json_of(call, &whole, unit))
        .collect();
    Ok(json!({ "OrganizationalUnits": units, "NextToken": next }))
}

/// ListParents: there is one.
pub(super) async fn list_parents(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    page(call, input)?;
    let child = input.text("ChildId")?;
    let parent = organization::parent_of(&mut *store(call).await?, child).await?;
    Ok(json!({ "Parents": [{ "Id": parent.id, "Type": parent.node().name() }] }))
}

/// ListChildren.
pub(super) async fn list_children(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let (id, kind) = (input.text("ParentId")?, input.text("ChildType")?);
    let mut db = store(call).await?;
    let parent = organization::parent(&mut db, id, Kind::Parent).await?;
    let kind = Node::child_named(kind)?;
    let found = organization::children(&mut db, &parent, &kind, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |id| id)?;
    let child = |id: &String| json!({ "Id": id, "Type": kind.name() });
    let children: Vec<Value> = found.iter().map(child).collect();
    Ok(json!({ "Children": children, "NextToken": next }))
}

async fn described(call: &Call<'_>, unit: &Unit) -> Result<Value, ApiError> {
    let whole = organization::organization(&mut *store(call).await?).await?;
    Ok(json!({ "OrganizationalUnit": json_of(call, &whole, unit) }))
}

fn json_of(call: &Call<'_>, whole: &Organization, unit: &Unit) -> Value {
    json!({
        "Id": unit.id,
        "Arn": whole.node_arn(&call.portal.config().partition, &unit.id),
        "Name": unit.name,
        "Path": whole.path(&unit.path),
    })
}
