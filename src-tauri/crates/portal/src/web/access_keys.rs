//! A role's credentials to paste into a terminal.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::post};
use secrecy::ExposeSecret;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;

use super::{Frame, Refusal, form::OwnForm, redirect};
use crate::{
    Portal,
    access::{self, IssuedCredentials},
    organization,
};

pub(super) fn routes() -> Router<Portal> {
    // What a browser asks for when a page it was given is loaded again.
    Router::new().route(
        "/start/access-keys",
        post(show).get(async || redirect("/start")),
    )
}

#[derive(Template)]
#[template(path = "access_keys.html")]
struct AccessKeys<'a> {
    frame: Frame,
    account_id: &'a str,
    account_name: &'a str,
    role_name: &'a str,
    expires: String,
    snippets: [Snippet; 3],
    /// The command that proves the keys.
    proof: String,
}

struct Snippet {
    id: &'static str,
    title: &'static str,
    text: String,
}

#[derive(Deserialize)]
struct Asked {
    account_id: String,
    role_name: String,
}

async fn show(OwnForm(visit, asked): OwnForm<Asked>) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        return Ok(redirect("/signin"));
    };
    let Asked {
        account_id,
        role_name,
    } = &asked;
    let portal = &visit.portal;
    let credentials = access::role_credentials(
        portal,
        portal.pool().acquire().await?,
        &visit.client,
        session,
        account_id,
        role_name,
    )
    .await?
    .ok_or(Refusal::NotAssigned)?;
    let account_name = organization::account_name(portal.pool(), account_id).await?;
    visit.page(
        StatusCode::OK,
        &AccessKeys {
            frame: visit.frame()?,
            account_id,
            account_name: account_name.as_ref().unwrap_or(account_id),
            role_name,
            expires: credentials.expires_at.format(&Rfc3339).unwrap_or_default(),
            snippets: snippets(&credentials, account_id, role_name),
            proof: format!(
                "aws sts get-caller-identity --endpoint-url {}",
                portal.config().url("")
            ),
        },
    )
}

fn snippets(credentials: &IssuedCredentials, account_id: &str, role_name: &str) -> [Snippet; 3] {
    let key = &credentials.access_key_id;
    let secret = credentials.secret_access_key.expose_secret();
    let token = credentials.session_token.expose_secret();
    [
        Snippet {
            id: "bash",
            title: "bash",
            text: format!(
                "export AWS_ACCESS_KEY_ID=\"{key}\"\n\
                 export AWS_SECRET_ACCESS_KEY=\"{secret}\"\n\
                 export AWS_SESSION_TOKEN=\"{token}\""
            ),
        },
        Snippet {
            id: "powershell",
            title: "PowerShell",
            text: format!(
                "$Env:AWS_ACCESS_KEY_ID=\"{key}\"\n\
                 $Env:AWS_SECRET_ACCESS_KEY=\"{secret}\"\n\
                 $Env:AWS_SESSION_TOKEN=\"{token}\""
            ),
        },
        Snippet {
            id: "credentials-file",
            title: "Credentials file",
            text: format!(
                "[{account_id}_{role_name}]\n\
                 aws_access_key_id={key}\n\
                 aws_secret_access_key={secret}\n\
                 aws_session_token={token}"
            ),
        },
    ]
}
