use serde_json::{Value, json};

use super::{
    Call, Input, LARGEST_PAGE, Page, arn, check_resource_id, not_found, resource_id, seconds,
};
use crate::{
    admin::ApiError,
    check,
    directory::{self, Kind, Membership},
};

/// CreateGroupMembership.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (group, user) = (resource_id(input, "GroupId")?, member_id(input)?);
    let added = call
        .perform(async |act| directory::add_member(act, group, user).await)
        .await?;
    Ok(named(call, &added))
}

/// DeleteGroupMembership.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "MembershipId")?;
    call.perform(async |act| directory::remove_member(act, id).await)
        .await?;
    Ok(json!({}))
}

/// DescribeGroupMembership.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "MembershipId")?;
    let found = directory::membership(call.portal.pool(), id).await?;
    let membership = found.ok_or_else(|| not_found(Kind::GroupMembership, id))?;
    Ok(written(call, &membership))
}

/// GetGroupMembershipId.
pub(super) async fn get_id(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (group, user) = (resource_id(input, "GroupId")?, member_id(input)?);
    let found = directory::membership_of(call.portal.pool(), group, user).await?;
    let membership = found.ok_or_else(|| not_found(Kind::GroupMembership, user))?;
    Ok(named(call, &membership))
}

/// ListGroupMemberships.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let group = resource_id(input, "GroupId")?;
    let page = Page::of(call, input, LARGEST_PAGE)?;
    let mut db = call.portal.pool().acquire().await?;
    let found = directory::memberships_in(&mut db, group, &page.after, page.probe()).await?;
    listed(call, &page, found)
}

/// ListGroupMembershipsForMember.
pub(super) async fn list_for_member(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let user = member_id(input)?;
    let page = Page::of(call, input, LARGEST_PAGE)?;
    let mut db = call.portal.pool().acquire().await?;
    let found = directory::memberships_of(&mut db, user, &page.after, page.probe()).await?;
    listed(call, &page, found)
}

/// IsMemberInGroups.
pub(super) async fn is_member(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let user = member_id(input)?;
    let groups = input.texts("GroupIds")?;
    check::count("groupIds", "groupIds", groups.len(), 1..=100)?;
    let mut results = Vec::new();
    for (position, group) in groups.into_iter().enumerate() {
        let field = format!("groupIds.{}.member", position + 1);
        let group = check_resource_id(&field, group)?;
        let found = directory::membership_of(call.portal.pool(), group, user).await?;
        results.push(json!({
            "GroupId": group,
            "MemberId": { "UserId": user },
            "MembershipExists": found.is_some(),
        }));
    }
    Ok(json!({ "Results": results }))
}

fn member_id<'a>(input: &Input<'a>) -> Result<&'a str, ApiError> {
    resource_id(&input.structure("MemberId")?, "UserId")
}

fn listed(call: &Call<'_>, page: &Page, found: Vec<Membership>) -> Result<Value, ApiError> {
    let (found, next) = page.cut(call, found, |membership| &membership.id)?;
    let memberships: Vec<Value> = found
        .iter()
        .map(|membership| written(call, membership))
        .collect();
    Ok(json!({ "GroupMemberships": memberships, "NextToken": next }))
}

/// What names a membership.
fn named(call: &Call<'_>, membership: &Membership) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "MembershipId": membership.id,
        "MembershipArn": arn(call, "membership", &membership.id),
    })
}

fn written(call: &Call<'_>, membership: &Membership) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "MembershipId": membership.id,
        "MembershipArn": arn(call, "membership", &membership.id),
        "GroupId": membership.group_id,
        "MemberId": { "UserId": membership.user_id },
        "CreatedAt": seconds(membership.created_at),
        "CreatedBy": membership.created_by,
        // Nothing of it ever changes.
        "UpdatedAt": seconds(membership.created_at),
        "UpdatedBy": membership.created_by,
    })
}
