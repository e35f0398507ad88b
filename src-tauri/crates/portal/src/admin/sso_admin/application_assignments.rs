use serde_json::{Value, json};

use super::{applications::owner, arn, keyed, principal};
use crate::{
    admin::{ApiError, Call, Input, Page},
    applications::{self, ApplicationAssignment},
};

/// CreateApplicationAssignment.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = read(call, input)?;
    call.perform(async |act| applications::create_application_assignment(act, &wanted).await)
        .await?;
    Ok(json!({}))
}

/// DeleteApplicationAssignment.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let unwanted = read(call, input)?;
    call.perform(async |act| applications::delete_application_assignment(act, &unwanted).await)
        .await?;
    Ok(json!({}))
}

/// DescribeApplicationAssignment.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = read(call, input)?;
    let mut db = call.portal.pool().acquire().await?;
    applications::need_application_assignment(&mut db, &wanted).await?;
    drop(db);
    Ok(json_of(call, &owner(call).await?, &wanted))
}

/// ListApplicationAssignments.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let page = Page::of(call, input, 100)?;
    let pool = call.portal.pool();
    applications::need_application(pool, id).await?;
    let found = applications::application_assignments(pool, id, &page.after, page.probe()).await?;
    answer(call, &page, found).await
}

/// ListApplicationAssignmentsForPrincipal.
pub(super) async fn list_for_principal(
    call: &Call<'_>,
    input: &Input<'_>,
) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let principal = principal(input)?;
    let filter = input.optional_structure("Filter")?;
    let wanted = match &filter {
        Some(filter) => filter.optional_text("ApplicationArn")?,
        None => None,
    };
    let id = match wanted {
        Some(arn) => arn::application_of(call, arn)?,
        None => "",
    };
    let page = Page::of(call, input, 100)?;
    let found = applications::application_assignments_for_principal(
        call.portal.pool(),
        &principal,
        id,
        &page.after,
        page.probe(),
    )
    .await?;
    answer(call, &page, found).await
}

async fn answer(
    call: &Call<'_>,
    page: &Page,
    found: Vec<ApplicationAssignment>,
) -> Result<Value, ApiError> {
    let (found, next) = page.cut(
        call,
        keyed(found, ApplicationAssignment::key),
        |(key, _)| key,
    )?;
    let owner = owner(call).await?;
    let found: Value = found
        .iter()
        .map(|(_, assignment)| json_of(call, &owner, assignment))
        .collect();
    Ok(json!({ "ApplicationAssignments": found, "NextToken": next }))
}

fn read(call: &Call<'_>, input: &Input<'_>) -> Result<ApplicationAssignment, ApiError> {
    Ok(ApplicationAssignment {
        application_id: arn::application_id(call, input)?.to_owned(),
        principal: principal(input)?,
    })
}

fn json_of(call: &Call<'_>, owner: &str, assignment: &ApplicationAssignment) -> Value {
    let (kind, id) = assignment.principal.parts();
    json!({
        "ApplicationArn": arn::application(call, owner, &assignment.application_id),
        "PrincipalType": kind,
        "PrincipalId": id,
    })
}
