//! New recovery codes, in place of those there were.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;

use super::{confirmed, self_service};
use crate::{
    Portal, mfa,
    web::{Frame, Refusal, Visit, form::OwnForm, recovery_codes, redirect},
};

const PAGE: &str = "/security/recovery-codes";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(PAGE, get(offer).post(create))
}

#[derive(Template)]
#[template(path = "security/recovery_codes.html")]
struct Page {
    frame: Frame,
    /// How many there are of the codes that new ones replace.
    left: i64,
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    self_service(&visit).await?;
    let left = mfa::recovery_codes_left(visit.portal.pool(), &session.user_id).await?;
    let frame = visit.frame()?;
    visit.page(StatusCode::OK, &Page { frame, left })
}

#[derive(Deserialize)]
struct Nothing {}

async fn create(OwnForm(visit, Nothing {}): OwnForm<Nothing>) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    self_service(&visit).await?;
    let onward = redirect("/security");
    let factors = mfa::factors(visit.portal.pool(), &session.user_id).await?;
    if factors.is_empty() {
        return Ok(onward);
    }
    let codes = recovery_codes::create(&visit, &visit.actor(session), &session.user_id).await?;
    recovery_codes::show_before(&visit, &session.user_name, codes, onward).await
}
