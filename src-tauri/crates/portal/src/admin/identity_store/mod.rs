//! `identitystore`: users, groups and memberships.

mod users;

use serde_json::Value;

use super::{ApiError, Call, Input};

/// What this portal offers.
pub(super) const OPERATIONS: &[&str] = &["ListUsers"];

pub(super) async fn answer(call: &Call<'_>, input: Input<'_>) -> Result<Value, ApiError> {
    match call.operation {
        "ListUsers" => users::list(call, &input).await,
        _ => Err(ApiError::not_offered()),
    }
}
