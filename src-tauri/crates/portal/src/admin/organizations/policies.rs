use serde_json::{Value, json};

use super::{ApiError, Call, Input, nothing, organization::root, page, store, tags_of};
use crate::organization::{self, Node, Organization, Policy, PolicyChange};

/// CreatePolicy.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (kind, name) = (input.text("Type")?, input.text("Name")?);
    let (description, content) = (input.text("Description")?, input.text("Content")?);
    let tags = tags_of(input)?;
    let policy = call
        .perform(async |act| {
            organization::create_policy(act, kind, name, description, content, &tags).await
        })
        .await?;
    described(call, &policy).await
}

/// UpdatePolicy.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("PolicyId")?;
    let change = PolicyChange {
        name: input.optional_text("Name")?,
        description: input.optional_text("Description")?,
        content: input.optional_text("Content")?,
    };
    let policy = call
        .perform(async |act| organization::update_policy(act, id, &change).await)
        .await?;
    described(call, &policy).await
}

/// DeletePolicy.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("PolicyId")?;
    call.perform(async |act| organization::delete_policy(act, id).await)
        .await?;
    Ok(nothing())
}

/// DescribePolicy.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = input.text("PolicyId")?;
    let policy = organization::policy(&mut *store(call).await?, id).await?;
    described(call, &policy).await
}

/// ListPolicies.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let kind = input.text("Filter")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found = organization::policies(&mut db, kind, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |policy| &policy.id)?;
    let policies: Vec<Value> = found.iter().map(|one| summary(call, &whole, one)).collect();
    Ok(json!({ "Policies": policies, "NextToken": next }))
}

/// ListPoliciesForTarget.
pub(super) async fn list_for_target(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let (target, kind) = (input.text("TargetId")?, input.text("Filter")?);
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found =
        organization::policies_of_target(&mut db, target, kind, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |policy| &policy.id)?;
    let policies: Vec<Value> = found.iter().map(|one| summary(call, &whole, one)).collect();
    Ok(json!({ "Policies": policies, "NextToken": next }))
}

/// ListTargetsForPolicy.
pub(super) async fn list_targets(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = page(call, input)?;
    let id = input.text("PolicyId")?;
    let mut db = store(call).await?;
    let whole = organization::organization(&mut db).await?;
    let found = organization::targets_of_policy(&mut db, id, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |(id, _)| id)?;
    let partition = &call.portal.config().partition;
    let target = |(id, name): &(String, String)| {
        json!({
            "TargetId": id,
            "Arn": whole.node_arn(partition, id),
            "Name": name,
            "Type": Node::of(id).map(|node| node.name()),
        })
    };
    let targets: Vec<Value> = found.iter().map(target).collect();
    Ok(json!({ "Targets": targets, "NextToken": next }))
}

/// AttachPolicy.
pub(super) async fn attach(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (policy, target) = (input.text("PolicyId")?, input.text("TargetId")?);
    call.perform(async |act| organization::attach_policy(act, policy, target).await)
        .await?;
    Ok(nothing())
}

/// DetachPolicy.
pub(super) async fn detach(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (policy, target) = (input.text("PolicyId")?, input.text("TargetId")?);
    call.perform(async |act| organization::detach_policy(act, policy, target).await)
        .await?;
    Ok(nothing())
}

/// EnablePolicyType.
pub(super) async fn enable_type(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, kind) = (input.text("RootId")?, input.text("PolicyType")?);
    call.perform(async |act| organization::enable_policy_type(act, id, kind).await)
        .await?;
    Ok(json!({ "Root": root(call).await? }))
}

/// DisablePolicyType.
pub(super) async fn disable_type(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, kind) = (input.text("RootId")?, input.text("PolicyType")?);
    call.perform(async |act| organization::disable_policy_type(act, id, kind).await)
        .await?;
    Ok(json!({ "Root": root(call).await? }))
}

async fn described(call: &Call<'_>, policy: &Policy) -> Result<Value, ApiError> {
    let whole = organization::organization(&mut *store(call).await?).await?;
    let summary = summary(call, &whole, policy);
    Ok(json!({ "Policy": { "PolicySummary": summary, "Content": policy.content } }))
}

fn summary(call: &Call<'_>, whole: &Organization, policy: &Policy) -> Value {
    json!({
        "Id": policy.id,
        "Arn": policy.arn(whole, &call.portal.config().partition),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.policy_type,
        "AwsManaged": policy.aws_managed,
    })
}
