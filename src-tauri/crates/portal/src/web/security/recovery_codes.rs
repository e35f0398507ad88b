//! New recovery codes, shown once.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{act, confirmed, self_service};
use crate::{
    Portal, mfa,
    web::{Frame, Refusal, Visit, form::OwnForm, redirect},
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
    codes: Vec<SecretString>,
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    self_service(&visit).await?;
    let left = mfa::recovery_codes_left(visit.portal.pool(), &session.user_id).await?;
    page(&visit, left, Vec::new())
}

#[derive(Deserialize)]
struct Nothing {}

async fn create(OwnForm(visit, Nothing {}): OwnForm<Nothing>) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    self_service(&visit).await?;
    let factors = mfa::factors(visit.portal.pool(), &session.user_id).await?;
    if factors.is_empty() {
        return Ok(redirect("/security"));
    }
    let parameters = json!({ "userId": session.user_id });
    let name = "CreateRecoveryCodesForUser";
    let codes = act(&visit, session, name, parameters, async |act| {
        mfa::create_recovery_codes(act, &session.user_id).await
    });
    page(&visit, 0, codes.await?)
}

fn page(visit: &Visit, left: i64, codes: Vec<SecretString>) -> Result<Response, Refusal> {
    let page = Page {
        frame: visit.frame()?,
        left,
        codes,
    };
    visit.page(StatusCode::OK, &page)
}
