use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use thiserror::Error;

use crate::{access::CredentialsError, caller::CallerError, mfa::TotpError, sigv4::SignatureError};

/// What STS answers when it refuses. Codes and texts are AWS's.
#[derive(Debug, Error)]
pub(super) enum StsError {
    /// No `Action`.
    #[error("Could not find operation; the parameter Action is missing")]
    MissingAction,
    /// An operation this portal does not offer.
    #[error("Could not find operation {0} for version 2011-06-15")]
    InvalidAction(String),
    /// A parameter that the operation needs.
    #[error("The request must contain the parameter {0}")]
    Missing(&'static str),
    /// A parameter outside what it may be.
    #[error("{0}")]
    Invalid(String),
    /// The signature is missing, malformed, too old or wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed for another service.
    #[error("Credential should be scoped to correct service: 'sts'.")]
    WrongService,
    /// The access key is not one this portal issued, or the session token is not its own.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The credentials are over.
    #[error("The security token included in the request is expired")]
    Expired,
    /// Too many requests of this host were refused.
    #[error("Rate exceeded")]
    Throttled,
    /// Not allowed.
    #[error("{0}")]
    AccessDenied(String),
    /// The portal failed.
    #[error("The portal could not answer. Try again.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StsError {
    /// Status and code.
    pub(super) fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::MissingAction => (StatusCode::BAD_REQUEST, "MissingAction"),
            Self::InvalidAction(_) => (StatusCode::BAD_REQUEST, "InvalidAction"),
            Self::Missing(_) => (StatusCode::BAD_REQUEST, "MissingParameter"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "ValidationError"),
            Self::Signature(SignatureError::Missing) => {
                (StatusCode::FORBIDDEN, "MissingAuthenticationToken")
            }
            Self::Signature(SignatureError::Incomplete(_)) => {
                (StatusCode::BAD_REQUEST, "IncompleteSignature")
            }
            Self::Signature(SignatureError::Skewed { .. } | SignatureError::Mismatch)
            | Self::WrongService => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
            Self::UnknownKey => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
            Self::Expired => (StatusCode::FORBIDDEN, "ExpiredToken"),
            Self::Throttled => (StatusCode::BAD_REQUEST, "Throttling"),
            Self::AccessDenied(_) => (StatusCode::FORBIDDEN, "AccessDenied"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
        }
    }

    pub(super) fn into_response(self, request_id: &str) -> Response {
        let (status, code) = self.code();
        if let Self::Internal(source) = &self {
            tracing::error!(
                error = &**source as &dyn std::error::Error,
                "no answer from STS"
            );
        }
        let fault = if status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let body = ErrorXml {
            fault,
            code,
            message: self.to_string(),
            request_id,
        };
        match body.render() {
            Ok(body) => (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

#[derive(Template)]
#[template(path = "sts/error.xml")]
struct ErrorXml<'a> {
    fault: &'a str,
    code: &'a str,
    message: String,
    request_id: &'a str,
}

impl From<sqlx::Error> for StsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<askama::Error> for StsError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<CallerError> for StsError {
    fn from(error: CallerError) -> Self {
        match error {
            CallerError::Signature(error) => Self::Signature(error),
            CallerError::WrongService(_) | CallerError::WrongRegion(_) => Self::WrongService,
            CallerError::UnknownKey => Self::UnknownKey,
            CallerError::Expired => Self::Expired,
            CallerError::Internal(source) => Self::Internal(source),
        }
    }
}

impl From<TotpError> for StsError {
    fn from(error: TotpError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<CredentialsError> for StsError {
    fn from(error: CredentialsError) -> Self {
        CallerError::from(error).into()
    }
}
