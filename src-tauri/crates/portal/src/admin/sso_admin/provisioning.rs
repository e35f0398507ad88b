use serde_json::{Value, json};

use super::{arn, keyed, seconds};
use crate::{
    access::{
        self, AccessError, AccessRequest, ProvisionTarget, ProvisioningStatus, RequestKind,
        RequestStatus,
    },
    admin::{ApiError, Call, Input, Page},
    check::{self, Pattern},
};

static ACCOUNT_ID: Pattern = Pattern::new(r"\d{12}");
static REQUEST_ID: Pattern =
    Pattern::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

/// ProvisionPermissionSet. AWS_ACCOUNT without an account is the instance's own.
pub(super) async fn provision(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let kind = input.text("TargetType")?;
    check::one_of(
        "targetType",
        kind,
        &["AWS_ACCOUNT", "ALL_PROVISIONED_ACCOUNTS"],
    )?;
    let target = match kind {
        "AWS_ACCOUNT" => ProvisionTarget::Account(match input.optional_text("TargetId")? {
            Some(_) => account_id(input, "TargetId")?.to_owned(),
            None => {
                call.portal
                    .instance()
                    .owner_account_id(call.portal.pool())
                    .await?
            }
        }),
        _ => ProvisionTarget::AllProvisionedAccounts,
    };
    let request = call
        .perform(async |act| access::provision_permission_set(act, id, &target).await)
        .await?;
    Ok(json!({ "PermissionSetProvisioningStatus": json_of(call, &begun(request)) }))
}

/// DescribePermissionSetProvisioningStatus.
pub(super) async fn describe_status(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let name = "ProvisionPermissionSetRequestId";
    let request = find(call, input, RequestKind::Provisioning, name).await?;
    Ok(json!({ "PermissionSetProvisioningStatus": json_of(call, &request) }))
}

/// ListPermissionSetProvisioningStatus.
pub(super) async fn list_status(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (requests, next) = list(call, input, RequestKind::Provisioning).await?;
    Ok(json!({ "PermissionSetsProvisioningStatus": requests, "NextToken": next }))
}

/// ListAccountsForProvisionedPermissionSet.
pub(super) async fn accounts(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let status = status(input)?;
    let page = Page::of(call, input, 100)?;
    let pool = call.portal.pool();
    access::need_permission_set(pool, id).await?;
    let found = access::provisioned_accounts(pool, id, status, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |id| id)?;
    Ok(json!({ "AccountIds": found, "NextToken": next }))
}

/// ListPermissionSetsProvisionedToAccount.
pub(super) async fn permission_sets(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let account = account_id(input, "AccountId")?;
    let status = status(input)?;
    let page = Page::of(call, input, 100)?;
    let (pool, after) = (call.portal.pool(), &page.after);
    let found =
        access::provisioned_permission_sets(pool, account, status, after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |id| id)?;
    let arns: Value = found
        .iter()
        .map(|id| arn::permission_set(call, id))
        .collect();
    Ok(json!({ "PermissionSets": arns, "NextToken": next }))
}

/// An account's id.
pub(super) fn account_id<'a>(input: &Input<'a>, name: &str) -> Result<&'a str, ApiError> {
    let id = input.text(name)?;
    ACCOUNT_ID.check(&input.field(name), id)?;
    Ok(id)
}

/// A request as AWS first answers it: what was asked for is done later. Here it is done already;
/// clients of AWS ask for the end all the same.
pub(super) fn begun(request: AccessRequest) -> AccessRequest {
    AccessRequest {
        status: RequestStatus::InProgress,
        failure_reason: None,
        ..request
    }
}

/// The request whose id is the member `name`.
pub(super) async fn find(
    call: &Call<'_>,
    input: &Input<'_>,
    kind: RequestKind,
    name: &str,
) -> Result<AccessRequest, ApiError> {
    arn::need_instance(call, input)?;
    let id = input.text(name)?;
    REQUEST_ID.check(&input.field(name), id)?;
    let found = access::request(call.portal.pool(), kind, id).await?;
    Ok(found.ok_or_else(|| AccessError::no("request", id))?)
}

/// A page of the requests of a kind, and its `NextToken`.
pub(super) async fn list(
    call: &Call<'_>,
    input: &Input<'_>,
    kind: RequestKind,
) -> Result<(Value, Value), ApiError> {
    arn::need_instance(call, input)?;
    let filter = input.optional_structure("Filter")?;
    let status = match filter {
        Some(filter) => filter.optional_text("Status")?,
        None => None,
    };
    if let Some(status) = status {
        check::one_of("filter.status", status, RequestStatus::NAMES)?;
    }
    let status = status.and_then(RequestStatus::parse);
    let page = Page::of(call, input, 100)?;
    let pool = call.portal.pool();
    let found = access::requests(pool, kind, status, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, keyed(found, AccessRequest::key), |(key, _)| key)?;
    let requests = found
        .iter()
        .map(|(_, request)| {
            json!({
                "Status": request.status.name(),
                "RequestId": request.id,
                "CreatedDate": seconds(request.created_at),
            })
        })
        .collect();
    Ok((requests, next))
}

fn status(input: &Input<'_>) -> Result<Option<ProvisioningStatus>, ApiError> {
    let name = input.optional_text("ProvisioningStatus")?;
    if let Some(name) = name {
        check::one_of("provisioningStatus", name, ProvisioningStatus::NAMES)?;
    }
    Ok(name.and_then(ProvisioningStatus::parse))
}

fn json_of(call: &Call<'_>, request: &AccessRequest) -> Value {
    json!({
        "Status": request.status.name(),
        "RequestId": request.id,
        "AccountId": request.account_id,
        "PermissionSetArn": arn::permission_set(call, &request.permission_set_id),
        "FailureReason": request.failure_reason,
        "CreatedDate": seconds(request.created_at),
    })
}
