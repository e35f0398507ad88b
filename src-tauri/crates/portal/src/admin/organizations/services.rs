use serde_json::{Value, json};

use super::{ApiError, Call, Input, accounts, nothing, page, store};
use crate::organization;

/// EnableAWSServiceAccess.
pub(super) async fn enable(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let service = input.text("ServicePrincipal")?;
    call.perform(async |act| organization::enable_service(act, service).await)
        .await?;
    Ok(nothing())
}

/// DisableAWSServiceAccess.
pub(super) async fn disable(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let service = input.text("ServicePrincipal")?;
    call.perform(async |act| organization::disable_service(act, service).await)
        .await?;
    Ok(nothing())
}

/// ListAWSServiceAccessForOrganization.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let mut db = store(call).await?;
    let found = organization::services(&mut db, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |(name, _)| name)?;
    let services: Vec<Value> = found
        .iter()
        .map(|(name, at)| json!({ "ServicePrincipal": name, "DateEnabled": at.unix_timestamp() }))
        .collect();
    Ok(json!({ "EnabledServicePrincipals": services, "NextToken": next }))
}

/// RegisterDelegatedAdministrator.
pub(super) async fn register(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, service) = (input.text("AccountId")?, input.text("ServicePrincipal")?);
    call.perform(async |act| organization::register_administrator(act, id, service).await)
        .await?;
    Ok(nothing())
}

/// DeregisterDelegatedAdministrator.
pub(super) async fn deregister(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, service) = (input.text("AccountId")?, input.text("ServicePrincipal")?);
    call.perform(async |act| organization::deregister_administrator(act, id, service).await)
        .await?;
    Ok(nothing())
}

/// ListDelegatedAdministrators.
pub(super) async fn list_administrators(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let service = input.optional_text("ServicePrincipal")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found = organization::administrators(&mut db, service, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |(account, _)| &account.id)?;
    let administrators: Vec<Value> = found
        .iter()
        .map(|(account, since)| {
            let mut account = accounts::json_of(call, &whole, account);
            account["Paths"] = Value::Null;
            account["DelegationEnabledDate"] = since.unix_timestamp().into();
            account
        })
        .collect();
    Ok(json!({ "DelegatedAdministrators": administrators, "NextToken": next }))
}

/// ListDelegatedServicesForAccount.
pub(super) async fn list_delegated(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let id = input.text("AccountId")?;
    let mut db = store(call).await?;
    let found =
        organization::services_of_administrator(&mut db, id, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |(name, _)| name)?;
    let services: Vec<Value> = found
        .iter()
        .map(|(name, since)| {
            let since = since.unix_timestamp();
            json!({ "ServicePrincipal": name, "DelegationEnabledDate": since })
        })
        .collect();
    Ok(json!({ "DelegatedServices": services, "NextToken": next }))
}
