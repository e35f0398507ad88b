use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use thiserror::Error;
use time::Duration;

use crate::aws_error;

/// What SSO OIDC answers when it refuses. Each has AWS's type and OAuth's code (RFC 6749 section
/// 5.2, RFC 8628 section 3.5, RFC 7591 section 3.2.2).
#[derive(Debug, Error)]
pub enum OidcError {
    /// The user has not decided yet.
    #[error("The authorization is still pending.")]
    AuthorizationPending,
    /// The client polls too often.
    #[error("Polling too often. Wait longer between requests.")]
    SlowDown,
    /// The device code is over.
    #[error("The device code has expired. Start again.")]
    ExpiredToken,
    /// The user said no.
    #[error("The user denied the request.")]
    AccessDenied,
    /// The code or token is unknown, spent, revoked or someone else's.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// The client is unknown, its secret wrong or its registration expired.
    #[error("The client is not registered, or its registration has expired.")]
    InvalidClient,
    /// The request is malformed.
    #[error("{0}")]
    InvalidRequest(String),
    /// A scope this portal does not know.
    #[error("The scope {0:?} is not supported.")]
    InvalidScope(String),
    /// The client is not registered for this grant.
    #[error("The client is not registered for this grant type.")]
    UnauthorizedClient,
    /// A grant this portal does not know.
    #[error("The grant type {0:?} is not supported.")]
    UnsupportedGrantType(String),
    /// A registration that makes no sense.
    #[error("{0}")]
    InvalidClientMetadata(String),
    /// A redirect address that is not allowed.
    #[error("The redirect URI {0:?} is not allowed.")]
    InvalidRedirectUri(String),
    /// Too many from one host; there may be another after this time.
    #[error("Too many requests. Wait a moment and try again.")]
    TooManyRequests(Duration),
    /// The store failed.
    #[error("The portal could not answer. Try again.")]
    Internal(#[from] sqlx::Error),
}

impl OidcError {
    /// AWS's type, as in `InvalidGrantException`.
    pub fn kind(&self) -> &'static str {
        self.names().0
    }

    /// OAuth's code, as in `invalid_grant`.
    pub fn oauth_code(&self) -> &'static str {
        self.names().1
    }

    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::AuthorizationPending => {
                ("AuthorizationPendingException", "authorization_pending")
            }
            Self::SlowDown => ("SlowDownException", "slow_down"),
            Self::ExpiredToken => ("ExpiredTokenException", "expired_token"),
            Self::AccessDenied => ("AccessDeniedException", "access_denied"),
            Self::InvalidGrant(_) => ("InvalidGrantException", "invalid_grant"),
            Self::InvalidClient => ("InvalidClientException", "invalid_client"),
            Self::InvalidRequest(_) => ("InvalidRequestException", "invalid_request"),
            Self::InvalidScope(_) => ("InvalidScopeException", "invalid_scope"),
            Self::UnauthorizedClient => ("UnauthorizedClientException", "unauthorized_client"),
            Self::UnsupportedGrantType(_) => {
                ("UnsupportedGrantTypeException", "unsupported_grant_type")
            }
            Self::InvalidClientMetadata(_) => {
                ("InvalidClientMetadataException", "invalid_client_metadata")
            }
            Self::InvalidRedirectUri(_) => ("InvalidRedirectUriException", "invalid_redirect_uri"),
            Self::TooManyRequests(_) => ("TooManyRequestsException", "temporarily_unavailable"),
            Self::Internal(_) => ("InternalServerException", "server_error"),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for OidcError {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = %source, "the store failed");
        }
        let description = self.to_string();
        let response = aws_error::response(
            self.status(),
            self.kind(),
            &description,
            json!({ "error": self.oauth_code(), "error_description": description }),
        );
        match self {
            Self::TooManyRequests(wait) => aws_error::retry_after(response, wait),
            _ => response,
        }
    }
}
