//! RegisterClient: how this program becomes known to a portal.

use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Error, Operation, SCOPE};
use crate::endpoints::{Endpoints, StartUrl, under};
use crate::http::{self, Client};

/// The name the portal shows when it asks the user for consent.
const CLIENT_NAME: &str = "Vestibule";
/// Registered without a port and used with one (RFC 8252 section 7.3).
const REDIRECT_URI: &str = "http://127.0.0.1/oauth/callback";

/// The way of signing in that a registration is for. A portal holds the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// In the browser of this computer, with PKCE.
    AuthorizationCode,
    /// With a code that is typed in any browser.
    DeviceCode,
}

/// This program as the portal knows it. It outlives sign-ins: keep it, and the refresh tokens
/// made with it, together.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The public half.
    pub client_id: String,
    /// The secret half.
    pub client_secret: SecretString,
    /// From then on, by the client's clock, the portal no longer knows it; 90 days after it was
    /// made.
    pub expires_at: OffsetDateTime,
    /// What it may be used for.
    pub grant: Grant,
}

/// Registers this program with the portal at `start_url`.
///
/// # Errors
/// [`UnknownPortal`](crate::error::Kind::UnknownPortal) where the portal is unknown in the region
/// (told here only for [`Grant::AuthorizationCode`]); otherwise as any request.
pub async fn register(
    client: &Client,
    endpoints: &Endpoints,
    start_url: &StartUrl,
    grant: Grant,
) -> Result<Registration, Error> {
    let in_browser = grant == Grant::AuthorizationCode;
    let request = Request {
        client_name: CLIENT_NAME,
        client_type: "public",
        scopes: [SCOPE],
        grant_types: in_browser.then_some(["authorization_code", "refresh_token"]),
        redirect_uris: in_browser.then_some([REDIRECT_URI]),
        issuer_url: in_browser.then_some(start_url.as_str()),
    };
    let failed = |source: http::Error| Error::Failed {
        operation: Operation::Register,
        source,
    };
    let url = under(&endpoints.oidc, "/client/register");
    let post = client.request(Method::POST, url).json(&request);
    let received = client.send_idempotent(post).await.map_err(failed)?;
    let answer: Answer = received.json().map_err(failed)?;
    let expires_at =
        OffsetDateTime::from_unix_timestamp(answer.client_secret_expires_at).map_err(|_| {
            Error::NotUnderstood {
                operation: Operation::Register,
            }
        })?;
    Ok(Registration {
        client_id: answer.client_id,
        client_secret: answer.client_secret.into(),
        expires_at: received.on_our_clock(expires_at),
        grant,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    client_name: &'a str,
    client_type: &'a str,
    scopes: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_types: Option<[&'a str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uris: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_url: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    client_id: String,
    client_secret: String,
    client_secret_expires_at: i64,
}
