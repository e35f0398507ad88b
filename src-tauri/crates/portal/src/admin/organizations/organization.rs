use serde_json::{Value, json};

use super::{ApiError, Call, Input, nothing, page, store, tags_of};
use crate::organization::{self, Organization, ResourcePolicy};

/// CreateOrganization.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let feature_set = input.optional_text("FeatureSet")?;
    let made = call
        .perform(async |act| organization::create_organization(act, feature_set).await)
        .await?;
    Ok(json!({ "Organization": json_of(call, &made) }))
}

/// DescribeOrganization.
pub(super) async fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    let found = organization::organization(&mut *store(call).await?).await?;
    Ok(json!({ "Organization": json_of(call, &found) }))
}

/// DeleteOrganization.
pub(super) async fn delete(call: &Call<'_>) -> Result<Value, ApiError> {
    call.perform(organization::delete_organization).await?;
    Ok(nothing())
}

/// EnableAllFeatures. The handshake is over as soon as it is made: nobody else has to agree.
pub(super) async fn enable_all_features(call: &Call<'_>) -> Result<Value, ApiError> {
    let handshake = call.perform(organization::enable_all_features).await?;
    let found = organization::organization(&mut *store(call).await?).await?;
    let partition = &call.portal.config().partition;
    let resource = format!("enable_all_features/{}", handshake.id);
    let at = handshake.requested_at.unix_timestamp();
    Ok(json!({
        "Handshake": {
            "Id": handshake.id,
            "Arn": found.resource_arn(partition, "handshake", &resource),
            "Parties": [{ "Id": found.id, "Type": "ORGANIZATION" }],
            "State": "ACCEPTED",
            "RequestedTimestamp": at,
            "ExpirationTimestamp": at,
            "Action": "ENABLE_ALL_FEATURES",
            "Resources": [{ "Value": found.id, "Type": "ORGANIZATION" }],
        },
    }))
}

/// ListRoots: there is one.
pub(super) async fn list_roots(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    page(call, input)?;
    Ok(json!({ "Roots": [root(call).await?] }))
}

/// The root as AWS describes it.
pub(super) async fn root(call: &Call<'_>) -> Result<Value, ApiError> {
    let mut db = store(call).await?;
    let found = organization::organization(&mut db).await?;
    let enabled = organization::enabled_policy_types(&mut db).await?;
    let types: Vec<Value> = enabled
        .iter()
        .map(|name| json!({ "Type": name, "Status": "ENABLED" }))
        .collect();
    Ok(json!({
        "Id": found.root_id,
        "Arn": found.node_arn(&call.portal.config().partition, &found.root_id),
        "Name": "Root",
        "PolicyTypes": types,
    }))
}

/// PutResourcePolicy.
pub(super) async fn put_resource_policy(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    let (content, tags) = (input.text("Content")?, tags_of(input)?);
    let policy = call
        .perform(async |act| organization::put_resource_policy(act, content, &tags).await)
        .await?;
    resource_policy_json(call, &policy).await
}

/// DescribeResourcePolicy.
pub(super) async fn describe_resource_policy(call: &Call<'_>) -> Result<Value, ApiError> {
    let policy = organization::resource_policy(&mut *store(call).await?).await?;
    resource_policy_json(call, &policy).await
}

/// DeleteResourcePolicy.
pub(super) async fn delete_resource_policy(call: &Call<'_>) -> Result<Value, ApiError> {
    call.perform(organization::delete_resource_policy).await?;
    Ok(nothing())
}

async fn resource_policy_json(call: &Call<'_>, policy: &ResourcePolicy) -> Result<Value, ApiError> {
    let found = organization::organization(&mut *store(call).await?).await?;
    let partition = &call.portal.config().partition;
    Ok(json!({
        "ResourcePolicy": {
            "ResourcePolicySummary": {
                "Id": policy.id,
                "Arn": found.resource_arn(partition, "resourcepolicy", &policy.id),
            },
            "Content": policy.content,
        },
    }))
}

fn json_of(call: &Call<'_>, organization: &Organization) -> Value {
    let partition = &call.portal.config().partition;
    let management = &organization.management_account_id;
    // AWS calls this list obsolete, and still gives it.
    let available = match organization.feature_set.as_str() {
        "ALL" => json!([{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }]),
        _ => json!([]),
    };
    json!({
        "Id": organization.id,
        "Arn": organization.arn(partition),
        "FeatureSet": organization.feature_set,
        "MasterAccountArn": organization.node_arn(partition, management),
        "MasterAccountId": management,
        "MasterAccountEmail": organization.management_account_email,
        "AvailablePolicyTypes": available,
    })
}
