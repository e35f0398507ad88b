use serde_json::{Value, json};

use super::{
    Alternate, Call, Input, LARGEST_PAGE, Page, alternate_identifier, arn, external_ids, filter,
    not_found, not_unique, operations, resource_id, revision, seconds,
};
use crate::{
    admin::ApiError,
    directory::{self, Group, GroupKey, Kind, NewGroup},
};

/// CreateGroup.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let new = NewGroup {
        display_name: input.text("DisplayName")?,
        description: input.optional_text("Description")?,
    };
    let created = call
        .perform(async |act| directory::create_group(act, &new).await)
        .await?;
    Ok(named(call, &created))
}

/// UpdateGroup.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "GroupId")?;
    let (revision, operations) = (revision(input)?, operations(input)?);
    let updated = call
        .perform(async |act| directory::update_group(act, id, revision, &operations).await)
        .await?;
    Ok(named(call, &updated))
}

/// DeleteGroup.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "GroupId")?;
    let revision = revision(input)?;
    call.perform(async |act| directory::delete_group(act, id, revision).await)
        .await?;
    Ok(json!({}))
}

/// DescribeGroup.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "GroupId")?;
    let mut db = call.portal.pool().acquire().await?;
    let found = directory::group(&mut db, id).await?;
    let group = found.ok_or_else(|| not_found(Kind::Group, id))?;
    Ok(written(call, &group))
}

/// ListGroups, of which a filter takes the one with a name.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, LARGEST_PAGE)?;
    let mut db = call.portal.pool().acquire().await?;
    let found = match filter(input, "DisplayName")? {
        None => directory::groups(&mut db, &page.after, page.probe()).await?,
        Some(name) => match directory::group_id(&mut *db, GroupKey::Name(name)).await? {
            Some(id) => directory::group(&mut db, &id).await?.into_iter().collect(),
            None => Vec::new(),
        },
    };
    let (groups, next) = page.cut(call, found, |group| &group.id)?;
    let groups: Vec<Value> = groups.iter().map(|group| written(call, group)).collect();
    Ok(json!({ "Groups": groups, "NextToken": next }))
}

/// GetGroupId.
pub(super) async fn get_id(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let alternate = alternate_identifier(input)?;
    let (key, sought) = match &alternate {
        Alternate::Unique(path, name) if path == "displayname" => (GroupKey::Name(name), *name),
        Alternate::Unique(path, _) => return Err(not_unique(path)),
        Alternate::External { issuer, id } => (GroupKey::External { issuer, id }, *id),
    };
    let found = directory::group_id(call.portal.pool(), key).await?;
    let id = found.ok_or_else(|| not_found(Kind::Group, sought))?;
    Ok(json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "GroupId": id,
        "GroupArn": arn(call, "group", &id),
    }))
}

/// What names a group after a change.
fn named(call: &Call<'_>, group: &Group) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "GroupId": group.id,
        "GroupArn": arn(call, "group", &group.id),
        "Revision": group.revision.to_string(),
    })
}

fn written(call: &Call<'_>, group: &Group) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "GroupId": group.id,
        "GroupArn": arn(call, "group", &group.id),
        "Revision": group.revision.to_string(),
        "DisplayName": group.display_name,
        "Description": group.description,
        "ExternalIds": external_ids(&group.external_ids),
        "CreatedAt": seconds(group.created_at),
        "CreatedBy": group.created_by,
        "UpdatedAt": seconds(group.updated_at),
        "UpdatedBy": group.updated_by,
    })
}
