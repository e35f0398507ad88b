//! Consent for a program that signs in with an authorization code.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{
    Frame, POLICY, Refusal, Visit,
    form::{Decision, OwnForm},
    message, redirect,
    return_to::ReturnTo,
};
use crate::{
    Portal,
    oidc::{
        self,
        authorization_code::{self, AuthorizeError, AuthorizeRequest, Consent},
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/authorize", get(authorize))
        .route("/consent", get(ask).post(decide))
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: Frame,
    client_name: &'a str,
    redirect_host: &'a str,
    request: &'a str,
}

#[derive(Deserialize)]
struct Request {
    request: String,
}

/// Where a client sends the browser. The request is kept, so that signing in first loses nothing.
async fn authorize(
    State(portal): State<Portal>,
    visit: Visit,
    Query(request): Query<AuthorizeRequest>,
) -> Result<Response, Refusal> {
    match authorization_code::begin(&portal, &visit.client, &request).await {
        Ok(consent) => Ok(redirect(&format!("/consent?request={}", consent.id))),
        Err(AuthorizeError::Redirect(target)) => Ok(redirect(&target)),
        Err(AuthorizeError::Show(error)) => {
            let text = format!("{error} Start the sign-in again from the program.");
            message(
                &visit,
                StatusCode::BAD_REQUEST,
                "This request cannot be trusted",
                &text,
            )
        }
    }
}

async fn ask(visit: Visit, Query(query): Query<Request>) -> Result<Response, Refusal> {
    if visit.session.is_none() {
        let back = ReturnTo::parse(&format!("/consent?request={}", query.request));
        return Ok(visit.sign_in_first(&back));
    }
    let Some(consent) = authorization_code::find(&visit.portal, &query.request).await? else {
        return gone(&visit);
    };
    let redirect_origin = origin_of(&consent);
    let mut page = visit.page(
        StatusCode::OK,
        &ConsentPage {
            frame: visit.frame()?,
            client_name: &consent.client_name,
            redirect_host: redirect_origin.trim_start_matches("http://"),
            request: &consent.id,
        },
    )?;
    // Browsers hold a form's redirects to the policy too, and this one ends at the client.
    let policy = HeaderValue::from_str(&format!("{POLICY} {redirect_origin}"));
    page.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        policy.map_err(|_| Refusal::Malformed)?,
    );
    Ok(page)
}

#[derive(Deserialize)]
struct Answer {
    request: String,
    decision: Decision,
}

async fn decide(OwnForm(visit, answer): OwnForm<Answer>) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        let back = ReturnTo::parse(&format!("/consent?request={}", answer.request));
        return Ok(visit.sign_in_first(&back));
    };
    let (portal, client, id) = (&visit.portal, &visit.client, &answer.request);
    let decided = match answer.decision {
        Decision::Allow => authorization_code::approve(portal, client, session, id).await?,
        Decision::Deny => authorization_code::deny(portal, client, session, id).await?,
    };
    match decided {
        oidc::Decision::Done(target) => Ok(redirect(&target)),
        oidc::Decision::Gone => gone(&visit),
    }
}

fn gone(visit: &Visit) -> Result<Response, Refusal> {
    let text =
        "It was answered before, or waited too long. Start the sign-in again from the program.";
    message(visit, StatusCode::GONE, "This request is over", text)
}

fn origin_of(consent: &Consent) -> String {
    Url::parse(&consent.redirect_uri)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default()
}
