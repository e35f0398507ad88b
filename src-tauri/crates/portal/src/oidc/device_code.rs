//! The device authorization grant (RFC 8628): a code shown in a terminal, confirmed in a browser.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::{Duration, OffsetDateTime};

use super::{
    Decision, OidcError, access_token,
    request::{Body, RegisteredClient, refuse},
    token::Granted,
};
use crate::{
    Portal,
    audit::{self, Event},
    client::Client,
    clock, random,
    rate_limit::Unproved,
    sessions::{self, PortalSession},
    settings,
};

/// Its name in `grantType`.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Seconds between two questions of a client.
const INTERVAL: i64 = 1;
/// A question this much early is still in time: networks jitter.
const TOLERANCE: Duration = Duration::milliseconds(500);
/// No vowels, no digits: codes spell no words and nothing is mistaken (RFC 8628 section 6.1).
const ALPHABET: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartRequest {
    client_id: String,
    client_secret: String,
    start_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartResponse {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// StartDeviceAuthorization.
pub(super) async fn start(
    State(portal): State<Portal>,
    client: Client,
    Body(request): Body<StartRequest>,
) -> Result<Json<StartResponse>, OidcError> {
    let event = Event::new(super::EVENT_SOURCE, "StartDeviceAuthorization")
        .detail(json!({ "clientId": request.client_id }));
    let registered = match admit(&portal, &request).await {
        Ok(registered) => registered,
        Err(error) => return Err(refuse(&portal, &client, event, error).await),
    };
    portal
        .rate_limit()
        .take_unproved(Unproved::Authorization, &client, portal.now())
        .map_err(OidcError::TooManyRequests)?;
    let started = begin(&portal, &client, &registered).await?;
    audit::record(&portal, &client, event).await?;
    Ok(Json(started))
}

/// The client, if it may ask its user at this portal.
async fn admit(portal: &Portal, request: &StartRequest) -> Result<RegisteredClient, OidcError> {
    let registered =
        RegisteredClient::authenticate(portal, &request.client_id, &request.client_secret).await?;
    registered.require_grant(GRANT_TYPE)?;
    if settings::is_start_url(portal, &request.start_url).await? {
        return Ok(registered);
    }
    Err(OidcError::InvalidRequest(format!(
        "The start URL {:?} is not this portal.",
        request.start_url
    )))
}

async fn begin(
    portal: &Portal,
    client: &Client,
    registered: &RegisteredClient,
) -> Result<StartResponse, sqlx::Error> {
    let letters = random::characters(ALPHABET, 8);
    let user_code = format!("{}-{}", &letters[..4], &letters[4..]);
    let device_code = random::token();
    let now = portal.now();
    let lifetime = portal.config().lifetimes.device_code;
    sqlx::query(
        "INSERT INTO device_codes (code_hash, user_code, client_id, source_address, status, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, 'pending', $5, $6)",
    )
    .bind(random::hash(&device_code))
    .bind(&user_code)
    .bind(&registered.id)
    .bind(client.address.to_string())
    .bind(clock::millis(now))
    .bind(clock::millis(now + lifetime))
    .execute(&mut *portal.turn().await?)
    .await?;
    let verification_uri = portal.config().url("/device");
    Ok(StartResponse {
        device_code: device_code.to_string(),
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
        verification_uri,
        user_code,
        expires_in: lifetime.whole_seconds(),
        interval: INTERVAL,
    })
}

/// A client that waits for its user, as the confirmation page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// `ABCD-EFGH`, as the client shows it.
    pub user_code: String,
    /// What the client calls itself; it may lie.
    pub client_name: String,
    /// The address it asked from.
    pub source_address: String,
    /// When it asked.
    pub created_at: OffsetDateTime,
    /// Until when it waits.
    pub expires_at: OffsetDateTime,
}

/// The undecided request with this code; case, spaces and dashes do not matter.
pub async fn find(portal: &Portal, user_code: &str) -> Result<Option<DeviceRequest>, sqlx::Error> {
    sqlx::query(
        "SELECT d.user_code, c.name, d.source_address, d.created_at, d.expires_at \
         FROM device_codes d JOIN client_registrations c ON c.id = d.client_id \
         WHERE d.user_code = $1 AND d.status = 'pending' AND d.expires_at > $2",
    )
    .bind(canonical(user_code))
    .bind(clock::millis(portal.now()))
    .try_map(|row: AnyRow| {
        Ok(DeviceRequest {
            user_code: row.try_get("user_code")?,
            client_name: row.try_get("name")?,
            source_address: row.try_get("source_address")?,
            created_at: clock::from_millis(row.try_get("created_at")?),
            expires_at: clock::from_millis(row.try_get("expires_at")?),
        })
    })
    .fetch_optional(portal.pool())
    .await
}

/// The user of `session` lets the client in.
pub async fn approve(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    user_code: &str,
) -> Result<Decision<()>, sqlx::Error> {
    decide(portal, client, session, user_code, "approved").await
}

/// The user of `session` turns the client away.
pub async fn deny(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    user_code: &str,
) -> Result<Decision<()>, sqlx::Error> {
    decide(portal, client, session, user_code, "denied").await
}

async fn decide(
    portal: &Portal,
    client: &Client,
    session: &PortalSession,
    user_code: &str,
    status: &str,
) -> Result<Decision<()>, sqlx::Error> {
    let decided = sqlx::query(
        "UPDATE device_codes SET status = $1, portal_session_id = $2 \
         WHERE user_code = $3 AND status = 'pending' AND expires_at > $4",
    )
    .bind(status)
    .bind(&session.id)
    .bind(canonical(user_code))
    .bind(clock::millis(portal.now()))
    .execute(&mut *portal.turn().await?)
    .await?;
    if decided.rows_affected() == 0 {
        return Ok(Decision::Gone);
    }
    let event = Event::new(super::EVENT_SOURCE, "DeviceAuthorization")
        .user(&session.user_id, &session.user_name)
        .detail(json!({ "userCode": canonical(user_code), "decision": status }));
    audit::record(portal, client, event).await?;
    Ok(Decision::Done(()))
}

/// Exchanges an approved device code for tokens, once.
pub(super) async fn redeem(
    portal: &Portal,
    client: &RegisteredClient,
    device_code: &str,
) -> Result<Granted, OidcError> {
    const USED: OidcError = OidcError::InvalidGrant("The device code was used before.");
    client.require_grant(GRANT_TYPE)?;
    let now = portal.now();
    let hash = random::hash(device_code);
    let mut db = portal.write().await?;
    let found = sqlx::query(
        "SELECT status, portal_session_id, polled_at, expires_at FROM device_codes \
         WHERE code_hash = $1 AND client_id = $2",
    )
    .bind(&hash)
    .bind(&client.id)
    .fetch_optional(&mut *db)
    .await?
    .ok_or(OidcError::InvalidGrant("The device code is invalid."))?;
    if clock::from_millis(found.try_get("expires_at")?) <= now {
        return Err(OidcError::ExpiredToken);
    }
    match found.try_get::<String, _>("status")?.as_str() {
        "pending" => {
            let answer = still_pending(&mut db, &hash, found.try_get("polled_at")?, now).await?;
            db.commit().await?;
            return Err(answer);
        }
        "approved" => {}
        "denied" => return Err(OidcError::AccessDenied),
        _ => return Err(USED),
    }
    let session_id: String = found.try_get("portal_session_id")?;
    let session = sessions::alive(&mut *db, &session_id, now)
        .await?
        .ok_or(OidcError::InvalidGrant("The portal session has ended."))?;
    let spent = sqlx::query(
        "UPDATE device_codes SET status = 'used' WHERE code_hash = $1 AND status = 'approved'",
    )
    .bind(&hash)
    .execute(&mut *db)
    .await?;
    if spent.rows_affected() == 0 {
        return Err(USED);
    }
    let tokens = access_token::issue(portal, &mut db, client, &session, &random::uuid()).await?;
    Ok(Granted {
        tokens,
        session,
        db,
    })
}

/// What a client is told that asks before its user has decided, and last asked at `polled_at`.
async fn still_pending(
    db: &mut AnyConnection,
    hash: &str,
    polled_at: Option<i64>,
    now: OffsetDateTime,
) -> Result<OidcError, sqlx::Error> {
    sqlx::query("UPDATE device_codes SET polled_at = $2 WHERE code_hash = $1")
        .bind(hash)
        .bind(clock::millis(now))
        .execute(db)
        .await?;
    let earliest = Duration::seconds(INTERVAL) - TOLERANCE;
    let hasty = polled_at.is_some_and(|at| now - clock::from_millis(at) < earliest);
    Ok(if hasty {
        OidcError::SlowDown
    } else {
        OidcError::AuthorizationPending
    })
}

fn canonical(user_code: &str) -> String {
    let letters: String = user_code
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    match letters.split_at_checked(4) {
        Some((first, second)) => format!("{first}-{second}"),
        None => letters,
    }
}
