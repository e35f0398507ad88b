//! Errors as AWS's clients read them: the type in the header `x-amzn-ErrorType` and in the body's
//! `__type`, the text in `message`.

use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// The header that names an error's type.
pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// An error of `kind` (`UnauthorizedException`); the fields of the object `more` go into the body.
pub(crate) fn response(
    status: StatusCode,
    kind: &'static str,
    message: &str,
    more: Value,
) -> Response {
    let mut body = json!({ "__type": kind, "message": message });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    (status, [(ERROR_TYPE, kind)], Json(body)).into_response()
}
