//! Signing in: the password, then whatever else this user still owes, then the session.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::{StatusCode, header},
    response::Response,
    routing::{get, post},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::{
    Cookie, Frame, Refusal, Visit,
    form::{OwnForm, secret},
    message,
    own_browser::own_browser,
    proof::{self, Proof},
    redirect,
    return_to::ReturnTo,
};
use crate::{
    Portal, audit,
    directory::{self, User},
    enabling,
    mfa::{Attempt, Subject},
    rate_limit::Unproved,
    sessions,
};

/// What the audit trail calls this door.
pub(super) const EVENT_SOURCE: &str = "signin.amazonaws.com";

/// Stands for an unknown user's name in the audit trail, as in CloudTrail: what is typed there is
/// now and then a password.
pub(super) const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// One answer to an unknown user, a wrong password, a disabled user and too many tries.
const REFUSED: &str = "User name and password do not go together, or there were too many tries. \
                       Check both; after many tries, wait a quarter of an hour.";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/signin", get(ask).post(check))
        .route("/signout", post(sign_out))
        .merge(super::second_factor::routes())
        .merge(super::enrol::routes())
        .merge(super::new_password::routes())
        .merge(super::set_password::routes())
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    frame: Frame,
    problem: Option<&'a str>,
    user_name: &'a str,
    return_to: &'a str,
}

/// What there is to do while nobody can sign in.
#[derive(Template)]
#[template(path = "new_portal.html")]
struct NewPortal {
    frame: Frame,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default = "ReturnTo::start")]
    return_to: ReturnTo,
}

async fn ask(visit: Visit, Query(target): Query<Target>) -> Result<Response, Refusal> {
    if visit.session.is_some() {
        return Ok(redirect(target.return_to.as_str()));
    }
    if enabling::is_empty(visit.portal.pool()).await? {
        let frame = visit.frame()?;
        return visit.page(StatusCode::OK, &NewPortal { frame });
    }
    visit.page(
        StatusCode::OK,
        &SignIn {
            frame: visit.frame()?,
            problem: None,
            user_name: "",
            return_to: target.return_to.as_str(),
        },
    )
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default = "ReturnTo::start")]
    return_to: ReturnTo,
}

async fn check(OwnForm(visit, form): OwnForm<Credentials>) -> Result<Response, Refusal> {
    let portal = &visit.portal;
    let event = audit::Event::new(EVENT_SOURCE, "CredentialVerification")
        .detail(json!({ "credentialType": "PASSWORD" }));
    let verified = verified(&visit, &form).await?;
    if let Verified::User(user) = verified {
        audit::record(portal, &visit.client, event.user(&user.id, &user.user_name)).await?;
        return proof::advance(&visit, Proof::of_password(portal, &user, form.return_to)).await;
    }
    let told = match verified {
        // Whoever is held up may go on trying: the trail is not theirs to fill.
        Verified::HeldUp => portal
            .rate_limit()
            .take_unproved(Unproved::Refusal, &visit.client, portal.now())
            .is_ok(),
        Verified::User(_) | Verified::Refused => true,
    };
    if told {
        let event = match directory::user_by_name(portal.pool(), &form.username).await? {
            Some(user) => event.user(&user.id, &user.user_name),
            None => event.user("", HIDDEN),
        };
        let event = event.refused("AccessDenied", "not accepted");
        audit::record(portal, &visit.client, event).await?;
    }
    visit.page(
        StatusCode::FORBIDDEN,
        &SignIn {
            frame: visit.frame()?,
            problem: Some(REFUSED),
            user_name: &form.username,
            return_to: form.return_to.as_str(),
        },
    )
}

/// What a name and a password have come to.
enum Verified {
    User(User),
    Refused,
    /// There were too many tries: nobody has looked.
    HeldUp,
}

/// Whose name and password these are, within the tries that name and address have.
async fn verified(visit: &Visit, form: &Credentials) -> Result<Verified, Refusal> {
    let portal = &visit.portal;
    let own_browser = own_browser(visit, &form.username).await?;
    let subject = Subject::Password {
        user_name: &form.username,
        own_browser: own_browser.as_deref(),
    };
    let attempt = Attempt::begin(portal, subject, visit.client.address).await?;
    if !attempt.is_allowed() {
        // Not even worked out: guessing costs the portal nothing once it is held up.
        return Ok(Verified::HeldUp);
    }
    let user = directory::verify_password(portal.pool(), &form.username, &form.password).await?;
    let Some(user) = user else {
        return Ok(Verified::Refused);
    };
    attempt.succeeded(portal).await?;
    Ok(Verified::User(user))
}

#[derive(Deserialize)]
struct Nothing {}

async fn sign_out(OwnForm(visit, Nothing {}): OwnForm<Nothing>) -> Result<Response, Refusal> {
    let portal = visit.portal.clone();
    if let Some(session) = &visit.session {
        sessions::end(&portal, &session.id).await?;
        let event =
            audit::Event::new(EVENT_SOURCE, "Logout").user(&session.user_id, &session.user_name);
        audit::record(&portal, &visit.client, event).await?;
    }
    let visit = Visit {
        session: None,
        ..visit
    };
    let text =
        "Programs you let in have lost their access too. Console sessions last until they end.";
    let mut page = message(&visit, StatusCode::OK, "You are signed out", text)?;
    for cookie in [Cookie::Session, Cookie::SignIn] {
        page.headers_mut()
            .append(header::SET_COOKIE, cookie.clear(&portal));
    }
    Ok(page)
}
