use serde_json::{Value, json};

use super::arn::{self, Resource};
use crate::{
    access::{self, Tag},
    admin::{ApiError, Call, Input, Page},
    applications,
};

/// TagResource.
pub(super) async fn tag(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(call, input).await?;
    input
        .document("Tags")
        .ok_or_else(|| input.missing("Tags"))?;
    let tags = read(input)?;
    call.perform(async |act| access::tag_resource(act, &id, &tags).await)
        .await?;
    Ok(json!({}))
}

/// UntagResource.
pub(super) async fn untag(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(call, input).await?;
    let keys = input.texts("TagKeys")?;
    call.perform(async |act| access::untag_resource(act, &id, &keys).await)
        .await?;
    Ok(json!({}))
}

/// ListTagsForResource.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(call, input).await?;
    let page = Page::of(call, input, 75)?;
    let found = access::tags(call.portal.pool(), &id, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |tag| &tag.key)?;
    let tags: Value = found
        .iter()
        .map(|tag| json!({ "Key": tag.key, "Value": tag.value }))
        .collect();
    Ok(json!({ "Tags": tags, "NextToken": next }))
}

/// The member `Tags`.
pub(super) fn read(input: &Input<'_>) -> Result<Vec<Tag>, ApiError> {
    let tag = |tag: Input<'_>| {
        Ok(Tag {
            key: tag.text("Key")?.to_owned(),
            value: tag.text("Value")?.to_owned(),
        })
    };
    input.structures("Tags")?.into_iter().map(tag).collect()
}

/// The id of the resource in `ResourceArn`, which exists.
async fn resource_id(call: &Call<'_>, input: &Input<'_>) -> Result<String, ApiError> {
    if input.optional_text("InstanceArn")?.is_some() {
        arn::need_instance(call, input)?;
    }
    let pool = call.portal.pool();
    Ok(match arn::resource(call, input)? {
        Resource::Instance => call.portal.instance().instance_id.clone(),
        Resource::PermissionSet(id) => access::need_permission_set(pool, id).await?.id,
        Resource::Application(id) => applications::need_application(pool, id).await?.id,
        Resource::TokenIssuer(id) => applications::need_token_issuer(pool, id).await?.id,
    })
}
