//! `sso-admin`: instances, permission sets, assignments, applications.

mod instances;

use serde_json::Value;

use super::{ApiError, Call, Input};

/// What this portal offers.
pub(super) const OPERATIONS: &[&str] = &["ListInstances"];

pub(super) async fn answer(call: &Call<'_>, input: Input<'_>) -> Result<Value, ApiError> {
    match call.operation {
        "ListInstances" => instances::list(call, &input).await,
        _ => Err(ApiError::not_offered()),
    }
}
