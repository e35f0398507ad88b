//! SSO OIDC: client registration, the device and authorization code grants, refresh.
//!
//! The pages a user sees on the way (`/authorize`, `/device`) belong to [`crate::web`]; they decide
//! through [`authorization_code`] and [`device_code`].

use axum::{Router, routing::post};

use crate::Portal;

pub mod access_token;
pub mod authorization_code;
pub mod device_code;
mod error;
mod refresh_token;
mod register;
mod request;
mod token;

pub use error::OidcError;
pub use request::Decision;

/// What AWS calls this endpoint in the audit trail.
const EVENT_SOURCE: &str = "sso-oauth.amazonaws.com";

/// The routes of SSO OIDC.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/client/register", post(register::register))
        .route("/device_authorization", post(device_code::start))
        .route("/token", post(token::create))
}
