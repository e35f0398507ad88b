use serde_json::{Value, json};

use super::arn;
use crate::{
    access::{self, AccessControlAttribute},
    admin::{ApiError, Call, Input},
    check,
};

const CONFIGURATION: &str = "InstanceAccessControlAttributeConfiguration";

/// CreateInstanceAccessControlAttributeConfiguration.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = read(call, input)?;
    call.perform(async |act| access::create_attributes(act, &wanted).await)
        .await?;
    Ok(json!({}))
}

/// UpdateInstanceAccessControlAttributeConfiguration.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = read(call, input)?;
    call.perform(async |act| access::update_attributes(act, &wanted).await)
        .await?;
    Ok(json!({}))
}

/// DescribeInstanceAccessControlAttributeConfiguration.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let mut db = call.portal.pool().acquire().await?;
    let attributes = access::need_attributes(&mut db).await?;
    let attributes: Value = attributes
        .iter()
        .map(|attribute| json!({ "Key": attribute.key, "Value": { "Source": [attribute.source] } }))
        .collect();
    Ok(json!({
        "Status": "ENABLED",
        CONFIGURATION: { "AccessControlAttributes": attributes },
    }))
}

/// DeleteInstanceAccessControlAttributeConfiguration.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    call.perform(async |act| access::delete_attributes(act).await)
        .await?;
    Ok(json!({}))
}

fn read(call: &Call<'_>, input: &Input<'_>) -> Result<Vec<AccessControlAttribute>, ApiError> {
    arn::need_instance(call, input)?;
    let configuration = input.structure(CONFIGURATION)?;
    let name = "AccessControlAttributes";
    configuration
        .document(name)
        .ok_or_else(|| configuration.missing(name))?;
    let attribute = |entry: Input<'_>| {
        let value = entry.structure("Value")?;
        let sources = value.texts("Source")?;
        check::count(
            &value.field("Source"),
            &sources.join(", "),
            sources.len(),
            1..=1,
        )?;
        Ok(AccessControlAttribute {
            key: entry.text("Key")?.to_owned(),
            source: sources.concat(),
        })
    };
    configuration
        .structures(name)?
        .into_iter()
        .map(attribute)
        .collect()
}
