//! The page where a user confirms the code a program shows.

use askama::Template;
use axum::{Router, extract::Query, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;

use super::{
    Frame, Refusal, Visit,
    form::{Decision, OwnForm},
    message,
    return_to::ReturnTo,
};
use crate::{
    Portal,
    mfa::{Attempt, Subject},
    oidc::{self, device_code},
    sessions::PortalSession,
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/device", get(ask).post(decide))
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct EnterCode<'a> {
    frame: Frame,
    problem: Option<&'a str>,
    user_code: &'a str,
}

#[derive(Template)]
#[template(path = "device.html")]
struct Confirm<'a> {
    frame: Frame,
    user_code: &'a str,
    client_name: &'a str,
    address: &'a str,
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    user_code: String,
}

async fn ask(visit: Visit, Query(query): Query<Code>) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        return Ok(visit.sign_in_first(&back_to(&query.user_code)));
    };
    if query.user_code.is_empty() {
        return enter(&visit, StatusCode::OK, None, "");
    }
    let attempt = attempt(&visit, session).await?;
    let found = device_code::find(&visit.portal, &query.user_code).await?;
    let Some(request) = found.filter(|_| attempt.is_allowed()) else {
        return unknown(&visit, &query.user_code);
    };
    attempt.succeeded(&visit.portal).await?;
    visit.page(
        StatusCode::OK,
        &Confirm {
            frame: visit.frame()?,
            user_code: &request.user_code,
            client_name: &request.client_name,
            address: &request.source_address,
        },
    )
}

#[derive(Deserialize)]
struct Answer {
    user_code: String,
    decision: Decision,
}

async fn decide(OwnForm(visit, answer): OwnForm<Answer>) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        return Ok(visit.sign_in_first(&back_to(&answer.user_code)));
    };
    let (portal, client, code) = (&visit.portal, &visit.client, &answer.user_code);
    let attempt = attempt(&visit, session).await?;
    if !attempt.is_allowed() {
        return unknown(&visit, code);
    }
    let (decided, heading, text) = match answer.decision {
        Decision::Allow => (
            device_code::approve(portal, client, session, code).await?,
            "Request approved",
            "You may close this page and go back to the program.",
        ),
        Decision::Deny => (
            device_code::deny(portal, client, session, code).await?,
            "Request denied",
            "The program gets nothing. If you did not start this sign-in, change your password.",
        ),
    };
    match decided {
        oidc::Decision::Done(()) => {
            attempt.succeeded(portal).await?;
            message(&visit, StatusCode::OK, heading, text)
        }
        oidc::Decision::Gone => unknown(&visit, &answer.user_code),
    }
}

/// A code is not to be guessed, neither on the page that asks nor past it.
async fn attempt<'a>(visit: &Visit, session: &'a PortalSession) -> Result<Attempt<'a>, Refusal> {
    let subject = Subject::DeviceCode(&session.id);
    Ok(Attempt::begin(&visit.portal, subject, visit.client.address).await?)
}

fn unknown(visit: &Visit, user_code: &str) -> Result<Response, Refusal> {
    let problem = "No program waits for this code. It may be mistyped, used or expired; \
                   after many wrong codes, wait a quarter of an hour.";
    enter(visit, StatusCode::NOT_FOUND, Some(problem), user_code)
}

fn enter(
    visit: &Visit,
    status: StatusCode,
    problem: Option<&str>,
    user_code: &str,
) -> Result<Response, Refusal> {
    let frame = visit.frame()?;
    visit.page(
        status,
        &EnterCode {
            frame,
            problem,
            user_code,
        },
    )
}

fn back_to(user_code: &str) -> ReturnTo {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("user_code", user_code)
        .finish();
    ReturnTo::parse(&format!("/device?{query}"))
}
