//! What those who keep the portal running ask for: is it alive, can it serve, what does it do.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::Portal;

/// `/healthz` and `/readyz`, which the portal's own address has too, and `/metrics`.
pub(super) fn router(portal: Portal) -> Router {
    crate::health::routes()
        .route("/metrics", get(metrics))
        .with_state(portal)
}

async fn metrics(State(portal): State<Portal>) -> Response {
    const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match portal.metrics().text(portal.audit_writer().waiting()) {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
