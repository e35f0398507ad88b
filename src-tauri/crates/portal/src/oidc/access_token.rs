//! Access and refresh tokens: issued together, stored as hashes, alive as long as their portal
//! session.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::AnyConnection;
use time::{Duration, OffsetDateTime};

use super::{refresh_token, request::RegisteredClient};
use crate::{
    Portal, clock, random,
    sessions::{self, PortalSession, live_sessions},
};

/// How long the token of a client without scopes lives, which cannot be refreshed.
const LEGACY_LIFETIME: Duration = Duration::hours(8);

const STORE_ACCESS: &str = "INSERT INTO access_tokens (token_hash, grant_id, client_id, \
     portal_session_id, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
const STORE_REFRESH: &str = "INSERT INTO refresh_tokens (token_hash, grant_id, client_id, \
     portal_session_id, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";

/// The answer of CreateToken.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: Option<String>,
    id_token: String,
}

/// The live portal session that an access token speaks for.
pub async fn session_of(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    access_token: &str,
) -> Result<Option<PortalSession>, sqlx::Error> {
    sqlx::query(live_sessions!(
        "JOIN access_tokens t ON t.portal_session_id = s.id",
        "t.token_hash = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL"
    ))
    .bind(random::hash(access_token))
    .bind(clock::millis(now))
    .try_map(sessions::session_of)
    .fetch_optional(db)
    .await
}

/// Stores a new pair of tokens for `client` under `grant_id`.
pub(super) async fn issue(
    portal: &Portal,
    db: &mut AnyConnection,
    client: &RegisteredClient,
    session: &PortalSession,
    grant_id: &str,
) -> Result<TokenResponse, sqlx::Error> {
    let now = portal.now();
    let lifetime = if client.scopes.is_empty() {
        LEGACY_LIFETIME
    } else {
        portal.config().lifetimes.access_token
    };
    let expires_at = (now + lifetime).min(session.expires_at);
    let access_token = random::token();
    let may_refresh =
        !client.scopes.is_empty() && client.require_grant(refresh_token::GRANT_TYPE).is_ok();
    let refresh_token = may_refresh.then(random::token);
    let mut store = async |statement: &'static str, token: &str, expires_at: OffsetDateTime| {
        sqlx::query(statement)
            .bind(random::hash(token))
            .bind(grant_id)
            .bind(&client.id)
            .bind(&session.id)
            .bind(clock::millis(now))
            .bind(clock::millis(expires_at))
            .execute(&mut *db)
            .await
    };
    store(STORE_ACCESS, &access_token, expires_at).await?;
    if let Some(refresh_token) = &refresh_token {
        store(STORE_REFRESH, refresh_token, session.expires_at).await?;
    }
    Ok(TokenResponse {
        access_token: access_token.to_string(),
        token_type: "Bearer",
        // The session may have ended since it was looked up.
        expires_in: (expires_at - now).whole_seconds().max(0),
        refresh_token: refresh_token.map(|token| token.to_string()),
        id_token: id_token(portal, client, session, now, expires_at),
    })
}

/// Tells the client whose tokens it got (OpenID Connect Core 1.0 section 2), where AWS leaves the
/// field empty. Signed with a key only the portal has: it proves nothing to anyone else.
fn id_token(
    portal: &Portal,
    client: &RegisteredClient,
    session: &PortalSession,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = json!({
        "iss": portal.config().start_url(),
        "sub": session.user_id,
        "aud": client.id,
        "preferred_username": session.user_name,
        "iat": now.unix_timestamp(),
        "exp": expires_at.unix_timestamp(),
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(&claims));
    let signature = portal.seal().sign("id token", &text);
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Revokes every token of a grant: one of its secrets was seen twice.
pub(super) async fn revoke_grant(
    portal: &Portal,
    db: &mut AnyConnection,
    grant_id: &str,
) -> Result<(), sqlx::Error> {
    let now = clock::millis(portal.now());
    for statement in [
        "UPDATE access_tokens SET revoked_at = $2 WHERE grant_id = $1 AND revoked_at IS NULL",
        "UPDATE refresh_tokens SET revoked_at = $2 WHERE grant_id = $1 AND revoked_at IS NULL",
    ] {
        sqlx::query(statement)
            .bind(grant_id)
            .bind(now)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}
