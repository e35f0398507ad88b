//! The page where a user who signs in proves a second factor: a code, a security key, or a recovery
//! code.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Frame, Refusal, Visit,
    form::OwnForm,
    page::FieldProblem,
    proof::{self, Proof, Step},
    redirect,
    sign_in::EVENT_SOURCE,
};
use crate::{
    Portal, audit,
    directory::User,
    mfa::{self, Attempt, Ceremony, FactorKind, Subject},
};

const CODE_REFUSED: &str = "That code was not accepted: wrong, used before or too old, or there \
                            were too many tries. Wait for the next code, after many tries a \
                            quarter of an hour.";
const KEY_REFUSED: &str = "That was not accepted: it is not one of your keys, it took too long, or \
                           there were too many tries. Try again, after many tries in a quarter of \
                           an hour.";
const RECOVERY_REFUSED: &str = "That recovery code was not accepted: mistyped, used before or \
                                replaced by newer ones, or there were too many tries. Each works \
                                once; after many tries, wait a quarter of an hour.";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/signin/code", get(ask).post(check_code))
        .route("/signin/security-key", post(check_key))
        .route("/signin/recovery-code", post(check_recovery_code))
}

/// What a user gave for a second factor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    Code(&'a str),
    Key { ceremony: &'a str, answer: &'a str },
    RecoveryCode(&'a str),
}

/// Whether that is one of the user's factors. Each is taken once, within the tries a user has.
pub(super) async fn is_accepted(
    visit: &Visit,
    user: &User,
    given: Given<'_>,
) -> Result<bool, Refusal> {
    let portal = &visit.portal;
    let attempt = Attempt::begin(portal, Subject::Code(&user.id), visit.client.address).await?;
    let accepted = attempt.is_allowed()
        && match given {
            Given::Code(code) => mfa::verify_totp(portal, &user.id, code).await?,
            Given::Key { ceremony, answer } => {
                mfa::verify_security_key(portal, &user.id, ceremony, answer).await?
            }
            Given::RecoveryCode(code) => mfa::verify_recovery_code(portal, &user.id, code).await?,
        };
    let kind = match given {
        Given::Code(_) => "TOTP",
        Given::Key { .. } => "WEBAUTHN",
        Given::RecoveryCode(_) => "RECOVERY_CODE",
    };
    let event = audit::Event::new(EVENT_SOURCE, "CredentialVerification")
        .user(&user.id, &user.user_name)
        .detail(json!({ "credentialType": kind }));
    if accepted {
        attempt.succeeded(portal).await?;
        audit::record(portal, &visit.client, event).await?;
    } else {
        let event = event.refused("AccessDenied", "not accepted");
        audit::record(portal, &visit.client, event).await?;
    }
    Ok(accepted)
}

/// The ways in which a user can prove that it is they.
pub(super) struct Ways {
    pub(super) code: bool,
    pub(super) key: Option<Ceremony>,
    pub(super) recovery_code: bool,
}

impl Ways {
    /// Those the user has; one with a security key begins here.
    pub(super) async fn of(portal: &Portal, user_id: &str) -> Result<Self, Refusal> {
        let factors = mfa::factors(portal.pool(), user_id).await?;
        let is_app = |factor: &mfa::Factor| factor.kind == FactorKind::AuthenticatorApp;
        Ok(Self {
            code: factors.iter().any(is_app),
            key: mfa::begin_authentication(portal, user_id).await?,
            recovery_code: mfa::recovery_codes_left(portal.pool(), user_id).await? > 0,
        })
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    ways: Ways,
}

async fn ask(visit: Visit) -> Result<Response, Refusal> {
    let Some((proof, user)) = Proof::read(&visit).await? else {
        return Ok(redirect("/signin"));
    };
    if proof.next(&visit, &user).await? != Step::Factor {
        return proof::advance(&visit, proof).await;
    }
    page(&visit, None, &user).await
}

#[derive(Deserialize)]
pub(super) struct Code {
    pub(super) code: String,
}

async fn check_code(OwnForm(visit, form): OwnForm<Code>) -> Result<Response, Refusal> {
    let problem = FieldProblem::new("code", CODE_REFUSED);
    check(&visit, Given::Code(&form.code), problem).await
}

/// What a security key said, and to what.
#[derive(Deserialize)]
pub(super) struct KeyAnswer {
    pub(super) ceremony: String,
    pub(super) answer: String,
}

async fn check_key(OwnForm(visit, form): OwnForm<KeyAnswer>) -> Result<Response, Refusal> {
    let given = Given::Key {
        ceremony: &form.ceremony,
        answer: &form.answer,
    };
    check(&visit, given, FieldProblem::new("answer", KEY_REFUSED)).await
}

#[derive(Deserialize)]
struct RecoveryCode {
    recovery_code: String,
}

async fn check_recovery_code(
    OwnForm(visit, form): OwnForm<RecoveryCode>,
) -> Result<Response, Refusal> {
    let problem = FieldProblem::new("recovery_code", RECOVERY_REFUSED);
    check(&visit, Given::RecoveryCode(&form.recovery_code), problem).await
}

async fn check(
    visit: &Visit,
    given: Given<'_>,
    problem: FieldProblem,
) -> Result<Response, Refusal> {
    let Some((proof, user)) = Proof::read(visit).await? else {
        return Ok(redirect("/signin"));
    };
    // A factor that is not owed is not spent.
    if proof.next(visit, &user).await? != Step::Factor {
        return proof::advance(visit, proof).await;
    }
    if !is_accepted(visit, &user, given).await? {
        return page(visit, Some(problem), &user).await;
    }
    proof::advance(visit, proof.with_second_factor()).await
}

async fn page(
    visit: &Visit,
    problem: Option<FieldProblem>,
    user: &User,
) -> Result<Response, Refusal> {
    let status = match problem {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            user_name: &user.user_name,
            ways: Ways::of(&visit.portal, &user.id).await?,
        },
    )
}
