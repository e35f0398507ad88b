//! `/federation`: `getSigninToken` gives a sign-in token for credentials, `login` a console
//! session for the token, `logout` ends it.

use axum::{
    Form, Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;
use url::form_urlencoded::Serializer;

use super::{ConsoleSession, EVENT_SOURCE, destination, stand_in};
use crate::{
    Portal, access,
    audit::{self, Event},
    client::Client,
    rate_limit::Unproved,
    web::{Cookie, Refusal, Visit, message, redirect},
};

/// All parameters of all actions.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Parameters {
    action: String,
    session: String,
    session_duration: Option<String>,
    signin_token: String,
    destination: String,
    #[serde(rename = "redirect_uri")]
    redirect_uri: String,
}

/// The credentials a client hands in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    session_id: String,
    session_key: String,
    session_token: String,
}

/// By GET.
pub(super) async fn answer(
    visit: Visit,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    match parameters.action.as_str() {
        "getSigninToken" => signin_token(&visit.portal, &visit.client, &parameters).await,
        "login" => login(&visit, &parameters).await,
        "logout" => stand_in::leave(&visit, &parameters.redirect_uri),
        other => message(
            &visit,
            StatusCode::BAD_REQUEST,
            "Nothing to do",
            &format!("The federation endpoint knows no action {other:?}."),
        ),
    }
}

/// By POST, so that no credentials stand in an address.
pub(super) async fn answer_form(
    State(portal): State<Portal>,
    client: Client,
    Form(parameters): Form<Parameters>,
) -> Result<Response, Refusal> {
    match parameters.action.as_str() {
        "getSigninToken" => signin_token(&portal, &client, &parameters).await,
        _ => Ok(refuse(
            StatusCode::BAD_REQUEST,
            "Action must be getSigninToken",
        )),
    }
}

/// The path of `login` with a sign-in token.
pub(super) fn login_path(issuer: &str, destination: &str, token: &str) -> String {
    let query = Serializer::new(String::new())
        .append_pair("Action", "login")
        .append_pair("Issuer", issuer)
        .append_pair("Destination", destination)
        .append_pair("SigninToken", token)
        .finish();
    format!("/federation?{query}")
}

async fn signin_token(
    portal: &Portal,
    client: &Client,
    parameters: &Parameters,
) -> Result<Response, Refusal> {
    let event = Event::new(EVENT_SOURCE, "GetSigninToken");
    let session = match recognize(portal, parameters) {
        Ok(session) => session,
        Err((status, problem)) => {
            if is_held_up(portal, client) {
                return Ok(refuse(StatusCode::TOO_MANY_REQUESTS, "Rate exceeded"));
            }
            audit::record(portal, client, event.refused("AccessDenied", &problem)).await?;
            return Ok(refuse(status, &problem));
        }
    };
    let event = event
        .user(&session.role.user_id, &session.role.session_name)
        .role(&session.role.account_id, &session.role.iam_role_name);
    audit::record(portal, client, event).await?;
    let token = session.into_signin_token(portal)?;
    Ok(Json(json!({ "SigninToken": token })).into_response())
}

fn recognize(
    portal: &Portal,
    parameters: &Parameters,
) -> Result<ConsoleSession, (StatusCode, String)> {
    let invalid = |text: &str| (StatusCode::BAD_REQUEST, text.to_owned());
    let given: Credentials = serde_json::from_str(&parameters.session)
        .map_err(|_| invalid("Session must be JSON with sessionId, sessionKey and sessionToken"))?;
    let token = SecretString::from(given.session_token);
    let given_key = SecretString::from(given.session_key);
    let denied = |text: String| (StatusCode::FORBIDDEN, text);
    let (role, key, expires_at) = access::open_session_token(portal, &given.session_id, &token)
        .map_err(|error| denied(error.to_string()))?;
    let (key, given_key) = (
        key.expose_secret().as_bytes(),
        given_key.expose_secret().as_bytes(),
    );
    if !bool::from(key.ct_eq(given_key)) {
        return Err(denied("the session key is not this session's".to_owned()));
    }
    let session = ConsoleSession::new(role, expires_at);
    match &parameters.session_duration {
        Some(asked) => session
            .lasting(asked, portal.now())
            .map_err(|error| invalid(&error.to_string())),
        None => Ok(session),
    }
}

async fn login(visit: &Visit, parameters: &Parameters) -> Result<Response, Refusal> {
    let (portal, client) = (&visit.portal, &visit.client);
    let event = Event::new(EVENT_SOURCE, "ConsoleLogin");
    let Some(session) = ConsoleSession::from_signin_token(portal, &parameters.signin_token) else {
        let event = event.refused("InvalidSigninToken", "expired, or not this portal's");
        if !is_held_up(portal, client) {
            audit::record(portal, client, event).await?;
        }
        let text = "It is valid for 15 minutes. Open the console again from the portal or from \
                    Vestibule.";
        return message(
            visit,
            StatusCode::FORBIDDEN,
            "This sign-in link has expired",
            text,
        );
    };
    let event = event
        .user(&session.role.user_id, &session.role.session_name)
        .role(&session.role.account_id, &session.role.iam_role_name);
    let asked = match parameters.destination.as_str() {
        "" => destination::first_page(&portal.config().partition),
        asked => asked,
    };
    let Some(destination) = destination::parse(asked, &portal.config().origin) else {
        let event = event.refused("InvalidDestination", "outside the AWS console");
        audit::record(portal, client, event).await?;
        let text = "A console session opens pages of the AWS console only.";
        return message(
            visit,
            StatusCode::BAD_REQUEST,
            "The destination is elsewhere",
            text,
        );
    };
    let event = event.detail(json!({ "destination": destination.as_str() }));
    audit::record(portal, client, event).await?;
    let session = ConsoleSession {
        destination: destination.into(),
        ..session
    };
    let cookie = Cookie::Console.set(portal, &session.to_cookie(portal)?, None);
    let mut response = redirect("/console");
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Whether this host was refused so often that it is not even written down.
fn is_held_up(portal: &Portal, client: &Client) -> bool {
    let limit = portal.rate_limit();
    limit
        .take_unproved(Unproved::Refusal, client, portal.now())
        .is_err()
}

fn refuse(status: StatusCode, problem: &str) -> Response {
    (status, Json(json!({ "message": problem }))).into_response()
}
