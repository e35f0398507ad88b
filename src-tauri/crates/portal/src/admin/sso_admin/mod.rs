//! `sso-admin`: instances, permission sets, assignments, applications.

mod application_assignments;
mod application_settings;
mod applications;
mod arn;
mod assignments;
mod attributes;
mod grants;
mod instances;
mod permission_sets;
mod policies;
mod provisioning;
mod tags;
mod token_issuers;

use serde_json::Value;

use super::{ApiError, Call, Input, seconds};
use crate::access::Principal;

/// What this portal offers.
pub(super) const OPERATIONS: &[&str] = &[
    "AddRegion",
    "AttachCustomerManagedPolicyReferenceToPermissionSet",
    "AttachManagedPolicyToPermissionSet",
    "CreateAccountAssignment",
    "CreateApplication",
    "CreateApplicationAssignment",
    "CreateInstance",
    "CreateInstanceAccessControlAttributeConfiguration",
    "CreatePermissionSet",
    "CreateTrustedTokenIssuer",
    "DeleteAccountAssignment",
    "DeleteApplication",
    "DeleteApplicationAccessScope",
    "DeleteApplicationAssignment",
    "DeleteApplicationAuthenticationMethod",
    "DeleteApplicationGrant",
    "DeleteInlinePolicyFromPermissionSet",
    "DeleteInstanceAccessControlAttributeConfiguration",
    "DeletePermissionSet",
    "DeletePermissionsBoundaryFromPermissionSet",
    "DeleteTrustedTokenIssuer",
    "DescribeAccountAssignmentCreationStatus",
    "DescribeAccountAssignmentDeletionStatus",
    "DescribeApplication",
    "DescribeApplicationAssignment",
    "DescribeApplicationProvider",
    "DescribeInstance",
    "DescribeInstanceAccessControlAttributeConfiguration",
    "DescribePermissionSet",
    "DescribePermissionSetProvisioningStatus",
    "DescribeRegion",
    "DescribeTrustedTokenIssuer",
    "DetachCustomerManagedPolicyReferenceFromPermissionSet",
    "DetachManagedPolicyFromPermissionSet",
    "GetApplicationAccessScope",
    "GetApplicationAssignmentConfiguration",
    "GetApplicationAuthenticationMethod",
    "GetApplicationGrant",
    "GetApplicationSessionConfiguration",
    "GetInlinePolicyForPermissionSet",
    "GetPermissionsBoundaryForPermissionSet",
    "ListAccountAssignmentCreationStatus",
    "ListAccountAssignmentDeletionStatus",
    "ListAccountAssignments",
    "ListAccountAssignmentsForPrincipal",
    "ListAccountsForProvisionedPermissionSet",
    "ListApplicationAccessScopes",
    "ListApplicationAssignments",
    "ListApplicationAssignmentsForPrincipal",
    "ListApplicationAuthenticationMethods",
    "ListApplicationGrants",
    "ListApplicationProviders",
    "ListApplications",
    "ListCustomerManagedPolicyReferencesInPermissionSet",
    "ListInstances",
    "ListManagedPoliciesInPermissionSet",
    "ListPermissionSetProvisioningStatus",
    "ListPermissionSets",
    "ListPermissionSetsProvisionedToAccount",
    "ListRegions",
    "ListTagsForResource",
    "ListTrustedTokenIssuers",
    "ProvisionPermissionSet",
    "PutApplicationAccessScope",
    "PutApplicationAssignmentConfiguration",
    "PutApplicationAuthenticationMethod",
    "PutApplicationGrant",
    "PutApplicationSessionConfiguration",
    "PutInlinePolicyToPermissionSet",
    "PutPermissionsBoundaryToPermissionSet",
    "RemoveRegion",
    "TagResource",
    "UntagResource",
    "UpdateApplication",
    "UpdateInstance",
    "UpdateInstanceAccessControlAttributeConfiguration",
    "UpdatePermissionSet",
    "UpdateTrustedTokenIssuer",
];

