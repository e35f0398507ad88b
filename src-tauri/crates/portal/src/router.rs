//! Everything under the portal's one origin.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{Portal, console, oidc, portal_api, random, sts, web};

/// The largest body any route takes.
const BODY_LIMIT: usize = 64 * 1024;
/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// All routes of `portal`.
pub fn router(portal: Portal) -> Router {
    Router::new()
        .merge(oidc::routes())
        .merge(portal_api::routes())
        .merge(web::routes())
        .merge(console::routes())
        .merge(sts::routes())
        .layer(middleware::from_fn(common_headers))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .with_state(portal)
}

/// What every answer says, unless its route said otherwise.
async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let defaults = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&random::uuid()) {
        headers.entry(REQUEST_ID).or_insert(id);
    }
    response
}
