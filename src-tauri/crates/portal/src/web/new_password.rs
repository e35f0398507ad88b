//! A new password in place of the one that was only meant for the first sign-in.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Frame, Refusal, Visit,
    form::{OwnForm, secret},
    proof::{self, Proof, Step},
    redirect,
    sign_in::EVENT_SOURCE,
};
use crate::{
    Portal, audit,
    directory::{self, MINIMUM_LENGTH, PasswordError, User},
    sessions,
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/signin/password", get(ask).post(set))
}

#[derive(Template)]
#[template(path = "password.html")]
struct NewPassword<'a> {
    frame: Frame,
    problem: Option<&'a str>,
    user_name: &'a str,
    min_length: usize,
}

#[derive(Deserialize)]
struct Passwords {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    repeated: SecretString,
}

async fn ask(visit: Visit) -> Result<Response, Refusal> {
    match Proof::read(&visit).await? {
        Some((_, user)) => page(&visit, StatusCode::OK, None, &user),
        None => Ok(redirect("/signin")),
    }
}

async fn set(OwnForm(visit, form): OwnForm<Passwords>) -> Result<Response, Refusal> {
    let Some((proof, user)) = Proof::read(&visit).await? else {
        return Ok(redirect("/signin"));
    };
    if proof.next(&visit, &user).await? != Step::NewPassword {
        return proof::advance(&visit, proof).await;
    }
    let again = |problem: &str| {
        page(
            &visit,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(problem),
            &user,
        )
    };
    if form.password.expose_secret() != form.repeated.expose_secret() {
        return again("The two passwords differ. Type the new one twice.");
    }
    let portal = &visit.portal;
    let current =
        directory::verify_password(portal.pool(), &user.user_name, &form.password).await?;
    if current.is_some() {
        return again("That is the password you have. Choose another.");
    }
    let now = portal.now();
    match directory::set_password(portal.pool(), now, &user.id, &form.password, false).await {
        Err(PasswordError::Length) => {
            return again(&format!(
                "The password needs {MINIMUM_LENGTH} to 256 characters."
            ));
        }
        result => result?,
    }
    sessions::end_all(portal.pool(), now, &user.id).await?;
    let event = audit::Event::new(EVENT_SOURCE, "PasswordUpdated").user(&user.id, &user.user_name);
    audit::record(portal, &visit.client, event).await?;
    proof::advance(&visit, proof.with_new_password(now)).await
}

fn page(
    visit: &Visit,
    status: StatusCode,
    problem: Option<&str>,
    user: &User,
) -> Result<Response, Refusal> {
    visit.page(
        status,
        &NewPassword {
            frame: visit.frame()?,
            problem,
            user_name: &user.user_name,
            min_length: MINIMUM_LENGTH,
        },
    )
}
