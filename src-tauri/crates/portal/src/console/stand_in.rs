//! The page that stands where the AWS console would be.

use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::{ConsoleSession, destination};
use crate::{
    access::{self, Policy},
    organization,
    web::{Cookie, Frame, Refusal, Visit, message, redirect},
};

#[derive(Template)]
#[template(path = "console.html")]
struct Console<'a> {
    frame: Frame,
    session: &'a ConsoleSession,
    account_name: &'a str,
    role_name: &'a str,
    partition: &'a str,
    region: String,
    expires: String,
    policies: Vec<String>,
}

pub(super) async fn show(visit: Visit) -> Result<Response, Refusal> {
    let portal = &visit.portal;
    let cookie = visit.cookie(Cookie::Console).unwrap_or_default();
    let Some(session) = ConsoleSession::from_cookie(portal, &cookie) else {
        let text = "It has ended, or this browser was never signed in. Open the console from the \
                    portal or from Vestibule.";
        return message(
            &visit,
            StatusCode::UNAUTHORIZED,
            "There is no console session",
            text,
        );
    };
    let id = &session.role.account_id;
    let account_name = organization::account_name(portal.pool(), id).await?;
    let policies = access::role_policies(portal.pool(), id, &session.role.iam_role_name).await?;
    let named = Url::parse(&session.destination)
        .ok()
        .and_then(|url| destination::region_of(&url));
    visit.page(
        StatusCode::OK,
        &Console {
            // The console knows only its own session, not the portal's.
            frame: Frame::default(),
            account_name: account_name.as_ref().unwrap_or(id),
            role_name: permission_set_of(&session.role.iam_role_name),
            partition: &portal.config().partition,
            region: named.unwrap_or_else(|| portal.config().region.clone()),
            expires: session.expires_at().format(&Rfc3339).unwrap_or_default(),
            policies: policies.iter().map(describe).collect(),
            session: &session,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct SignOut {
    #[serde(default, rename = "Action")]
    action: String,
    #[serde(default)]
    redirect_uri: String,
}

/// `/oauth?Action=logout`.
pub(super) async fn sign_out(
    visit: Visit,
    Query(asked): Query<SignOut>,
) -> Result<Response, Refusal> {
    match asked.action.as_str() {
        "logout" => leave(&visit, &asked.redirect_uri),
        _ => Err(Refusal::Malformed),
    }
}

/// Ends the console session; then the browser goes on to `redirect_uri` if that is on this portal.
pub(super) fn leave(visit: &Visit, redirect_uri: &str) -> Result<Response, Refusal> {
    let portal = &visit.portal;
    let here =
        Url::parse(redirect_uri).is_ok_and(|url| url.origin() == portal.config().origin.origin());
    let mut response = if here {
        redirect(redirect_uri)
    } else {
        let text = "The portal session goes on: open this or another console from the portal.";
        message(
            visit,
            StatusCode::OK,
            "You are signed out of the console",
            text,
        )?
    };
    let cookie = Cookie::Console.clear(portal);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What a policy is called on the page.
fn describe(policy: &Policy) -> String {
    match policy {
        Policy::Managed(arn) => arn.clone(),
        Policy::Customer(policy) => policy.full_name(),
        Policy::Inline(document) => document.clone(),
        Policy::ManagedBoundary(arn) => format!("at most {arn}"),
        Policy::CustomerBoundary(policy) => format!("at most {}", policy.full_name()),
    }
}

/// The permission set's name in `AWSReservedSSO_<name>_<16 hex>`; any other role's own name.
fn permission_set_of(iam_role_name: &str) -> &str {
    iam_role_name
        .strip_prefix("AWSReservedSSO_")
        .and_then(|rest| rest.rsplit_once('_'))
        .map_or(iam_role_name, |(name, _)| name)
}
