//! The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 8252).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row, any::AnyRow};
use url::Url;

use super::{
    Decision, OidcError, access_token,
    register::ACCOUNT_ACCESS,
    request::{RegisteredClient, refuse},
    token::Granted,
};
use crate::{
    Portal,
    audit::{self, Event},
    client::Client,
    clock, random,
    rate_limit::Unproved,
    sessions::{self, PortalSession},
};

/// Its name in `grantType`.
pub const GRANT_TYPE: &str = "authorization_code";

/// The query of `/authorize`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AuthorizeRequest {
    /// `code`.
    pub response_type: String,
    /// The registered client.
    pub client_id: String,
    /// Where the browser is sent back to, with the port the client listens on.
    pub redirect_uri: String,
    /// Given back unchanged.
    pub state: Option<String>,
    /// `S256`.
    pub code_challenge_method: String,
    /// Base64url of the verifier's SHA-256.
    pub code_challenge: String,
    /// What is asked for, as the AWS CLI spells it.
    pub scopes: Option<String>,
    /// The same, as RFC 6749 spells it.
    pub scope: Option<String>,
}

/// A client that asks for the user's consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Names this request in [`approve`] and [`deny`]; not secret.
    pub id: String,
    /// What the client calls itself; it may lie.
    pub client_name: String,
    /// Where the answer goes, with the port the client listens on.
    pub redirect_uri: String,
    /// The scopes asked for.
    pub scopes: Vec<String>,
}

/// Why consent cannot even be asked for.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// Client or redirect are not to be trusted: show this to the user, redirect nowhere.
    #[error(transparent)]
    Show(OidcError),
    /// Send the browser to this address, which tells the client.
    #[error("the request is refused")]
    Redirect(String),
}

impl From<sqlx::Error> for AuthorizeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Show(error.into())
    }
}

/// Takes in the request of a browser at `/authorize`; the user need not be signed in yet.
pub async fn begin(
    portal: &Portal,
    client: &Client,
    request: &AuthorizeRequest,
) -> Result<Consent, AuthorizeError> {
    let registered = match admit(portal, request).await {
        Ok(registered) => registered,
        Err(error) => {
            return Err(AuthorizeError::Show(
                refused(portal, client, request, error).await,
            ));
        }
    };
    match check(&registered, request) {
        Ok(scopes) => {
            portal
                .rate_limit()
                .take_unproved(Unproved::Authorization, client, portal.now())
                .map_err(|wait| AuthorizeError::Show(OidcError::TooManyRequests(wait)))?;
            Ok(store_request(portal, registered, request, scopes).await?)
        }
        Err(error) => {
            let error = refused(portal, client, request, error).await;
            let description = error.to_string();
            let answer = [
                ("error", error.oauth_code()),
                ("error_description", &description),
            ];
            let state = request.state.as_deref();
            Err(AuthorizeError::Redirect(redirect(
                &request.redirect_uri,
                state,
                &answer,
            )))
        }
    }
}

/// The client, if the browser may be sent back to where the request says.
async fn admit(portal: &Portal, request: &AuthorizeRequest) -> Result<RegisteredClient, OidcError> {
    let client = RegisteredClient::find(portal, portal.pool(), &request.client_id)
        .await?
        .ok_or(OidcError::InvalidClient)?;
    let asked = &request.redirect_uri;
    if client
        .redirect_uris
        .iter()
        .any(|registered| same_redirect(registered, asked))
    {
        Ok(client)
    } else {
        Err(OidcError::InvalidRedirectUri(asked.clone()))
    }
}

async fn refused(
    portal: &Portal,
    client: &Client,
    request: &AuthorizeRequest,
    error: OidcError,
) -> OidcError {
    let event = Event::new(super::EVENT_SOURCE, "Authorize")
        .detail(json!({ "clientId": request.client_id }));
    refuse(portal, client, event, error).await
}

async fn store_request(
    portal: &Portal,
    client: RegisteredClient,
    request: &AuthorizeRequest,
    scopes: Vec<String>,
) -> Result<Consent, sqlx::Error> {
    let id = random::uuid();
    let now = portal.now();
    sqlx::query(
        "INSERT INTO authorization_codes (id, client_id, redirect_uri, state, code_challenge, \
         scopes, status, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8)",
    )
    .bind(&id)
    .bind(&client.id)
    .bind(&request.redirect_uri)
    .bind(&request.state)
    .bind(&request.code_challenge)
    .bind(scopes.join(" "))
    .bind(clock::millis(now))
    .bind(clock::millis(now + portal.config().lifetimes.authorization_code))
    .execute(&mut *portal.turn().await?)
    .await?;
    Ok(Consent {
        id,
        client_name: client.name,
        redirect_uri: request.redirect_uri.clone(),
        scopes,
    })
}

/// The undecided request with this id.
pub async fn find(portal: &Portal, id: &str) -> Result<Option<Consent>, sqlx::Error> {
    sqlx::query(
        "SELECT a.id, c.name, a.redirect_uri, a.scopes FROM authorization_codes a \
         JOIN client_registrations c ON c.id = a.client_id \
         WHERE a.id = $1 AND a.status = 'pending' AND a.expires_at > $2",
    )
    .bind(id)
    .bind(clock::millis(portal.now()))
    .try_map(|row: AnyRow| {
        Ok(Consent {
            id: row.try_get("id")?,
            client_name: row.try_get("name")?,
            redirect_uri: row.try_get("redirect_uri")?,
            scopes: words(&row.try_get::<String, _>("scopes")?),
        })
    })
    .fetch_optional(portal.pool())
    .await
}

