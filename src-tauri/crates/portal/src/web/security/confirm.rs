//! The password once more, before factors change.

use askama::Template;
use axum::{Router, extract::Query, http::StatusCode, response::Response, routing::get};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::signed_in;
use crate::{
    Portal, audit, directory,
    mfa::{Attempt, Subject},
    sessions::{self, PortalSession},
    web::{
        Frame, Refusal, Visit,
        form::{OwnForm, secret},
        page::FieldProblem,
        redirect,
        sign_in::EVENT_SOURCE,
    },
};

/// One answer to a wrong password and too many tries.
pub(super) const REFUSED: &str = "That is not your password, or there were too many tries. After \
                                  many tries, wait a quarter of an hour.";

/// Where the proof may lead to.
const PAGES: [&str; 4] = [
    "/security",
    "/security/authenticator",
    "/security/security-key",
    "/security/recovery-codes",
];

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/security/confirm", get(ask).post(check))
}

#[derive(Template)]
#[template(path = "security/confirm.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    next: &'a str,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Form {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(flatten)]
    target: Target,
}

impl Target {
    /// Somewhere here, never elsewhere.
    fn page(&self) -> &'static str {
        let known = PAGES.into_iter().find(|page| *page == self.next);
        known.unwrap_or("/security")
    }
}

/// Whether this is the password of whoever is signed in, within the tries they have.
pub(super) async fn is_password_of(
    visit: &Visit,
    session: &PortalSession,
    password: &SecretString,
) -> Result<bool, Refusal> {
    let portal = &visit.portal;
    let user_name = session.user_name.as_str();
    let subject = Subject::Password {
        user_name,
        own_browser: Some(&session.id),
    };
    let attempt = Attempt::begin(portal, subject, visit.client.address).await?;
    let event = audit::Event::new(EVENT_SOURCE, "CredentialVerification")
        .user(&session.user_id, user_name)
        .detail(json!({ "credentialType": "PASSWORD" }));
    let is_theirs = attempt.is_allowed()
        && directory::verify_password(portal.pool(), user_name, password)
            .await?
            .is_some();
    if is_theirs {
        attempt.succeeded(portal).await?;
        audit::record(portal, &visit.client, event).await?;
    } else {
        let event = event.refused("AccessDenied", "not accepted");
        audit::record(portal, &visit.client, event).await?;
    }
    Ok(is_theirs)
}

async fn ask(visit: Visit, Query(target): Query<Target>) -> Result<Response, Refusal> {
    page(&visit, None, target.page())
}

async fn check(OwnForm(visit, form): OwnForm<Form>) -> Result<Response, Refusal> {
    let session = signed_in(&visit)?;
    let next = form.target.page();
    if !is_password_of(&visit, session, &form.password).await? {
        return page(&visit, Some(FieldProblem::new("password", REFUSED)), next);
    }
    sessions::confirm(&visit.portal, &session.id).await?;
    Ok(redirect(next))
}

fn page(visit: &Visit, problem: Option<FieldProblem>, next: &str) -> Result<Response, Refusal> {
    let session = signed_in(visit)?;
    let status = match problem {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            user_name: &session.user_name,
            next,
        },
    )
}
