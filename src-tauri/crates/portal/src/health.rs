//! Whether the portal is alive, and whether it can serve.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::Portal;

/// `/healthz`: the process answers. `/readyz`: it can serve, too. Both tell a status and a word.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
}

async fn ready(State(portal): State<Portal>) -> (StatusCode, &'static str) {
    if portal.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let asked: Result<i64, _> = sqlx::query_scalar("SELECT sequence FROM audit_head")
        .fetch_one(portal.pool())
        .await;
    match asked {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the store cannot be read");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the store cannot be read\n",
            )
        }
    }
}
