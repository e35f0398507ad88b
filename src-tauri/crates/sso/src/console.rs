//! Ways into the management console: federation with a role's credentials, or the portal's own
//! shortcut link.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use crate::endpoints::{Endpoints, Region, StartUrl, under, with_region};
use crate::error::Kind;
use crate::http::{self, Client};
use crate::portal::RoleCredentials;

/// Why no sign-in token was given.
#[derive(Debug, thiserror::Error)]
#[error("no sign-in to the console")]
pub struct Error(#[from] http::Error);

impl Error {
    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.0 {
            // Federation is older than AWS's manners: it refuses credentials without a reason.
            http::Error::Unexplained {
                status: 400 | 401 | 403,
                ..
            } => Kind::Forbidden,
            ref error => error.kind(),
        }
    }
}

/// Where in the console to land: the start page of `service` (its console's path, such as `s3` or
/// `ec2`), or the console's own, in `region`.
#[must_use]
pub fn destination(endpoints: &Endpoints, region: &Region, service: Option<&str>) -> Url {
    // AWS's start page is a service of its own; a console elsewhere stands at a path of its own.
    let (mut url, start) = if endpoints.has_aws_console() {
        (with_region(&endpoints.console, region), Some("console"))
    } else {
        (endpoints.console.clone(), None)
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(service.or(start)).push("home");
    }
    url.query_pairs_mut().append_pair("region", region.as_str());
    url
}

/// Exchanges credentials for a sign-in token (getSigninToken). They travel in the body of a POST.
///
/// `duration`, 15 minutes to 12 hours, must be left out for credentials of a chained role. The
/// token is valid for 15 minutes.
///
/// # Errors
/// When the service refuses the credentials or cannot be reached.
pub async fn signin_token(
    client: &Client,
    endpoints: &Endpoints,
    credentials: &RoleCredentials,
    duration: Option<Duration>,
) -> Result<SecretString, Error> {
    let session = Zeroizing::new(
        json!({
            "sessionId": credentials.access_key_id,
            "sessionKey": credentials.secret_access_key.expose_secret(),
            "sessionToken": credentials.session_token.expose_secret(),
        })
        .to_string(),
    );
    let seconds = duration.map(|duration| duration.as_secs().to_string());
    let mut form = vec![("Action", "getSigninToken"), ("Session", session.as_str())];
    form.extend(
        seconds
            .as_deref()
            .map(|seconds| ("SessionDuration", seconds)),
    );
    let post = client
        .request(Method::POST, under(&endpoints.signin, "/federation"))
        .form(&form);
    let answer: SigninTokenAnswer = client.send_idempotent(post).await?.json()?;
    Ok(answer.signin_token.into())
}

/// The link that signs a browser in to the console. Whoever has it is signed in: it is a secret,
/// for the browser alone. `start_url` is where the user goes when the console session ends.
#[must_use]
pub fn login_url(
    endpoints: &Endpoints,
    start_url: &StartUrl,
    destination: &Url,
    signin_token: &SecretString,
) -> SecretString {
    let mut url = under(&endpoints.signin, "/federation");
    url.query_pairs_mut()
        .append_pair("Action", "login")
        .append_pair("Issuer", start_url.as_str())
        .append_pair("Destination", destination.as_str())
        .append_pair("SigninToken", signin_token.expose_secret());
    String::from(url).into()
}

/// The portal's own link to a role's console. It holds no secret and needs a browser that is
/// signed in at the portal, or will be.
#[must_use]
pub fn shortcut_url(
    start_url: &StartUrl,
    account_id: &str,
    role_name: &str,
    destination: Option<&Url>,
) -> Url {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("account_id", account_id)
        .append_pair("role_name", role_name);
    if let Some(destination) = destination {
        query.append_pair("destination", destination.as_str());
    }
    let mut url = under(start_url.url(), "/");
    url.set_fragment(Some(&format!("/console?{}", query.finish())));
    url
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SigninTokenAnswer {
    signin_token: String,
}

#[cfg(test)]
mod tests;
