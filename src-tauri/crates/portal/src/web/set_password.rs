//! Where mailed links lead: to a first password, or to one in place of a forgotten one.

use askama::Template;
use axum::{Router, extract::Query, http::StatusCode, response::Response, routing::get};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{
    Frame, Refusal, Visit,
    form::{OwnForm, secret},
    message,
    new_password::Passwords,
    page::FieldProblem,
    proof::{self, Proof},
    return_to::ReturnTo,
    sign_in::HIDDEN,
};
use crate::{
    Portal,
    act::{Actor, Identity, perform},
    audit::DIRECTORY,
    directory::{self, MINIMUM_LENGTH, User},
    invitations::{self, InvitationError, Purpose},
    mfa::{Attempt, Subject},
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/set-password", get(ask).post(set))
        .route("/forgot-password", get(offer).post(send))
}

#[derive(Template)]
#[template(path = "set_password.html")]
struct SetPassword<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    is_invitation: bool,
    user_name: &'a str,
    token: &'a str,
    min_length: usize,
}

#[derive(Deserialize)]
struct Followed {
    #[serde(default = "no_secret", deserialize_with = "secret")]
    token: SecretString,
}

fn no_secret() -> SecretString {
    SecretString::default()
}

/// Looking at the page uses nothing up: mail programs look at links, too.
async fn ask(visit: Visit, Query(link): Query<Followed>) -> Result<Response, Refusal> {
    match invitations::find(&visit.portal, link.token.expose_secret()).await? {
        Some((purpose, user)) => page(&visit, None, purpose, &user, &link.token),
        None => void(&visit),
    }
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(deserialize_with = "secret")]
    token: SecretString,
    #[serde(flatten)]
    passwords: Passwords,
}

async fn set(OwnForm(visit, form): OwnForm<Chosen>) -> Result<Response, Refusal> {
    let portal = &visit.portal;
    let token = form.token.expose_secret();
    let Some((purpose, user)) = invitations::find(portal, token).await? else {
        return void(&visit);
    };
    let password = match form.passwords.accepted(portal, &user).await? {
        Ok(password) => password,
        Err(problem) => return page(&visit, Some(problem), purpose, &user, &form.token),
    };
    let set = perform(
        portal,
        &visit.actor_on_the_way(&user),
        DIRECTORY,
        "UpdatePassword",
        json!({ "userId": user.id }),
        async |act| invitations::redeem(act, token, &password).await,
    )
    .await;
    match set {
        Ok(user) => {
            let proof = Proof::of_password(portal, &user, ReturnTo::start());
            proof::advance(&visit, proof).await
        }
        Err(InvitationError::Void) => void(&visit),
        Err(error) => Err(error.into()),
    }
}

fn page(
    visit: &Visit,
    problem: Option<FieldProblem>,
    purpose: Purpose,
    user: &User,
    token: &SecretString,
) -> Result<Response, Refusal> {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &SetPassword {
            frame: visit.frame()?,
            problem,
            is_invitation: purpose == Purpose::Invitation,
            user_name: &user.user_name,
            token: token.expose_secret(),
            min_length: MINIMUM_LENGTH,
        },
    )
}

fn void(visit: &Visit) -> Result<Response, Refusal> {
    let text = "It was used already, a newer one was sent, or its time is over. Ask for another \
                under “Forgot your password?”; if you were invited, ask whoever invited you.";
    message(
        visit,
        StatusCode::NOT_FOUND,
        "This link does not work any more",
        text,
    )
}

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct ForgotPassword {
    frame: Frame,
}

async fn offer(visit: Visit) -> Result<Response, Refusal> {
    visit.page(
        StatusCode::OK,
        &ForgotPassword {
            frame: visit.frame()?,
        },
    )
}

#[derive(Deserialize)]
struct Asked {
    /// Or the address.
    username: String,
}

/// Says the same whether there is such a user or not, and whether there were too many mails.
async fn send(OwnForm(visit, form): OwnForm<Asked>) -> Result<Response, Refusal> {
    let portal = &visit.portal;
    let mut db = portal.pool().acquire().await?;
    let known = directory::user_by_name_or_email(&mut db, &form.username).await?;
    drop(db);
    let (id, name) = known.map_or_else(
        || (String::new(), HIDDEN.to_owned()),
        |user| (user.id, user.user_name),
    );
    // By name or address, it is the same person's mail.
    let subject = Subject::Mail(if id.is_empty() { &form.username } else { &id });
    let attempt = Attempt::begin(portal, subject, visit.client.address).await?;
    if attempt.is_allowed() {
        let identity = Identity::User {
            id: id.clone(),
            name,
        };
        let actor = Actor {
            identity,
            client: visit.client.clone(),
        };
        let name = "ForgotPassword";
        let sent = perform(portal, &actor, DIRECTORY, name, json!({}), async |act| {
            invitations::forgot_password(act, &id).await
        })
        .await;
        match sent {
            Ok(()) | Err(InvitationError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let text = "If that name or address is a user's, a link to set a new password is on its way to \
                their address. It works for an hour. If none comes, ask whoever looks after this \
                portal.";
    message(&visit, StatusCode::OK, "Look into your mail", text)
}
