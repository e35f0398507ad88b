use serde_json::{Value, json};

use super::{arn, seconds};
use crate::{
    access,
    admin::{ApiError, Call, Input, Page},
    check,
};

/// ListInstances: the one there is.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    Page::of(call, input, 100)?;
    Ok(json!({ "Instances": [json_of(call).await?] }))
}

/// DescribeInstance.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let mut instance = json_of(call).await?;
    if let Some(members) = instance.as_object_mut() {
        let key = json!({ "KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED" });
        members.insert("EncryptionConfigurationDetails".to_owned(), key);
        members.insert("PermissionSetsEnabled".to_owned(), true.into());
    }
    Ok(instance)
}

/// UpdateInstance: its name. Its data is sealed with the portal's own key, and nothing else.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    if let Some(encryption) = input.optional_structure("EncryptionConfiguration")? {
        let kind = encryption.text("KeyType")?;
        check::one_of(&encryption.field("KeyType"), kind, &["AWS_OWNED_KMS_KEY"])?;
    }
    if let Some(name) = input.optional_text("Name")? {
        call.perform(async |act| access::rename_instance(act, name).await)
            .await?;
    }
    Ok(json!({}))
}

/// CreateInstance: always refused.
pub(super) fn create(call: &Call<'_>) -> Result<Value, ApiError> {
    Err(access::refuse_another(call.portal).into())
}

/// AddRegion.
pub(super) async fn add_region(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let name = input.text("RegionName")?;
    call.perform(async |act| access::add_region(act, name).await)
        .await?;
    Ok(json!({ "Status": "ADDING" }))
}

/// RemoveRegion.
pub(super) async fn remove_region(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let name = input.text("RegionName")?;
    call.perform(async |act| access::remove_region(act, name).await)
        .await?;
    Ok(json!({ "Status": "REMOVING" }))
}

/// DescribeRegion.
pub(super) async fn describe_region(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let name = input.text("RegionName")?;
    let found = regions(call)
        .await?
        .into_iter()
        .find(|region| region["RegionName"] == name);
    Ok(found.ok_or_else(|| access::no_region(name))?)
}

/// ListRegions.
pub(super) async fn list_regions(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let page = Page::of(call, input, 100)?;
    let mut found = regions(call).await?;
    let name = |region: &Value| region["RegionName"].as_str().unwrap_or_default().to_owned();
    found.sort_by_key(name);
    found.retain(|region| name(region) > page.after);
    let named = found
        .into_iter()
        .map(|region| (name(&region), region))
        .collect();
    let (found, next) = page.cut(call, named, |(name, _)| name)?;
    let regions: Value = found.into_iter().map(|(_, region)| region).collect();
    Ok(json!({ "Regions": regions, "NextToken": next }))
}

async fn json_of(call: &Call<'_>) -> Result<Value, ApiError> {
    let instance = call.portal.instance();
    let pool = call.portal.pool();
    let owner = instance.owner_account_id(pool).await?;
    Ok(json!({
        "InstanceArn": arn::instance(call),
        "IdentityStoreId": instance.identity_store_id,
        "IdentityStoreArn": arn::identity_store(call, &owner),
        "OwnerAccountId": owner,
        "Name": access::instance_name(pool).await?,
        "CreatedDate": seconds(instance.created_at),
        "Status": "ACTIVE",
        "PrimaryRegion": call.portal.config().region,
        "Regions": regions(call).await?,
    }))
}

/// The first region, then those added.
async fn regions(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let first = json!({
        "RegionName": call.portal.config().region,
        "Status": "ACTIVE",
        "AddedDate": seconds(call.portal.instance().created_at),
        "IsPrimaryRegion": true,
    });
    let mut db = call.portal.pool().acquire().await?;
    let added = access::added_regions(&mut db).await?;
    let added = added.iter().map(|region| {
        json!({
            "RegionName": region.name,
            "Status": "ACTIVE",
            "AddedDate": seconds(region.added_at),
            "IsPrimaryRegion": false,
        })
    });
    Ok(std::iter::once(first).chain(added).collect())
}
