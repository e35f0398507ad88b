use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{CONTENT_TYPE, Service};
use crate::{
    act::Refusal, aws_error::ERROR_TYPE, caller::CallerError, check::Invalid, seal::SealError,
    sigv4::SignatureError,
};

/// What every failure of the portal is called inside; AWS's services differ in their names for it.
const FAULT: &str = "InternalServerException";

/// A refusal of an administrative API: HTTP 400, or 500 where the portal failed.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(super) kind: &'static str,
    pub(super) message: String,
    members: Value,
}

impl ApiError {
    /// An error of `kind` (`ResourceNotFoundException`).
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            members: Value::Null,
        }
    }

    /// The portal does not have this operation.
    pub(super) fn not_offered() -> Self {
        let text = "This portal does not offer this operation.";
        Self::new("UnknownOperationException", text)
    }

    /// Too many requests of this host were refused.
    pub(super) fn throttled() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    /// The body is not what JSON 1.1 and the operation's input are.
    pub(super) fn unreadable(problem: impl Into<String>) -> Self {
        Self::new("SerializationException", problem)
    }

    fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "no answer from an administrative API");
        Self::new(FAULT, "The portal could not answer. Try again.")
    }

    /// The answer, with `service`'s names, to the request with this id.
    pub(super) fn into_response(self, service: Option<Service>, request_id: &str) -> Response {
        let status = match self.kind {
            FAULT => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let kind = service.map_or(self.kind, |service| service.exception(self.kind));
        let mut body = json!({
            "__type": kind,
            "Message": self.message,
            "RequestId": request_id,
        });
        if let (Some(body), Value::Object(members)) = (body.as_object_mut(), self.members) {
            body.extend(members);
        }
        let headers = [(ERROR_TYPE, kind), (header::CONTENT_TYPE, CONTENT_TYPE)];
        (status, headers, body.to_string()).into_response()
    }
}

/// Every refusal of the domain reads the same through all doors.
impl<E: Refusal + 'static> From<E> for ApiError {
    fn from(error: E) -> Self {
        match error.code() {
            FAULT => Self::fault(&error),
            kind => Self {
                kind,
                message: error.to_string(),
                members: error.members(),
            },
        }
    }
}

impl Refusal for Invalid {
    fn code(&self) -> &'static str {
        "ValidationException"
    }
}

impl Refusal for sqlx::Error {
    fn code(&self) -> &'static str {
        FAULT
    }
}

impl Refusal for SealError {
    fn code(&self) -> &'static str {
        FAULT
    }
}

impl Refusal for CallerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Signature(SignatureError::Missing) => "MissingAuthenticationTokenException",
            Self::Signature(SignatureError::Incomplete(_)) => "IncompleteSignatureException",
            Self::Signature(SignatureError::Skewed { .. } | SignatureError::Mismatch)
            | Self::WrongService(_)
            | Self::WrongRegion(_) => "InvalidSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Expired => "ExpiredTokenException",
            Self::Internal(_) => FAULT,
        }
    }
}
