use serde_json::{Value, json};

use super::{arn, seconds, tags::read as read_tags};
use crate::{
    access::{self, NewPermissionSet, PermissionSet, PermissionSetChange},
    admin::{ApiError, Call, Input, Page},
    check,
};

/// CreatePermissionSet.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let tags = read_tags(input)?;
    let new = NewPermissionSet {
        name: input.text("Name")?,
        description: input.optional_text("Description")?,
        session: session(input)?.unwrap_or(access::DEFAULT_SESSION),
        relay_state: input.optional_text("RelayState")?,
    };
    let created = call
        .perform(async |act| access::create_permission_set(act, &new, &tags).await)
        .await?;
    Ok(json!({ "PermissionSet": json_of(call, &created) }))
}

/// DescribePermissionSet.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let found = access::need_permission_set(call.portal.pool(), id).await?;
    Ok(json!({ "PermissionSet": json_of(call, &found) }))
}

/// UpdatePermissionSet.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let change = PermissionSetChange {
        description: input.optional_text("Description")?.map(Some),
        session: session(input)?,
        relay_state: input.optional_text("RelayState")?,
    };
    call.perform(async |act| access::update_permission_set(act, id, &change).await)
        .await?;
    Ok(json!({}))
}

/// DeletePermissionSet.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    call.perform(async |act| access::delete_permission_set(act, id).await)
        .await?;
    Ok(json!({}))
}

/// ListPermissionSets.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let page = Page::of(call, input, 100)?;
    let found = access::permission_sets(call.portal.pool(), &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |set| &set.id)?;
    let arns: Value = found
        .iter()
        .map(|set| arn::permission_set(call, &set.id))
        .collect();
    Ok(json!({ "PermissionSets": arns, "NextToken": next }))
}

fn session(input: &Input<'_>) -> Result<Option<time::Duration>, ApiError> {
    let Some(text) = input.optional_text("SessionDuration")? else {
        return Ok(None);
    };
    check::length("sessionDuration", text, 1..=100)?;
    Ok(Some(access::parse_session_duration(text)?))
}

fn json_of(call: &Call<'_>, set: &PermissionSet) -> Value {
    json!({
        "PermissionSetArn": arn::permission_set(call, &set.id),
        "Name": set.name,
        "Description": set.description,
        "CreatedDate": seconds(set.created_at),
        "SessionDuration": access::format_session_duration(set.session),
        "RelayState": set.relay_state,
    })
}
