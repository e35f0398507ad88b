//! `organizations`: the organization, its accounts and organizational units.

mod organization;

use serde_json::Value;

use super::{ApiError, Call, Input};

/// What this portal offers.
pub(super) const OPERATIONS: &[&str] = &["DescribeOrganization"];

pub(super) async fn answer(call: &Call<'_>, _input: Input<'_>) -> Result<Value, ApiError> {
    match call.operation {
        "DescribeOrganization" => organization::describe(call).await,
        _ => Err(ApiError::not_offered()),
    }
}
