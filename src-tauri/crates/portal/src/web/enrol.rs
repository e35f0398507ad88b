//! Adding a second factor on the way in, for a user who is asked for one and has none.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    Frame, Refusal, Visit,
    form::OwnForm,
    page::FieldProblem,
    proof::{self, Proof, Step},
    recovery_codes, redirect,
    second_factor::{self, Code, Given, KeyAnswer},
};
use crate::{
    Portal,
    act::perform,
    audit::DIRECTORY,
    directory::User,
    mfa::{self, Ceremony, MfaError, Policy},
};

/// What the first factor of each kind is called until the user names it.
const APP: &str = "Authenticator app";
const KEY: &str = "Security key or passkey";

pub(super) const CODE_DOES_NOT_FIT: &str = "That code does not fit. See that the app shows this secret's code and that its clock is \
     right, then enter the current code.";
pub(super) const KEY_NOT_ADDED: &str =
    "The browser brought no answer of a security key that fits, or it took too long. Try again.";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/signin/enrol", get(offer_app).post(add_app))
        .route("/signin/enrol/security-key", get(offer_key).post(add_key))
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolApp<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    qr: String,
    secret: String,
    /// Whether a security key would do, too.
    keys: bool,
}

#[derive(Template)]
#[template(path = "enrol_key.html")]
struct EnrolKey {
    frame: Frame,
    problem: Option<FieldProblem>,
    ceremony: Ceremony,
    /// Whether an authenticator app would do, too.
    apps: bool,
}

async fn offer_app(visit: Visit) -> Result<Response, Refusal> {
    match enrolling(&visit).await? {
        Enrolling::Yes(proof, user, policy) => app_page(&visit, None, proof, &user, &policy),
        Enrolling::No(elsewhere) => Ok(elsewhere),
    }
}

async fn add_app(OwnForm(visit, form): OwnForm<Code>) -> Result<Response, Refusal> {
    let (mut proof, user, policy) = match enrolling(&visit).await? {
        Enrolling::Yes(proof, user, policy) => (proof, user, policy),
        Enrolling::No(elsewhere) => return Ok(elsewhere),
    };
    if !policy.authenticator_apps {
        return Ok(redirect("/signin/enrol/security-key"));
    }
    let secret = proof.offered_secret()?;
    if !secret.shows(&visit.portal, &form.code)? {
        let problem = FieldProblem::new("code", CODE_DOES_NOT_FIT);
        return app_page(&visit, Some(problem), proof, &user, &policy);
    }
    add(
        &visit,
        &user,
        "CompleteVirtualMfaDeviceRegistration",
        async |act| mfa::enrol_totp(act, &user.id, APP, &secret).await,
    )
    .await?;
    // Its code is spent with it.
    if !second_factor::is_accepted(&visit, &user, Given::Code(&form.code)).await? {
        return Ok(redirect("/signin/code"));
    }
    signed_in(&visit, proof, &user).await
}

async fn offer_key(visit: Visit) -> Result<Response, Refusal> {
    match enrolling(&visit).await? {
        Enrolling::Yes(_, user, policy) => key_page(&visit, None, &user, &policy).await,
        Enrolling::No(elsewhere) => Ok(elsewhere),
    }
}

async fn add_key(OwnForm(visit, form): OwnForm<KeyAnswer>) -> Result<Response, Refusal> {
    let (proof, user, policy) = match enrolling(&visit).await? {
        Enrolling::Yes(proof, user, policy) => (proof, user, policy),
        Enrolling::No(elsewhere) => return Ok(elsewhere),
    };
    if !policy.security_keys {
        return Ok(redirect("/signin/enrol"));
    }
    let KeyAnswer { ceremony, answer } = &form;
    let name = "CompleteWebAuthnDeviceRegistration";
    let added = add(&visit, &user, name, async |act| {
        mfa::finish_registration(act, &user.id, ceremony, answer, KEY).await
    })
    .await;
    match added {
        // To add a key takes having it.
        Ok(()) => signed_in(&visit, proof, &user).await,
        Err(MfaError::NotProved(_) | MfaError::Known) => {
            let problem = FieldProblem::new("answer", KEY_NOT_ADDED);
            key_page(&visit, Some(problem), &user, &policy).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn add(
    visit: &Visit,
    user: &User,
    name: &'static str,
    work: impl AsyncFnOnce(&mut crate::act::Act<'_>) -> Result<(), MfaError>,
) -> Result<(), MfaError> {
    let actor = visit.actor_on_the_way(user);
    let parameters = json!({ "userId": user.id });
    perform(&visit.portal, &actor, DIRECTORY, name, parameters, work).await
}

/// Goes on after the factor was added and proved, by way of recovery codes for whoever loses it.
async fn signed_in(visit: &Visit, proof: Proof, user: &User) -> Result<Response, Refusal> {
    let codes = recovery_codes::with_first_factor(visit, &visit.actor_on_the_way(user)).await?;
    let onward = proof::advance(visit, proof.with_second_factor()).await?;
    recovery_codes::show_before(visit, &user.user_name, codes, onward).await
}

/// Whether a factor is to be added now; otherwise where the browser belongs.
enum Enrolling {
    Yes(Proof, User, Policy),
    No(Response),
}

async fn enrolling(visit: &Visit) -> Result<Enrolling, Refusal> {
    let Some((proof, user)) = Proof::read(visit).await? else {
        return Ok(Enrolling::No(redirect("/signin")));
    };
    if proof.next(visit, &user).await? != Step::Enrol {
        return Ok(Enrolling::No(proof::advance(visit, proof).await?));
    }
    let policy = mfa::policy(visit.portal.pool()).await?;
    Ok(Enrolling::Yes(proof, user, policy))
}

fn app_page(
    visit: &Visit,
    problem: Option<FieldProblem>,
    mut proof: Proof,
    user: &User,
    policy: &Policy,
) -> Result<Response, Refusal> {
    let keys = policy.security_keys && mfa::takes_security_keys(&visit.portal);
    if !policy.authenticator_apps && keys {
        return Ok(redirect("/signin/enrol/security-key"));
    }
    let secret = proof.offered_secret()?;
    let page = visit.page(
        status(problem.as_ref()),
        &EnrolApp {
            frame: visit.frame()?,
            problem,
            user_name: &user.user_name,
            qr: secret.qr_svg(&user.user_name)?,
            secret: in_groups(secret.base32().expose_secret()),
            keys,
        },
    )?;
    proof.keep(visit, page)
}

async fn key_page(
    visit: &Visit,
    problem: Option<FieldProblem>,
    user: &User,
    policy: &Policy,
) -> Result<Response, Refusal> {
    if !policy.security_keys || !mfa::takes_security_keys(&visit.portal) {
        return Ok(redirect("/signin/enrol"));
    }
    visit.page(
        status(problem.as_ref()),
        &EnrolKey {
            frame: visit.frame()?,
            problem,
            ceremony: mfa::begin_registration(&visit.portal, user).await?,
            apps: policy.authenticator_apps,
        },
    )
}

fn status(problem: Option<&FieldProblem>) -> StatusCode {
    match problem {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    }
}

/// In groups of four, as people read and type it.
pub(super) fn in_groups(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(String::from_iter).collect();
    groups.join(" ")
}
