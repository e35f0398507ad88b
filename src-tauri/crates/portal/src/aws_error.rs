//! Errors as AWS's clients read them: the type in the header `x-amzn-ErrorType` and in the body's
//! `__type`, the text in `message`.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use time::Duration;

/// The header that names an error's type.
pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The same answer, saying after what time to ask again: whole seconds, rounded up (RFC 9110
/// section 10.2.3).
pub(crate) fn retry_after(mut response: Response, wait: Duration) -> Response {
    let seconds = (wait.whole_milliseconds() + 999) / 1000;
    if let Ok(value) = HeaderValue::from_str(&seconds.max(1).to_string()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

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
