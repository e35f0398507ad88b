use serde_json::{Value, json};

use super::{ApiError, Call, Input, nothing, page, store, tags_of};
use crate::organization::{self, Account, AccountCreation, Kind, NewAccount, Organization};

/// CreateAccount, and CreateGovCloudAccount, which pairs it with one in the partition `aws-us-gov`.
/// The account is there when the status that is asked for next says so.
pub(super) async fn create(
    call: &Call<'_>,
    input: &Input<'_>,
    gov_cloud: bool,
) -> Result<Value, ApiError> {
    let tags = tags_of(input)?;
    let new = NewAccount {
        name: input.text("AccountName")?,
        email: input.text("Email")?,
        role_name: input.optional_text("RoleName")?,
        billing_access: input.optional_text("IamUserAccessToBilling")?,
        tags: &tags,
        gov_cloud,
    };
    let creation = call
        .perform(async |act| organization::create_account(act, &new).await)
        .await?;
    Ok(json!({
        "CreateAccountStatus": {
            "Id": creation.id,
            "AccountName": creation.account_name,
            "State": "IN_PROGRESS",
            "RequestedTimestamp": creation.requested_at.unix_timestamp(),
        },
    }))
}

/// DescribeCreateAccountStatus.
pub(super) async fn describe_creation(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    let id = input.text("CreateAccountRequestId")?;
    let found = organization::account_creation(&mut *store(call).await?, id).await?;
    Ok(json!({ "CreateAccountStatus": creation_json(&found) }))
}

/// ListCreateAccountStatus.
pub(super) async fn list_creations(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let states = input.optional_texts("States")?.unwrap_or_default();
    let mut db = store(call).await?;
    let found =
        organization::account_creations(&mut db, &states, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |creation| &creation.id)?;
    let statuses: Vec<Value> = found.iter().map(creation_json).collect();
    Ok(json!({ "CreateAccountStatuses": statuses, "NextToken": next }))
}

/// DescribeAccount.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("AccountId")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found = organization::account(&mut db, id).await?;
    Ok(json!({ "Account": json_of(call, &whole, &found) }))
}

/// ListAccounts.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found = organization::accounts(&mut *db, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |account| &account.id)?;
    let accounts: Vec<Value> = found.iter().map(|one| json_of(call, &whole, one)).collect();
    Ok(json!({ "Accounts": accounts, "NextToken": next }))
}

/// ListAccountsForParent.
pub(super) async fn list_for_parent(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let id = input.text("ParentId")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let parent = organization::parent(&mut db, id, Kind::Parent).await?;
    let unit = parent.unit_id.as_deref();
    let found = organization::accounts_in(&mut db, unit, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |account| &account.id)?;
    let accounts: Vec<Value> = found.iter().map(|one| json_of(call, &whole, one)).collect();
    Ok(json!({ "Accounts": accounts, "NextToken": next }))
}

/// MoveAccount.
pub(super) async fn move_to(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("AccountId")?;
    let source = input.text("SourceParentId")?;
    let destination = input.text("DestinationParentId")?;
    call.perform(async |act| organization::move_account(act, id, source, destination).await)
        .await?;
    Ok(nothing())
}

/// CloseAccount.
pub(super) async fn close(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("AccountId")?;
    call.perform(async |act| organization::close_account(act, id).await)
        .await?;
    Ok(nothing())
}

/// RemoveAccountFromOrganization.
pub(super) async fn remove(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("AccountId")?;
    call.perform(async |act| organization::remove_account(act, id).await)
        .await?;
    Ok(nothing())
}

/// An account as AWS describes it.
pub(super) fn json_of(call: &Call<'_>, whole: &Organization, account: &Account) -> Value {
    let state = match account.is_suspended {
        true => "SUSPENDED",
        false => "ACTIVE",
    };
    let path = whole.path(&account.unit_path);
    json!({
        "Id": account.id,
        "Arn": whole.node_arn(&call.portal.config().partition, &account.id),
        "Email": account.email,
        "Name": account.name,
        "Status": state,
        "State": state,
        "Paths": [format!("{path}{}/", account.id)],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined_at.unix_timestamp(),
    })
}

fn creation_json(creation: &AccountCreation) -> Value {
    json!({
        "Id": creation.id,
        "AccountName": creation.account_name,
        "State": creation.state,
        "RequestedTimestamp": creation.requested_at.unix_timestamp(),
        "CompletedTimestamp": creation.completed_at.unix_timestamp(),
        "AccountId": creation.account_id,
        "GovCloudAccountId": creation.gov_cloud_account_id,
        "FailureReason": creation.failure_reason,
    })
}
