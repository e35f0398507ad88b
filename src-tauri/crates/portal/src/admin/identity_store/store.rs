use serde_json::{Value, json};

use super::{Call, Input, LARGEST_PAGE, Page, not_found};
use crate::{
    admin::ApiError,
    check::{self, Pattern},
    directory::Kind,
};

static IDENTITY_STORE_ID: Pattern = Pattern::new(
    r"(arn:aws[a-z-]*:identitystore::\d{12}:identitystore/)?(d-[0-9a-f]{10}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
);

/// Refuses every identity store but the portal's own.
pub(super) async fn require(call: &Call<'_>, input: &Input<'_>) -> Result<(), ApiError> {
    let given = input.text("IdentityStoreId")?;
    check::length("identityStoreId", given, 1..=93)?;
    IDENTITY_STORE_ID.check("identityStoreId", given)?;
    let own = &call.portal.instance().identity_store_id;
    if given == own || given == arn(call).await? {
        return Ok(());
    }
    Err(not_found(Kind::IdentityStore, given))
}

/// DescribeIdentityStore.
pub(super) async fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    Ok(json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "IdentityStoreArn": arn(call).await?,
    }))
}

/// ListIdentityStores: the one there is.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    Page::of(call, input, LARGEST_PAGE)?;
    Ok(json!({ "IdentityStores": [describe(call).await?] }))
}

async fn arn(call: &Call<'_>) -> Result<String, ApiError> {
    let portal = call.portal;
    let owner = portal.instance().owner_account_id(portal.pool()).await?;
    Ok(format!(
        "arn:{}:identitystore::{owner}:identitystore/{}",
        portal.config().partition,
        portal.instance().identity_store_id
    ))
}
