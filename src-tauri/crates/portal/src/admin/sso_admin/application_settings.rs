use serde_json::{Value, json};

use super::arn;
use crate::{
    access::AccessError,
    admin::{ApiError, Call, Input, Page},
    applications::{self, AccessScope},
    check,
};

/// PutApplicationAssignmentConfiguration.
pub(super) async fn put_assignment(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let name = "AssignmentRequired";
    let required = input
        .optional_flag(name)?
        .ok_or_else(|| input.missing(name))?;
    call.perform(async |act| applications::put_assignment_required(act, id, required).await)
        .await?;
    Ok(json!({}))
}

/// GetApplicationAssignmentConfiguration.
pub(super) async fn get_assignment(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let mut db = call.portal.pool().acquire().await?;
    let required = applications::assignment_required(&mut db, id).await?;
    Ok(json!({ "AssignmentRequired": required }))
}

/// PutApplicationSessionConfiguration.
pub(super) async fn put_session(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let name = "UserBackgroundSessionApplicationStatus";
    let status = input.optional_text(name)?.unwrap_or("ENABLED");
    check::one_of(&input.field(name), status, &["ENABLED", "DISABLED"])?;
    let enabled = status == "ENABLED";
    call.perform(async |act| applications::put_background_sessions(act, id, enabled).await)
        .await?;
    Ok(json!({}))
}

/// GetApplicationSessionConfiguration.
pub(super) async fn get_session(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let mut db = call.portal.pool().acquire().await?;
    let status = match applications::background_sessions(&mut db, id).await? {
        true => "ENABLED",
        false => "DISABLED",
    };
    Ok(json!({ "UserBackgroundSessionApplicationStatus": status }))
}

/// PutApplicationAccessScope.
pub(super) async fn put_scope(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let targets = input
        .optional_texts("AuthorizedTargets")?
        .unwrap_or_default();
    let wanted = AccessScope {
        scope: input.text("Scope")?.to_owned(),
        authorized_targets: targets.into_iter().map(str::to_owned).collect(),
    };
    call.perform(async |act| applications::put_access_scope(act, id, &wanted).await)
        .await?;
    Ok(json!({}))
}

/// GetApplicationAccessScope.
pub(super) async fn get_scope(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let name = input.text("Scope")?;
    let pool = call.portal.pool();
    applications::need_application(pool, id).await?;
    let scopes = applications::access_scopes(pool, id, "", i64::MAX).await?;
    let found = scopes.iter().find(|scope| scope.scope == name);
    Ok(scope_json(
        found.ok_or_else(|| AccessError::no("Scope", name))?,
    ))
}

/// DeleteApplicationAccessScope.
pub(super) async fn delete_scope(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let name = input.text("Scope")?;
    call.perform(async |act| applications::delete_access_scope(act, id, name).await)
        .await?;
    Ok(json!({}))
}

/// ListApplicationAccessScopes.
pub(super) async fn list_scopes(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let page = Page::of(call, input, 10)?;
    let pool = call.portal.pool();
    applications::need_application(pool, id).await?;
    let found = applications::access_scopes(pool, id, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |scope| &scope.scope)?;
    let scopes: Value = found.iter().map(scope_json).collect();
    Ok(json!({ "Scopes": scopes, "NextToken": next }))
}

/// PutApplicationAuthenticationMethod.
pub(super) async fn put_method(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = method_of(call, input)?;
    let iam = input.structure("AuthenticationMethod")?.structure("Iam")?;
    let policy = iam
        .document("ActorPolicy")
        .ok_or_else(|| iam.missing("ActorPolicy"))?;
    call.perform(async |act| applications::put_actor_policy(act, id, policy).await)
        .await?;
    Ok(json!({}))
}

/// GetApplicationAuthenticationMethod.
pub(super) async fn get_method(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = method_of(call, input)?;
    let mut db = call.portal.pool().acquire().await?;
    let policy = applications::actor_policy(&mut db, id).await?;
    let policy = policy.ok_or_else(|| applications::no_actor_policy(id))?;
    Ok(json!({ "AuthenticationMethod": { "Iam": { "ActorPolicy": policy } } }))
}

/// DeleteApplicationAuthenticationMethod.
pub(super) async fn delete_method(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = method_of(call, input)?;
    call.perform(async |act| applications::delete_actor_policy(act, id).await)
        .await?;
    Ok(json!({}))
}

/// ListApplicationAuthenticationMethods: one at most.
pub(super) async fn list_methods(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    Page::of(call, input, 100)?;
    let mut db = call.portal.pool().acquire().await?;
    let policy = applications::actor_policy(&mut db, id).await?;
    let methods: Value = policy
        .iter()
        .map(|policy| {
            json!({
                "AuthenticationMethodType": "IAM",
                "AuthenticationMethod": { "Iam": { "ActorPolicy": policy } },
            })
        })
        .collect();
    Ok(json!({ "AuthenticationMethods": methods }))
}

/// The id of an application whose authentication method of the one type there is is meant.
fn method_of<'a>(call: &Call<'_>, input: &Input<'a>) -> Result<&'a str, ApiError> {
    let kind = input.text("AuthenticationMethodType")?;
    check::one_of("authenticationMethodType", kind, &["IAM"])?;
    arn::application_id(call, input)
}

fn scope_json(scope: &AccessScope) -> Value {
    let targets = Some(&scope.authorized_targets).filter(|targets| !targets.is_empty());
    json!({ "Scope": scope.scope, "AuthorizedTargets": targets })
}
