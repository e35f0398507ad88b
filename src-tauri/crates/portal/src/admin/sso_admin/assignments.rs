use serde_json::{Value, json};

use super::{
    arn, keyed, principal,
    provisioning::{account_id, begun, find, list as list_requests},
    seconds,
};
use crate::{
    access::{self, AccessRequest, AccountAssignment, Principal, RequestKind},
    admin::{ApiError, Call, Input, Page},
    check,
};

/// CreateAccountAssignment.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = read(call, input)?;
    let request = call
        .perform(async |act| access::create_account_assignment(act, &wanted).await)
        .await?;
    Ok(json!({ "AccountAssignmentCreationStatus": request_json(call, &begun(request)) }))
}

/// DeleteAccountAssignment.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let unwanted = read(call, input)?;
    let request = call
        .perform(async |act| access::delete_account_assignment(act, &unwanted).await)
        .await?;
    Ok(json!({ "AccountAssignmentDeletionStatus": request_json(call, &begun(request)) }))
}

/// DescribeAccountAssignmentCreationStatus.
pub(super) async fn describe_creation(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    let name = "AccountAssignmentCreationRequestId";
    let request = find(call, input, RequestKind::AssignmentCreation, name).await?;
    Ok(json!({ "AccountAssignmentCreationStatus": request_json(call, &request) }))
}

/// DescribeAccountAssignmentDeletionStatus.
pub(super) async fn describe_deletion(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    let name = "AccountAssignmentDeletionRequestId";
    let request = find(call, input, RequestKind::AssignmentDeletion, name).await?;
    Ok(json!({ "AccountAssignmentDeletionStatus": request_json(call, &request) }))
}

/// ListAccountAssignmentCreationStatus.
pub(super) async fn list_creations(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (requests, next) = list_requests(call, input, RequestKind::AssignmentCreation).await?;
    Ok(json!({ "AccountAssignmentsCreationStatus": requests, "NextToken": next }))
}

/// ListAccountAssignmentDeletionStatus.
pub(super) async fn list_deletions(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (requests, next) = list_requests(call, input, RequestKind::AssignmentDeletion).await?;
    Ok(json!({ "AccountAssignmentsDeletionStatus": requests, "NextToken": next }))
}

/// ListAccountAssignments.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let set = arn::permission_set_id(call, input)?;
    let account = account_id(input, "AccountId")?;
    let page = Page::of(call, input, 100)?;
    let pool = call.portal.pool();
    access::need_permission_set(pool, set).await?;
    let found = access::account_assignments(pool, account, set, &page.after, page.probe()).await?;
    let key = |assignment: &AccountAssignment| assignment.principal.to_string();
    let (found, next) = page.cut(call, keyed(found, key), |(key, _)| key)?;
    Ok(json!({ "AccountAssignments": all(call, &found), "NextToken": next }))
}

/// ListAccountAssignmentsForPrincipal.
pub(super) async fn list_for_principal(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let principal = principal(input)?;
    let filter = input.optional_structure("Filter")?;
    let account = match &filter {
        Some(filter) if filter.optional_text("AccountId")?.is_some() => {
            account_id(filter, "AccountId")?
        }
        _ => "",
    };
    let page = Page::of(call, input, 100)?;
    let (pool, after) = (call.portal.pool(), &page.after);
    let found =
        access::account_assignments_for_principal(pool, &principal, account, after, page.probe())
            .await?;
    let (found, next) = page.cut(call, keyed(found, AccountAssignment::key), |(key, _)| key)?;
    Ok(json!({ "AccountAssignments": all(call, &found), "NextToken": next }))
}

fn read(call: &Call<'_>, input: &Input<'_>) -> Result<AccountAssignment, ApiError> {
    let kind = input.text("TargetType")?;
    check::one_of("targetType", kind, &["AWS_ACCOUNT"])?;
    Ok(AccountAssignment {
        account_id: account_id(input, "TargetId")?.to_owned(),
        permission_set_id: arn::permission_set_id(call, input)?.to_owned(),
        principal: principal(input)?,
    })
}

fn all(call: &Call<'_>, assignments: &[(String, AccountAssignment)]) -> Value {
    let json_of = |(_, assignment): &(String, AccountAssignment)| {
        let (kind, id) = assignment.principal.parts();
        json!({
            "AccountId": assignment.account_id,
            "PermissionSetArn": arn::permission_set(call, &assignment.permission_set_id),
            "PrincipalType": kind,
            "PrincipalId": id,
        })
    };
    assignments.iter().map(json_of).collect()
}

fn request_json(call: &Call<'_>, request: &AccessRequest) -> Value {
    let (kind, id) = request.principal.as_ref().map(Principal::parts).unzip();
    json!({
        "Status": request.status.name(),
        "RequestId": request.id,
        "FailureReason": request.failure_reason,
        "TargetId": request.account_id,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": arn::permission_set(call, &request.permission_set_id),
        "PrincipalType": kind,
        "PrincipalId": id,
        "CreatedDate": seconds(request.created_at),
    })
}
