//! `organizations`: the organization, its accounts and organizational units.

mod accounts;
mod organization;
mod policies;
mod services;
mod tags;
mod units;

use serde_json::{Value, json};
use sqlx::{Any, pool::PoolConnection};

use super::{ApiError, Call, Input, Page};
use crate::organization::Tag;

/// What this portal offers.
pub(super) const OPERATIONS: &[&str] = &[
    "AttachPolicy",
    "CloseAccount",
    "CreateAccount",
    "CreateGovCloudAccount",
    "CreateOrganization",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeleteOrganization",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DeleteResourcePolicy",
    "DeregisterDelegatedAdministrator",
    "DescribeAccount",
    "DescribeCreateAccountStatus",
    "DescribeOrganization",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "DetachPolicy",
    "DisableAWSServiceAccess",
    "DisablePolicyType",
    "EnableAWSServiceAccess",
    "EnableAllFeatures",
    "EnablePolicyType",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListChildren",
    "ListCreateAccountStatus",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource",
    "ListTargetsForPolicy",
    "MoveAccount",
    "PutResourcePolicy",
    "RegisterDelegatedAdministrator",
    "RemoveAccountFromOrganization",
    "TagResource",
    "UntagResource",
    "UpdateOrganizationalUnit",
    "UpdatePolicy",
];

pub(super) async fn answer(call: &Call<'_>, input: Input<'_>) -> Result<Value, ApiError> {
    let input = &input;
    match call.operation {
        "CreateOrganization" => organization::create(call, input).await,
        "DeleteOrganization" => organization::delete(call).await,
        "DescribeOrganization" => organization::describe(call).await,
        "EnableAllFeatures" => organization::enable_all_features(call).await,
        "ListRoots" => organization::list_roots(call, input).await,
        "DeleteResourcePolicy" => organization::delete_resource_policy(call).await,
        "DescribeResourcePolicy" => organization::describe_resource_policy(call).await,
        "PutResourcePolicy" => organization::put_resource_policy(call, input).await,
        "CloseAccount" => accounts::close(call, input).await,
        "CreateAccount" => accounts::create(call, input, false).await,
        "CreateGovCloudAccount" => accounts::create(call, input, true).await,
        "DescribeAccount" => accounts::describe(call, input).await,
        "DescribeCreateAccountStatus" => accounts::describe_creation(call, input).await,
        "ListAccounts" => accounts::list(call, input).await,
        "ListAccountsForParent" => accounts::list_for_parent(call, input).await,
        "ListCreateAccountStatus" => accounts::list_creations(call, input).await,
        "MoveAccount" => accounts::move_to(call, input).await,
        "RemoveAccountFromOrganization" => accounts::remove(call, input).await,
        "CreateOrganizationalUnit" => units::create(call, input).await,
        "DeleteOrganizationalUnit" => units::delete(call, input).await,
        "DescribeOrganizationalUnit" => units::describe(call, input).await,
        "ListChildren" => units::list_children(call, input).await,
        "ListOrganizationalUnitsForParent" => units::list_for_parent(call, input).await,
        "ListParents" => units::list_parents(call, input).await,
        "UpdateOrganizationalUnit" => units::update(call, input).await,
        "ListTagsForResource" => tags::list(call, input).await,
        "TagResource" => tags::tag(call, input).await,
        "UntagResource" => tags::untag(call, input).await,
        "AttachPolicy" => policies::attach(call, input).await,
        "CreatePolicy" => policies::create(call, input).await,
        "DeletePolicy" => policies::delete(call, input).await,
        "DescribePolicy" => policies::describe(call, input).await,
        "DetachPolicy" => policies::detach(call, input).await,
        "DisablePolicyType" => policies::disable_type(call, input).await,
        "EnablePolicyType" => policies::enable_type(call, input).await,
        "ListPolicies" => policies::list(call, input).await,
        "ListPoliciesForTarget" => policies::list_for_target(call, input).await,
        "ListTargetsForPolicy" => policies::list_targets(call, input).await,
        "UpdatePolicy" => policies::update(call, input).await,
        "DeregisterDelegatedAdministrator" => services::deregister(call, input).await,
        "DisableAWSServiceAccess" => services::disable(call, input).await,
        "EnableAWSServiceAccess" => services::enable(call, input).await,
        "ListAWSServiceAccessForOrganization" => services::list(call, input).await,
        "ListDelegatedAdministrators" => services::list_administrators(call, input).await,
        "ListDelegatedServicesForAccount" => services::list_delegated(call, input).await,
        "RegisterDelegatedAdministrator" => services::register(call, input).await,
        _ => Err(ApiError::not_offered()),
    }
}

/// The most entries of a page, and how many it has unless fewer are asked for.
const PAGE: i64 = 20;

fn page(call: &Call<'_>, input: &Input<'_>) -> Result<Page, ApiError> {
    Page::of(call, input, PAGE)
}

async fn store(call: &Call<'_>) -> Result<PoolConnection<Any>, ApiError> {
    Ok(call.portal.pool().acquire().await?)
}

/// What an operation without a result answers.
fn nothing() -> Value {
    json!({})
}

fn tags_of(input: &Input<'_>) -> Result<Vec<Tag>, ApiError> {
    let tag = |tag: &Input<'_>| {
        Ok(Tag {
            key: tag.text("Key")?.to_owned(),
            value: tag.text("Value")?.to_owned(),
        })
    };
    input.structures("Tags")?.iter().map(tag).collect()
}
