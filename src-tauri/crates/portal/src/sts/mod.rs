//! The security token service: the query protocol of API version 2011-06-15, with XML answers.
//!
//! Every request is signed (Signature Version 4) with credentials this portal issued.

mod answer;
mod assume_role;
mod caller;
mod error;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use answer::Answer;
use caller::Caller;
use error::StsError;

use crate::{Portal, admin, client::Client, sigv4::SignedRequest};

/// The routes of STS, and of whatever else AWS serves at the root of an endpoint.
pub fn routes() -> Router<Portal> {
    Router::new().route("/", get(operation).post(operation))
}

/// The parameters of a query request, of its address and its body.
#[derive(Debug)]
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(uri: &Uri, body: &[u8]) -> Self {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let form = url::form_urlencoded::parse(body);
        Self(query.into_owned().chain(form.into_owned()).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        found
            .next()
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn need(&self, name: &'static str) -> Result<&str, StsError> {
        self.get(name).ok_or(StsError::Missing(name))
    }
}

async fn operation(
    State(portal): State<Portal>,
    client: Client,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = SignedRequest {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: &body,
    };
    if headers.contains_key(admin::TARGET) {
        return admin::answer(&portal, &client, &request).await;
    }
    let parameters = Parameters::of(&uri, &body);
    if method == Method::GET && parameters.get("Action").is_none() {
        // Somebody typed the portal's address.
        return Redirect::to("/start").into_response();
    }
    let request_id = client.answer_id();
    let answered = match act(&portal, &client, &request, &parameters).await {
        Ok(answer) => answer.into_response(request_id),
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| error.into_response(request_id))
}

async fn act(
    portal: &Portal,
    client: &Client,
    request: &SignedRequest<'_>,
    parameters: &Parameters,
) -> Result<Answer, StsError> {
    let action = parameters.get("Action").ok_or(StsError::MissingAction)?;
    let caller = Caller::of(portal, client, request, action).await?;
    match action {
        "GetCallerIdentity" => caller::identity(portal, client, &caller).await,
        "AssumeRole" => assume_role::answer(portal, client, &caller, parameters).await,
        other => Err(StsError::InvalidAction(other.to_owned())),
    }
}
