use serde_json::{Value, json};

use crate::admin::{ApiError, Call, Input, Page};

/// ListInstances: the one there is.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    Page::of(call, input, 100)?;
    let instance = call.portal.instance();
    let owner = instance.owner_account_id(call.portal.pool()).await?;
    Ok(json!({
        "Instances": [{
            "InstanceArn": instance.arn(&call.portal.config().partition),
            "IdentityStoreId": instance.identity_store_id,
            "OwnerAccountId": owner,
            "Status": "ACTIVE",
        }],
    }))
}
