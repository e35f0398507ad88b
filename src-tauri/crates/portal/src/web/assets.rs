use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

use crate::Portal;

const CSS: &str = include_str!("../../assets/portal.css");
const SCRIPT: &str = include_str!("../../assets/portal.js");
const WEBAUTHN: &str = include_str!("../../assets/webauthn.js");
const MARK: &str = include_str!("../../assets/mark.svg");

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(
            "/assets/portal.css",
            get(|| asset("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/assets/portal.js",
            get(|| asset("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route(
            "/assets/webauthn.js",
            get(|| asset("text/javascript; charset=utf-8", WEBAUTHN)),
        )
        .route("/assets/mark.svg", get(|| asset("image/svg+xml", MARK)))
}

async fn asset(media_type: &'static str, content: &'static str) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "max-age=300")],
        content,
    )
}
