use axum::{
    extract::rejection::QueryRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use thiserror::Error;
use time::Duration;

use crate::{access::CredentialsError, aws_error, seal::SealError};

/// What the portal API answers when it refuses.
#[derive(Debug, Error)]
pub enum PortalApiError {
    /// The request is malformed.
    #[error("{0}")]
    InvalidRequest(String),
    /// No access token, or one that is dead.
    #[error("Session token not found or invalid")]
    Unauthorized,
    /// The role or account is not assigned to this user.
    #[error("No access")]
    Forbidden,
    /// The session's token bucket is empty; there is a token again after this time.
    #[error("Too many requests. Wait a moment and try again.")]
    TooManyRequests(Duration),
    /// The store failed.
    #[error("The portal could not answer. Try again.")]
    Store(#[from] sqlx::Error),
    /// Sealing failed.
    #[error("The portal could not answer. Try again.")]
    Seal(#[from] SealError),
    /// Credentials could not be made.
    #[error("The portal could not answer. Try again.")]
    Credentials(#[from] CredentialsError),
}

impl PortalApiError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidRequest(message.into())
    }

    /// AWS's type, as in `ForbiddenException`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "InvalidRequestException",
            Self::Unauthorized => "UnauthorizedException",
            Self::Forbidden => "ForbiddenException",
            Self::TooManyRequests(_) => "TooManyRequestsException",
            Self::Store(_) | Self::Seal(_) | Self::Credentials(_) => "InternalServerException",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(_) | Self::Seal(_) | Self::Credentials(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

impl From<QueryRejection> for PortalApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::invalid(rejection.body_text())
    }
}

impl IntoResponse for PortalApiError {
    fn into_response(self) -> Response {
        if self.status().is_server_error() {
            tracing::error!(error = ?self, "the portal API failed");
        }
        let message = self.to_string();
        let response = aws_error::response(self.status(), self.kind(), &message, Value::Null);
        match self {
            Self::TooManyRequests(wait) => aws_error::retry_after(response, wait),
            _ => response,
        }
    }
}
