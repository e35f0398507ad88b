use serde_json::{Value, json};

use super::{ApiError, Call, Input, nothing, page, store, tags_of};
use crate::organization;

/// ListTagsForResource. It does not let callers choose the size of its pages.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let id = input.text("ResourceId")?;
    let mut db = store(call).await?;
    let found = organization::tags(&mut db, id, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |tag| &tag.key)?;
    let tags: Vec<Value> = found
        .iter()
        .map(|tag| json!({ "Key": tag.key, "Value": tag.value }))
        .collect();
    Ok(json!({ "Tags": tags, "NextToken": next }))
}

/// TagResource.
pub(super) async fn tag(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, tags) = (input.text("ResourceId")?, tags_of(input)?);
    call.perform(async |act| organization::tag_resource(act, id, &tags).await)
        .await?;
    Ok(nothing())
}

/// UntagResource.
pub(super) async fn untag(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, keys) = (input.text("ResourceId")?, input.texts("TagKeys")?);
    call.perform(async |act| organization::untag_resource(act, id, &keys).await)
        .await?;
    Ok(nothing())
}
