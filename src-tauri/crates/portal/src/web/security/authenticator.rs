//! Another authenticator app.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{act, confirmed, self_service};
use crate::{
    Portal, clock,
    mfa::{self, MfaError},
    sessions::PortalSession,
    web::{
        Frame, Refusal, Visit,
        enrol::{CODE_DOES_NOT_FIT, in_groups},
        form::OwnForm,
        page::FieldProblem,
        redirect,
    },
};

const PAGE: &str = "/security/authenticator";
/// What the offered secret is sealed for while its page is open.
const PURPOSE: &str = "offered authenticator";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(PAGE, get(offer).post(add))
}

#[derive(Template)]
#[template(path = "security/authenticator.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    qr: String,
    secret: String,
    offer: String,
    label: &'a str,
}

#[derive(Deserialize)]
struct Form {
    label: String,
    code: String,
    offer: String,
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    allowed(&visit).await?;
    let secret = mfa::Secret::generate();
    page(&visit, session, None, &secret, "")
}

async fn add(OwnForm(visit, form): OwnForm<Form>) -> Result<Response, Refusal> {
    let session = confirmed(&visit, PAGE)?;
    allowed(&visit).await?;
    let Some(secret) = offered(&visit, session, &form.offer)? else {
        return Ok(redirect(PAGE));
    };
    let again = |field, text: &str| {
        let problem = FieldProblem::new(field, text);
        page(&visit, session, Some(problem), &secret, &form.label)
    };
    if !secret.shows(&visit.portal, &form.code)? {
        return again("code", CODE_DOES_NOT_FIT);
    }
    let name = "CompleteVirtualMfaDeviceRegistration";
    let parameters = json!({ "userId": session.user_id });
    let added = act(&visit, session, name, parameters, async |act| {
        mfa::enrol_totp(act, &session.user_id, &form.label, &secret).await
    })
    .await;
    match added {
        Ok(()) => {
            // Spent: the same code does not sign in as well.
            mfa::verify_totp(&visit.portal, &session.user_id, &form.code).await?;
            super::factor_added(&visit, session).await
        }
        Err(MfaError::Invalid { problem, .. }) => again("label", problem),
        Err(MfaError::TooMany) => again("label", super::factor::TOO_MANY),
        Err(error) => Err(error.into()),
    }
}

async fn allowed(visit: &Visit) -> Result<(), Refusal> {
    if self_service(visit).await?.authenticator_apps {
        Ok(())
    } else {
        Err(Refusal::NotYours)
    }
}

/// The secret this user was offered a while ago.
fn offered(
    visit: &Visit,
    session: &PortalSession,
    sealed: &str,
) -> Result<Option<mfa::Secret>, Refusal> {
    let opened = visit
        .portal
        .seal()
        .open::<(String, i64, String)>(PURPOSE, sealed);
    let Ok((user_id, offered_at, secret)) = opened else {
        return Ok(None);
    };
    let age = clock::millis(visit.portal.now()) - offered_at;
    if user_id != session.user_id || age > super::FRESH.whole_milliseconds() as i64 {
        return Ok(None);
    }
    Ok(Some(mfa::Secret::from_base32(SecretString::from(secret))?))
}

fn page(
    visit: &Visit,
    session: &PortalSession,
    problem: Option<FieldProblem>,
    secret: &mfa::Secret,
    label: &str,
) -> Result<Response, Refusal> {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let base32 = secret.base32().expose_secret();
    let now = clock::millis(visit.portal.now());
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            user_name: &session.user_name,
            qr: secret.qr_svg(&session.user_name)?,
            secret: in_groups(base32),
            offer: visit
                .portal
                .seal()
                .seal(PURPOSE, &(&session.user_id, now, base32))?,
            label,
        },
    )
}
