//! The pages of the second factor: give its code, or set one up.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;

use super::{
    Frame, Refusal, Visit,
    form::OwnForm,
    proof::{self, Proof, Step},
    redirect,
    sign_in::EVENT_SOURCE,
};
use crate::{
    Portal, audit,
    directory::User,
    mfa::{self, Attempt, Subject},
};

const REFUSED: &str = "That code was not accepted: wrong, used before or too old, or there were \
                       too many tries. Wait for the next code, after many tries a quarter of an hour.";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/signin/code", get(ask).post(check))
        .route("/signin/enrol", get(offer).post(enrol))
}

#[derive(Template)]
#[template(path = "code.html")]
struct EnterCode<'a> {
    frame: Frame,
    problem: Option<&'a str>,
    user_name: &'a str,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol<'a> {
    frame: Frame,
    problem: Option<&'a str>,
    user_name: &'a str,
    qr: String,
    secret: String,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn ask(visit: Visit) -> Result<Response, Refusal> {
    match Proof::read(&visit).await? {
        Some((_, user)) => code_page(&visit, StatusCode::OK, None, &user),
        None => Ok(redirect("/signin")),
    }
}

async fn check(OwnForm(visit, form): OwnForm<Code>) -> Result<Response, Refusal> {
    let Some((proof, user)) = Proof::read(&visit).await? else {
        return Ok(redirect("/signin"));
    };
    if !is_accepted(&visit, &user, &form.code).await? {
        return code_page(&visit, StatusCode::FORBIDDEN, Some(REFUSED), &user);
    }
    proof::advance(&visit, proof.with_second_factor()).await
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    match Proof::read(&visit).await? {
        Some((proof, user)) => enrol_page(&visit, StatusCode::OK, None, proof, &user).await,
        None => Ok(redirect("/signin")),
    }
}

async fn enrol(OwnForm(visit, form): OwnForm<Code>) -> Result<Response, Refusal> {
    let Some((mut proof, user)) = Proof::read(&visit).await? else {
        return Ok(redirect("/signin"));
    };
    if proof.next(&visit, &user).await? != Step::Enrol {
        return proof::advance(&visit, proof).await;
    }
    let secret = proof.offered_secret()?;
    if !secret.shows(&visit.portal, &form.code)? {
        let problem = "That code does not fit. See that the app shows this secret's code and that \
                       its clock is right, then enter the current code.";
        return enrol_page(&visit, StatusCode::FORBIDDEN, Some(problem), proof, &user).await;
    }
    mfa::enrol_totp(&visit.portal, &user.id, "Authenticator app", &secret).await?;
    let event = audit::Event::new(EVENT_SOURCE, "EnrolFactor")
        .user(&user.id, &user.user_name)
        .detail(json!({ "factor": "TOTP" }));
    audit::record(&visit.portal, &visit.client, event).await?;
    if !is_accepted(&visit, &user, &form.code).await? {
        return code_page(&visit, StatusCode::FORBIDDEN, Some(REFUSED), &user);
    }
    proof::advance(&visit, proof.with_second_factor()).await
}

/// Takes a code once, within the tries a user has.
async fn is_accepted(visit: &Visit, user: &User, code: &str) -> Result<bool, Refusal> {
    let portal = &visit.portal;
    let attempt = Attempt::begin(portal, Subject::Code(&user.id), visit.client.address).await?;
    let accepted = attempt.is_allowed() && mfa::verify_totp(portal, &user.id, code).await?;
    let event = audit::Event::new(EVENT_SOURCE, "CredentialVerification")
        .user(&user.id, &user.user_name)
        .detail(json!({ "credentialType": "TOTP" }));
    if accepted {
        attempt.succeeded(portal).await?;
        audit::record(portal, &visit.client, event).await?;
    } else {
        let event = event.refused("AccessDenied", "not accepted");
        audit::record(portal, &visit.client, event).await?;
    }
    Ok(accepted)
}

fn code_page(
    visit: &Visit,
    status: StatusCode,
    problem: Option<&str>,
    user: &User,
) -> Result<Response, Refusal> {
    let frame = visit.frame()?;
    visit.page(
        status,
        &EnterCode {
            frame,
            problem,
            user_name: &user.user_name,
        },
    )
}

async fn enrol_page(
    visit: &Visit,
    status: StatusCode,
    problem: Option<&str>,
    mut proof: Proof,
    user: &User,
) -> Result<Response, Refusal> {
    if proof.next(visit, user).await? != Step::Enrol {
        return proof::advance(visit, proof).await;
    }
    let secret = proof.offered_secret()?;
    let page = visit.page(
        status,
        &Enrol {
            frame: visit.frame()?,
            problem,
            user_name: &user.user_name,
            qr: secret.qr_svg(&user.user_name)?,
            secret: in_groups(secret.base32().expose_secret()),
        },
    )?;
    proof.keep(visit, page)
}

/// In groups of four, as people read and type it.
fn in_groups(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = characters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}
