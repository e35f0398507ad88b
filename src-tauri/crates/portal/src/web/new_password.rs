//! A new password in place of the one that was only meant for the first sign-in.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{
    Frame, Refusal, Visit,
    form::{OwnForm, secret},
    page::FieldProblem,
    proof::{self, Proof, Step},
    redirect,
};
use crate::{
    Portal,
    act::perform,
    audit::DIRECTORY,
    directory::{self, MINIMUM_LENGTH, NewPassword, PasswordError, User},
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/signin/password", get(ask).post(set))
}

#[derive(Template)]
#[template(path = "password.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    min_length: usize,
}

/// A password typed twice.
#[derive(Deserialize)]
pub(super) struct Passwords {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    repeated: SecretString,
}

impl Passwords {
    /// The password, if `user` may have it; otherwise what is wrong with which field.
    pub(super) async fn accepted(
        &self,
        portal: &Portal,
        user: &User,
    ) -> Result<Result<NewPassword, FieldProblem>, Refusal> {
        if self.password.expose_secret() != self.repeated.expose_secret() {
            let text = "The two passwords differ. Type the new one twice.";
            return Ok(Err(FieldProblem::new("repeated", text)));
        }
        match NewPassword::chosen(portal.pool(), user, &self.password).await {
            Ok(password) => Ok(Ok(password)),
            Err(error) if error.is_about_the_password() => {
                Ok(Err(FieldProblem::new("password", error.to_string())))
            }
            Err(error) => Err(error.into()),
        }
    }
}

async fn ask(visit: Visit) -> Result<Response, Refusal> {
    match Proof::read(&visit).await? {
        Some((_, user)) => page(&visit, None, &user),
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
    let portal = &visit.portal;
    let password = match form.accepted(portal, &user).await? {
        Ok(password) => password,
        Err(problem) => return page(&visit, Some(problem), &user),
    };
    let user = perform(
        portal,
        &visit.actor_on_the_way(&user),
        DIRECTORY,
        "UpdatePassword",
        json!({ "userId": user.id }),
        async |act| {
            if !directory::replace_password(act, &user, &password, None).await? {
                return Ok(None);
            }
            Ok::<_, PasswordError>(directory::user(&mut *act.db(), &user.id).await?)
        },
    )
    .await?;
    match user {
        Some(user) => proof::advance(&visit, proof.with_password_of(&user)).await,
        None => Ok(redirect("/signin")),
    }
}

fn page(visit: &Visit, problem: Option<FieldProblem>, user: &User) -> Result<Response, Refusal> {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            user_name: &user.user_name,
            min_length: MINIMUM_LENGTH,
        },
    )
}
