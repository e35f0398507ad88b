use std::net::IpAddr;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::{Host, Url};

use super::{
    OidcError, authorization_code, device_code, refresh_token,
    request::{Body, refuse},
};
use crate::{
    Portal,
    audit::{self, Event},
    client::Client,
    clock, random,
    rate_limit::Unproved,
    settings,
};

/// The one scope of this portal: accounts, roles and their credentials.
pub(super) const ACCOUNT_ACCESS: &str = "sso:account:access";
const NAME_LENGTH: usize = 255;
const MOST_REDIRECT_URIS: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisterRequest {
    client_name: String,
    client_type: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    grant_types: Vec<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    issuer_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisterResponse {
    client_id: String,
    client_secret: String,
    client_id_issued_at: i64,
    client_secret_expires_at: i64,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// RegisterClient. Clients keep their registration for its whole life, so it is stored; anyone may
/// ask for one, so each host is held to the portal API's rate.
pub(super) async fn register(
    State(portal): State<Portal>,
    client: Client,
    Body(request): Body<RegisterRequest>,
) -> Result<Json<RegisterResponse>, OidcError> {
    portal
        .rate_limit()
        .take_unproved(Unproved::Registration, &client, portal.now())
        .map_err(OidcError::TooManyRequests)?;
    let event = Event::new(super::EVENT_SOURCE, "RegisterClient");
    if let Err(error) = check(&portal, &request).await {
        return Err(refuse(&portal, &client, event, error).await);
    }
    let (id, secret) = (random::token(), random::token());
    let issued_at = portal.now();
    let expires_at = issued_at + portal.config().lifetimes.registration;
    sqlx::query(
        "INSERT INTO client_registrations (id, secret_hash, name, scopes, grant_types, \
         redirect_uris, issuer_url, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id.as_str())
    .bind(random::hash(&secret))
    .bind(&request.client_name)
    .bind(json!(request.scopes).to_string())
    .bind(json!(request.grant_types).to_string())
    .bind(json!(request.redirect_uris).to_string())
    .bind(&request.issuer_url)
    .bind(clock::millis(issued_at))
    .bind(clock::millis(expires_at))
    .execute(&mut *portal.turn().await?)
    .await?;
    let event = event.detail(json!({ "clientId": *id, "clientName": request.client_name }));
    audit::record(&portal, &client, event).await?;
    Ok(Json(RegisterResponse {
        client_id: id.to_string(),
        client_secret: secret.to_string(),
        client_id_issued_at: issued_at.unix_timestamp(),
        client_secret_expires_at: expires_at.unix_timestamp(),
        authorization_endpoint: portal.config().url("/authorize"),
        token_endpoint: portal.config().url("/token"),
    }))
}

async fn check(portal: &Portal, request: &RegisterRequest) -> Result<(), OidcError> {
    let metadata = |text: &str| Err(OidcError::InvalidClientMetadata(text.to_owned()));
    if request.client_name.trim().is_empty() || request.client_name.len() > NAME_LENGTH {
        return metadata("clientName must have 1 to 255 characters.");
    }
    if request.client_type != "public" {
        return metadata("clientType must be public.");
    }
    if let Some(scope) = request.scopes.iter().find(|scope| *scope != ACCOUNT_ACCESS) {
        return Err(OidcError::InvalidScope(scope.clone()));
    }
    let grants = [
        authorization_code::GRANT_TYPE,
        device_code::GRANT_TYPE,
        refresh_token::GRANT_TYPE,
    ];
    let mut asked = request.grant_types.iter();
    if let Some(grant) = asked.find(|grant| !grants.contains(&grant.as_str())) {
        return Err(OidcError::UnsupportedGrantType(grant.clone()));
    }
    let with_redirect = request
        .grant_types
        .iter()
        .any(|grant| grant == authorization_code::GRANT_TYPE);
    if with_redirect && request.redirect_uris.is_empty() {
        return metadata("The authorization code grant needs redirectUris.");
    }
    if request.redirect_uris.len() > MOST_REDIRECT_URIS {
        return metadata("There are more than 10 redirectUris.");
    }
    if let Some(uri) = request.redirect_uris.iter().find(|uri| !is_loopback(uri)) {
        return Err(OidcError::InvalidRedirectUri(uri.clone()));
    }
    match &request.issuer_url {
        Some(issuer) if !settings::is_start_url(portal, issuer).await? => Err(
            OidcError::InvalidRequest(format!("The issuer URL {issuer:?} is not this portal.")),
        ),
        _ => Ok(()),
    }
}

/// Public clients are programs on the user's machine: their redirects stay on it (RFC 8252
/// section 7.3).
fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    url.scheme() == "http" && local && plain
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn redirects_stay_on_the_machine() {
        for good in [
            "http://127.0.0.1/oauth/callback",
            "http://[::1]:7/x",
            "http://localhost/",
        ] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "https://example.com/cb",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://localhost/#fragment",
            "javascript:alert(1)",
            "/relative",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
