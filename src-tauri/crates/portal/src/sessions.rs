//! The portal session: one sign-in of one user in one browser. It has one end, and the tokens of
//! every client it approved end with it.

use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{Portal, client::Client, clock, random};

/// A session that is alive: not ended, not expired, its user enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSession {
    /// Not secret.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// The name they sign in with.
    pub user_name: String,
    /// Whether a second factor was given.
    pub second_factor: bool,
    /// When the user signed in.
    pub created_at: OffsetDateTime,
    /// When the user must sign in again.
    pub expires_at: OffsetDateTime,
}

/// Begins a session for a user who has signed in; returns its id and the secret for the browser's
/// cookie, which is stored only as a hash.
pub async fn create(
    portal: &Portal,
    client: &Client,
    user_id: &str,
    second_factor: bool,
) -> Result<(String, Zeroizing<String>), sqlx::Error> {
    let id = random::uuid();
    let cookie = random::token();
    let now = portal.now();
    sqlx::query(
        "INSERT INTO portal_sessions (id, cookie_hash, user_id, second_factor, source_address, \
         user_agent, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&id)
    .bind(random::hash(&cookie))
    .bind(user_id)
    .bind(i64::from(second_factor))
    .bind(client.address.to_string())
    .bind(&client.user_agent)
    .bind(clock::millis(now))
    .bind(clock::millis(
        now + portal.config().lifetimes.portal_session,
    ))
    .execute(portal.pool())
    .await?;
    Ok((id, cookie))
}

/// The live session of a browser's cookie.
pub async fn by_cookie(
    portal: &Portal,
    cookie: &str,
) -> Result<Option<PortalSession>, sqlx::Error> {
    sqlx::query(
        "SELECT s.*, u.user_name FROM portal_sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.cookie_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.enabled = 1",
    )
    .bind(random::hash(cookie))
    .bind(clock::millis(portal.now()))
    .try_map(session_of)
    .fetch_optional(portal.pool())
    .await
}

/// The live session with this id.
pub async fn by_id(portal: &Portal, id: &str) -> Result<Option<PortalSession>, sqlx::Error> {
    alive(portal.pool(), id, portal.now()).await
}

/// The session with this id, if it is alive at `now`.
pub(crate) async fn alive(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    now: OffsetDateTime,
) -> Result<Option<PortalSession>, sqlx::Error> {
    sqlx::query(
        "SELECT s.*, u.user_name FROM portal_sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.enabled = 1",
    )
    .bind(id)
    .bind(clock::millis(now))
    .try_map(session_of)
    .fetch_optional(db)
    .await
}

/// Ends a session, and with it every token of every client it approved. Ending it twice is fine.
pub async fn end(portal: &Portal, id: &str) -> Result<(), sqlx::Error> {
    end_where(
        portal.pool(),
        "UPDATE portal_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        id,
        portal.now(),
    )
    .await
}

/// Ends every session of a user: after a new password, or when the user is disabled.
pub async fn end_all(
    db: impl Executor<'_, Database = Any>,
    now: OffsetDateTime,
    user_id: &str,
) -> Result<(), sqlx::Error> {
    end_where(
        db,
        "UPDATE portal_sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL",
        user_id,
        now,
    )
    .await
}

/// Deletes every session of a user, with all tokens and codes that hang on them: for a user who is
/// deleted.
pub(crate) async fn forget_all(db: &mut AnyConnection, user_id: &str) -> Result<(), sqlx::Error> {
    let statements = [
        "DELETE FROM access_tokens WHERE portal_session_id IN \
         (SELECT id FROM portal_sessions WHERE user_id = $1)",
        "DELETE FROM refresh_tokens WHERE portal_session_id IN \
         (SELECT id FROM portal_sessions WHERE user_id = $1)",
        "DELETE FROM device_codes WHERE portal_session_id IN \
         (SELECT id FROM portal_sessions WHERE user_id = $1)",
        "DELETE FROM authorization_codes WHERE portal_session_id IN \
         (SELECT id FROM portal_sessions WHERE user_id = $1)",
        "DELETE FROM portal_sessions WHERE user_id = $1",
    ];
    for statement in statements {
        sqlx::query(statement)
            .bind(user_id)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

async fn end_where(
    db: impl Executor<'_, Database = Any>,
    statement: &'static str,
    key: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement)
        .bind(key)
        .bind(clock::millis(now))
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) fn session_of(row: AnyRow) -> Result<PortalSession, sqlx::Error> {
    Ok(PortalSession {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        second_factor: row.try_get::<i64, _>("second_factor")? != 0,
        created_at: clock::from_millis(row.try_get("created_at")?),
        expires_at: clock::from_millis(row.try_get("expires_at")?),
    })
}
