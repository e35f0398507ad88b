use serde_json::{Value, json};

use crate::{
    admin::{ApiError, Call},
    organization,
};

/// DescribeOrganization.
pub(super) async fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    let instance = call.portal.instance();
    let mut db = call.portal.pool().acquire().await?;
    let owner = instance.owner_account_id(&mut *db).await?;
    let account = organization::account(&mut db, &owner).await?;
    let account = account.ok_or_else(|| {
        let text = "Your account is not a member of an organization.";
        ApiError::new("AWSOrganizationsNotInUseException", text)
    })?;
    let partition = &call.portal.config().partition;
    let id = &instance.organization_id;
    let arn = format!("arn:{partition}:organizations::{owner}");
    Ok(json!({
        "Organization": {
            "Id": id,
            "Arn": format!("{arn}:organization/{id}"),
            "FeatureSet": "ALL",
            "MasterAccountArn": format!("{arn}:account/{id}/{owner}"),
            "MasterAccountId": owner,
            "MasterAccountEmail": account.email,
            "AvailablePolicyTypes": [],
        },
    }))
}
