//! Another password, by whoever knows the present one.

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::Response,
    routing::get,
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::{act, confirm, signed_in, user_of};
use crate::{
    Portal,
    directory::{self, MINIMUM_LENGTH, PasswordError, User},
    web::{
        Frame, Refusal, Visit,
        form::{OwnForm, secret},
        new_password::Passwords,
        own_browser::own_browser_cookie,
        page::FieldProblem,
        redirect,
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/security/password", get(ask).post(set))
}

#[derive(Template)]
#[template(path = "security/password.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    user_name: &'a str,
    min_length: usize,
}

#[derive(Deserialize)]
struct Form {
    #[serde(deserialize_with = "secret")]
    current: SecretString,
    #[serde(flatten)]
    new: Passwords,
}

async fn ask(visit: Visit) -> Result<Response, Refusal> {
    let user = user_of(&visit, signed_in(&visit)?).await?;
    page(&visit, None, &user)
}

async fn set(OwnForm(visit, form): OwnForm<Form>) -> Result<Response, Refusal> {
    let session = signed_in(&visit)?;
    let user = user_of(&visit, session).await?;
    if !confirm::is_password_of(&visit, session, &form.current).await? {
        let problem = FieldProblem::new("current", confirm::REFUSED);
        return page(&visit, Some(problem), &user);
    }
    let password = match form.new.accepted(&visit.portal, &user).await? {
        Ok(password) => password,
        Err(problem) => return page(&visit, Some(problem), &user),
    };
    let parameters = json!({ "userId": user.id });
    let replaced = act(&visit, session, "UpdatePassword", parameters, async |act| {
        let keep = Some(session.id.as_str());
        Ok::<_, PasswordError>(directory::replace_password(act, &user, &password, keep).await?)
    })
    .await?;
    let user = directory::user(visit.portal.pool(), &user.id).await?;
    let Some(user) = user.filter(|_| replaced) else {
        return Ok(redirect("/signin"));
    };
    let mut response = redirect("/security?done=password");
    // What it kept was of the old password.
    let cookie = own_browser_cookie(&visit, &user)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
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
