//! Another security key or passkey.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;
use serde_json::json;

use super::{act, confirmed, self_service, user_of};
use crate::{
    Portal,
    mfa::{self, Ceremony, MfaError},
    sessions::PortalSession,
    web::{Frame, Refusal, Visit, enrol::KEY_NOT_ADDED, form::OwnForm, page::FieldProblem},
};

const PAGE: &str = "/security/security-key";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(PAGE, get(offer).post(add))
}

#[derive(Template)]
#[template(path = "security/security_key.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    ceremony: Ceremony,
    label: &'a str,
}

#[derive(Deserialize)]
struct Form {
    label: String,
    ceremony: String,
    answer: String,
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    allowed(&visit).await?;
    page(&visit, session, None, "").await
}

async fn add(OwnForm(visit, form): OwnForm<Form>) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    allowed(&visit).await?;
    let name = "CompleteWebAuthnDeviceRegistration";
    let parameters = json!({ "userId": session.user_id });
    let added = act(&visit, session, name, parameters, async |act| {
        let (id, label) = (&session.user_id, &form.label);
        mfa::finish_registration(act, id, &form.ceremony, &form.answer, label).await
    })
    .await;
    let problem = match added {
        Ok(()) => return super::factor_added(&visit, session).await,
        Err(MfaError::Invalid { problem, .. }) => FieldProblem::new("label", problem),
        Err(MfaError::TooMany) => FieldProblem::new("label", super::factor::TOO_MANY),
        Err(MfaError::NotProved(_) | MfaError::Known) => FieldProblem::new("answer", KEY_NOT_ADDED),
        Err(error) => return Err(error.into()),
    };
    page(&visit, session, Some(problem), &form.label).await
}

async fn allowed(visit: &Visit) -> Result<(), Refusal> {
    let policy = self_service(visit).await?;
    if policy.security_keys && mfa::takes_security_keys(&visit.portal) {
        Ok(())
    } else {
        Err(Refusal::NotYours)
    }
}

async fn page(
    visit: &Visit,
    session: &PortalSession,
    problem: Option<FieldProblem>,
    label: &str,
) -> Result<Response, Refusal> {
    let user = user_of(visit, session).await?;
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            ceremony: mfa::begin_registration(&visit.portal, &user).await?,
            label,
        },
    )
}