/// The user of `session` consents; returns the address, with the code, to send the browser to.
pub async fn approve(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    id: &str,
) -> Result<Decision<String>, sqlx::Error> {
    let code = random::token();
    decide(portal, client, session, id, Some(&code)).await
}

/// The user of `session` refuses; returns the address to send the browser to.
pub async fn deny(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    id: &str,
) -> Result<Decision<String>, sqlx::Error> {
    decide(portal, client, session, id, None).await
}

async fn decide(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    id: &str,
    code: Option<&str>,
) -> Result<Decision<String>, sqlx::Error> {
    let now = portal.now();
    let status = if code.is_some() { "approved" } else { "denied" };
    let decided = sqlx::query(
        "UPDATE authorization_codes SET status = $1, code_hash = $2, portal_session_id = $3, \
         expires_at = $4 WHERE id = $5 AND status = 'pending' AND expires_at > $6 \
         RETURNING redirect_uri, state, client_id",
    )
    .bind(status)
    .bind(code.map(random::hash))
    .bind(&session.id)
    .bind(clock::millis(
        now + portal.config().lifetimes.authorization_code,
    ))
    .bind(id)
    .bind(clock::millis(now))
    .fetch_optional(&mut *portal.turn().await?)
    .await?;
    let Some(row) = decided else {
        return Ok(Decision::Gone);
    };
    let redirect_uri: String = row.try_get("redirect_uri")?;
    let state: Option<String> = row.try_get("state")?;
    let client_id: String = row.try_get("client_id")?;
    let event = Event::new(super::EVENT_SOURCE, "Authorize")
        .user(&session.user_id, &session.user_name)
        .detail(json!({ "clientId": client_id, "decision": status }));
    audit::record(portal, client, event).await?;
    let answer = code.map_or(("error", "access_denied"), |code| ("code", code));
    Ok(Decision::Done(redirect(
        &redirect_uri,
        state.as_deref(),
        &[answer],
    )))
}

/// Exchanges a code for tokens, once. A code that comes again takes its tokens with it.
pub(super) async fn redeem(
    portal: &Portal,
    client: &RegisteredClient,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Granted, OidcError> {
    const INVALID: OidcError = OidcError::InvalidGrant("The authorization code is invalid.");
    client.require_grant(GRANT_TYPE)?;
    let now = portal.now();
    let mut db = portal.write().await?;
    let row = sqlx::query(
        "SELECT id, redirect_uri, code_challenge, status, portal_session_id, expires_at \
         FROM authorization_codes WHERE code_hash = $1 AND client_id = $2",
    )
    .bind(random::hash(code))
    .bind(&client.id)
    .fetch_optional(&mut *db)
    .await?
    .ok_or(INVALID)?;
    let id: String = row.try_get("id")?;
    if row.try_get::<String, _>("status")? == "used" {
        access_token::revoke_grant(portal, &mut db, &id).await?;
        db.commit().await?;
        return Err(OidcError::InvalidGrant(
            "The authorization code was used before.",
        ));
    }
    let challenge: String = row.try_get("code_challenge")?;
    let expected: String = row.try_get("redirect_uri")?;
    let over = clock::from_millis(row.try_get("expires_at")?) <= now;
    if over || expected != redirect_uri || challenge_of(verifier) != challenge {
        return Err(INVALID);
    }
    let session_id: String = row.try_get("portal_session_id")?;
    let session = sessions::alive(&mut *db, &session_id, now)
        .await?
        .ok_or(OidcError::InvalidGrant("The portal session has ended."))?;
    if !spend(&mut db, &id).await? {
        return Err(INVALID);
    }
    let tokens = access_token::issue(portal, &mut db, client, &session, &id).await?;
    Ok(Granted {
        tokens,
        session,
        db,
    })
}

/// Whether this exchange is the one that spends the code.
async fn spend(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let spent = sqlx::query(
        "UPDATE authorization_codes SET status = 'used' WHERE id = $1 AND status = 'approved'",
    )
    .bind(id)
    .execute(db)
    .await?;
    Ok(spent.rows_affected() == 1)
}

fn check(client: &RegisteredClient, request: &AuthorizeRequest) -> Result<Vec<String>, OidcError> {
    client.require_grant(GRANT_TYPE)?;
    let invalid = |text: &str| Err(OidcError::InvalidRequest(text.to_owned()));
    if request.response_type != "code" {
        return invalid("response_type must be code.");
    }
    if request.code_challenge_method != "S256" {
        return invalid("code_challenge_method must be S256.");
    }
    // 32 bytes in base64url.
    if request.code_challenge.len() != 43 {
        return invalid("code_challenge must be the SHA-256 of the verifier in base64url.");
    }
    let asked = request.scopes.as_deref().or(request.scope.as_deref());
    let scopes = words(asked.unwrap_or(ACCOUNT_ACCESS));
    match scopes.iter().find(|scope| !client.scopes.contains(scope)) {
        Some(scope) => Err(OidcError::InvalidScope(scope.clone())),
        None => Ok(scopes),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Loopback redirects are the same whatever their port (RFC 8252 section 7.3).
fn same_redirect(registered: &str, asked: &str) -> bool {
    let portless = |uri: &str| {
        let mut url = Url::parse(uri).ok()?;
        url.set_port(None).ok()?;
        Some(url)
    };
    matches!((portless(registered), portless(asked)), (Some(a), Some(b)) if a == b)
}

fn redirect(uri: &str, state: Option<&str>, answer: &[(&str, &str)]) -> String {
    // It was parsed when it was compared with the registered one.
    let Ok(mut url) = Url::parse(uri) else {
        return uri.to_owned();
    };
    let state = state.map(|state| ("state", state));
    url.query_pairs_mut()
        .extend_pairs(answer.iter().copied().chain(state));
    url.into()
}