/// One line an operation.
#[rustfmt::skip]
pub(super) async fn answer(call: &Call<'_>, input: Input<'_>) -> Result<Value, ApiError> {
    let input = &input;
    match call.operation {
        "AddRegion" => instances::add_region(call, input).await,
        "CreateInstance" => instances::create(call),
        "DescribeInstance" => instances::describe(call, input).await,
        "DescribeRegion" => instances::describe_region(call, input).await,
        "ListInstances" => instances::list(call, input).await,
        "ListRegions" => instances::list_regions(call, input).await,
        "RemoveRegion" => instances::remove_region(call, input).await,
        "UpdateInstance" => instances::update(call, input).await,
        "CreatePermissionSet" => permission_sets::create(call, input).await,
        "DeletePermissionSet" => permission_sets::delete(call, input).await,
        "DescribePermissionSet" => permission_sets::describe(call, input).await,
        "ListPermissionSets" => permission_sets::list(call, input).await,
        "UpdatePermissionSet" => permission_sets::update(call, input).await,
        "AttachCustomerManagedPolicyReferenceToPermissionSet" => policies::attach_customer(call, input).await,
        "AttachManagedPolicyToPermissionSet" => policies::attach_managed(call, input).await,
        "DeleteInlinePolicyFromPermissionSet" => policies::delete_inline(call, input).await,
        "DeletePermissionsBoundaryFromPermissionSet" => policies::delete_boundary(call, input).await,
        "DetachCustomerManagedPolicyReferenceFromPermissionSet" => policies::detach_customer(call, input).await,
        "DetachManagedPolicyFromPermissionSet" => policies::detach_managed(call, input).await,
        "GetInlinePolicyForPermissionSet" => policies::get_inline(call, input).await,
        "GetPermissionsBoundaryForPermissionSet" => policies::get_boundary(call, input).await,
        "ListCustomerManagedPolicyReferencesInPermissionSet" => policies::list_customer(call, input).await,
        "ListManagedPoliciesInPermissionSet" => policies::list_managed(call, input).await,
        "PutInlinePolicyToPermissionSet" => policies::put_inline(call, input).await,
        "PutPermissionsBoundaryToPermissionSet" => policies::put_boundary(call, input).await,
        "DescribePermissionSetProvisioningStatus" => provisioning::describe_status(call, input).await,
        "ListAccountsForProvisionedPermissionSet" => provisioning::accounts(call, input).await,
        "ListPermissionSetProvisioningStatus" => provisioning::list_status(call, input).await,
        "ListPermissionSetsProvisionedToAccount" => provisioning::permission_sets(call, input).await,
        "ProvisionPermissionSet" => provisioning::provision(call, input).await,
        "CreateAccountAssignment" => assignments::create(call, input).await,
        "DeleteAccountAssignment" => assignments::delete(call, input).await,
        "DescribeAccountAssignmentCreationStatus" => assignments::describe_creation(call, input).await,
        "DescribeAccountAssignmentDeletionStatus" => assignments::describe_deletion(call, input).await,
        "ListAccountAssignmentCreationStatus" => assignments::list_creations(call, input).await,
        "ListAccountAssignmentDeletionStatus" => assignments::list_deletions(call, input).await,
        "ListAccountAssignments" => assignments::list(call, input).await,
        "ListAccountAssignmentsForPrincipal" => assignments::list_for_principal(call, input).await,
        "CreateInstanceAccessControlAttributeConfiguration" => attributes::create(call, input).await,
        "DeleteInstanceAccessControlAttributeConfiguration" => attributes::delete(call, input).await,
        "DescribeInstanceAccessControlAttributeConfiguration" => attributes::describe(call, input).await,
        "UpdateInstanceAccessControlAttributeConfiguration" => attributes::update(call, input).await,
        "ListTagsForResource" => tags::list(call, input).await,
        "TagResource" => tags::tag(call, input).await,
        "UntagResource" => tags::untag(call, input).await,
        "CreateApplication" => applications::create(call, input).await,
        "DeleteApplication" => applications::delete(call, input).await,
        "DescribeApplication" => applications::describe(call, input).await,
        "DescribeApplicationProvider" => applications::describe_provider(call, input),
        "ListApplicationProviders" => applications::list_providers(call, input).await,
        "ListApplications" => applications::list(call, input).await,
        "UpdateApplication" => applications::update(call, input).await,
        "CreateApplicationAssignment" => application_assignments::create(call, input).await,
        "DeleteApplicationAssignment" => application_assignments::delete(call, input).await,
        "DescribeApplicationAssignment" => application_assignments::describe(call, input).await,
        "ListApplicationAssignments" => application_assignments::list(call, input).await,
        "ListApplicationAssignmentsForPrincipal" => application_assignments::list_for_principal(call, input).await,
        "DeleteApplicationAccessScope" => application_settings::delete_scope(call, input).await,
        "DeleteApplicationAuthenticationMethod" => application_settings::delete_method(call, input).await,
        "GetApplicationAccessScope" => application_settings::get_scope(call, input).await,
        "GetApplicationAssignmentConfiguration" => application_settings::get_assignment(call, input).await,
        "GetApplicationAuthenticationMethod" => application_settings::get_method(call, input).await,
        "GetApplicationSessionConfiguration" => application_settings::get_session(call, input).await,
        "ListApplicationAccessScopes" => application_settings::list_scopes(call, input).await,
        "ListApplicationAuthenticationMethods" => application_settings::list_methods(call, input).await,
        "PutApplicationAccessScope" => application_settings::put_scope(call, input).await,
        "PutApplicationAssignmentConfiguration" => application_settings::put_assignment(call, input).await,
        "PutApplicationAuthenticationMethod" => application_settings::put_method(call, input).await,
        "PutApplicationSessionConfiguration" => application_settings::put_session(call, input).await,
        "DeleteApplicationGrant" => grants::delete(call, input).await,
        "GetApplicationGrant" => grants::get(call, input).await,
        "ListApplicationGrants" => grants::list(call, input).await,
        "PutApplicationGrant" => grants::put(call, input).await,
        "CreateTrustedTokenIssuer" => token_issuers::create(call, input).await,
        "DeleteTrustedTokenIssuer" => token_issuers::delete(call, input).await,
        "DescribeTrustedTokenIssuer" => token_issuers::describe(call, input).await,
        "ListTrustedTokenIssuers" => token_issuers::list(call, input).await,
        "UpdateTrustedTokenIssuer" => token_issuers::update(call, input).await,
        _ => Err(ApiError::not_offered()),
    }
}

/// `PrincipalType` and `PrincipalId`.
fn principal(input: &Input<'_>) -> Result<Principal, ApiError> {
    let kind = input.text("PrincipalType")?;
    Ok(Principal::parse(kind, input.text("PrincipalId")?)?)
}

/// Entries of a listing with their keys.
fn keyed<T>(found: Vec<T>, key: impl Fn(&T) -> String) -> Vec<(String, T)> {
    found
        .into_iter()
        .map(|entry| (key(&entry), entry))
        .collect()
}
