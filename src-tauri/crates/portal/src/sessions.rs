//! The portal session: one sign-in of one user in one browser. It has one end, and the tokens of
//! every client it approved end with it.

use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use thiserror::Error;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    Portal,
    act::{self, Act},
    audit::{Event, PORTAL_API},
    client::Client,
    clock,
    directory::User,
    random, settings,
};

/// Why a session was not ended.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The user has no such session, or it has ended.
    #[error("the user has no such session")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl act::Refusal for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ResourceNotFoundException",
            Self::Store(_) => "InternalServerException",
        }
    }
}

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
    /// When it was last proved that it is the user: at the sign-in, or since.
    pub confirmed_at: OffsetDateTime,
}

/// Where a live session is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPlace {
    /// The session's.
    pub id: String,
    /// The address from which it began.
    pub source_address: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// When it began.
    pub created_at: OffsetDateTime,
}

/// The statement for the sessions that are alive at `$2`, of rows joined to them, if any, and of
/// which a condition on `$1` holds.
macro_rules! live_sessions {
    ($joined:literal, $condition:literal) => {
        concat!(
            "SELECT s.id, s.user_id, u.user_name, s.second_factor, s.created_at, s.expires_at, \
             s.confirmed_at FROM portal_sessions s JOIN users u ON u.id = s.user_id ",
            $joined,
            " WHERE s.ended_at IS NULL AND s.expires_at > $2 AND u.enabled = 1 AND ",
            $condition
        )
    };
}
pub(crate) use live_sessions;

/// Begins a session for `user`, who has signed in; returns its id and the secret for the browser's
/// cookie, which is stored only as a hash. None: since `user` was read they were disabled, or their
/// password was reset, so that what they have proved is worth nothing any more.
pub async fn create(
    portal: &Portal,
    client: &Client,
    user: &User,
    second_factor: bool,
) -> Result<Option<(String, Zeroizing<String>)>, sqlx::Error> {
    /// Before any password was set.
    const NEVER: i64 = -1;
    let id = random::uuid();
    let cookie = random::token();
    let now = portal.now();
    let length = settings::session_length(portal.pool(), portal.config()).await?;
    // In its turn: an act that ends the user's sessions comes before it or after it.
    let mut db = portal.write().await?;
    let begun = sqlx::query(
        "INSERT INTO portal_sessions (id, cookie_hash, user_id, second_factor, source_address, \
         user_agent, created_at, expires_at) SELECT $1, $2, id, $4, $5, $6, $7, $8 FROM users \
         WHERE id = $3 AND enabled = 1 AND COALESCE(password_changed_at, $10) = $9",
    )
    .bind(&id)
    .bind(random::hash(&cookie))
    .bind(&user.id)
    .bind(i64::from(second_factor))
    .bind(client.address.to_string())
    .bind(&client.user_agent)
    .bind(clock::millis(now))
    .bind(clock::millis(now + length))
    .bind(user.password_changed_at.map_or(NEVER, clock::millis))
    .bind(NEVER)
    .execute(&mut *db)
    .await?;
    db.commit().await?;
    Ok((begun.rows_affected() == 1).then_some((id, cookie)))
}

/// The live session of a browser's cookie.
pub async fn by_cookie(
    portal: &Portal,
    cookie: &str,
) -> Result<Option<PortalSession>, sqlx::Error> {
    sqlx::query(live_sessions!("", "s.cookie_hash = $1"))
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
    sqlx::query(live_sessions!("", "s.id = $1"))
        .bind(id)
        .bind(clock::millis(now))
        .try_map(session_of)
        .fetch_optional(db)
        .await
}

/// The live sessions of a user, the latest first, at most `limit`.
pub async fn of_user(
    portal: &Portal,
    user_id: &str,
    limit: u32,
) -> Result<Vec<SessionPlace>, sqlx::Error> {
    sqlx::query(
        "SELECT id, source_address, user_agent, created_at FROM portal_sessions \
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 \
         ORDER BY created_at DESC, id LIMIT $3",
    )
    .bind(user_id)
    .bind(clock::millis(portal.now()))
    .bind(i64::from(limit))
    .try_map(|row: AnyRow| {
        Ok(SessionPlace {
            id: row.try_get("id")?,
            source_address: row.try_get("source_address")?,
            user_agent: row.try_get("user_agent")?,
            created_at: clock::from_millis(row.try_get("created_at")?),
        })
    })
    .fetch_all(portal.pool())
    .await
}

/// Notes that the user has just proved again that it is they.
pub(crate) async fn confirm(portal: &Portal, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE portal_sessions SET confirmed_at = $2 WHERE id = $1")
        .bind(id)
        .bind(clock::millis(portal.now()))
        .execute(&mut *portal.turn().await?)
        .await?;
    Ok(())
}

/// Ends one session of a user, and with it every token of every client it approved.
pub async fn end_of_user(act: &mut Act<'_>, user_id: &str, id: &str) -> Result<(), SessionError> {
    let now = clock::millis(act.now());
    let ended = sqlx::query(
        "UPDATE portal_sessions SET ended_at = $3 \
         WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(user_id)
    .bind(now)
    .execute(act.db())
    .await?;
    if ended.rows_affected() == 0 {
        return Err(SessionError::NotFound);
    }
    act.record(
        Event::new(PORTAL_API, "DeleteSession")
            .parameters(json!({ "userId": user_id, "sessionId": id })),
    );
    Ok(())
}

/// Ends all sessions of a user but `keep`.
pub async fn end_all_of_user(
    act: &mut Act<'_>,
    user_id: &str,
    keep: Option<&str>,
) -> Result<(), SessionError> {
    end_others(act, user_id, keep).await?;
    act.record(
        Event::new(PORTAL_API, "DeleteSessions")
            .parameters(json!({ "userId": user_id, "kept": keep })),
    );
    Ok(())
}

/// Ends a session, and with it every token of every client it approved. Ending it twice is fine.
pub async fn end(portal: &Portal, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE portal_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(clock::millis(portal.now()))
        .execute(&mut *portal.turn().await?)
        .await?;
    Ok(())
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

/// Ends every session of a user but `keep`, without a record: what ends them has one.
pub(crate) async fn end_others(
    act: &mut Act<'_>,
    user_id: &str,
    keep: Option<&str>,
) -> Result<(), sqlx::Error> {
    let now = clock::millis(act.now());
    sqlx::query(
        "UPDATE portal_sessions SET ended_at = $2 \
         WHERE user_id = $1 AND ended_at IS NULL AND id <> $3",
    )
    .bind(user_id)
    .bind(now)
    .bind(keep.unwrap_or_default())
    .execute(act.db())
    .await?;
    Ok(())
}

/// Reads a row of [`live_sessions!`].
pub(crate) fn session_of(row: AnyRow) -> Result<PortalSession, sqlx::Error> {
    let created_at: i64 = row.try_get("created_at")?;
    let confirmed_at: Option<i64> = row.try_get("confirmed_at")?;
    Ok(PortalSession {
        confirmed_at: clock::from_millis(confirmed_at.unwrap_or(created_at)),
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        second_factor: row.try_get::<i64, _>("second_factor")? != 0,
        created_at: clock::from_millis(created_at),
        expires_at: clock::from_millis(row.try_get("expires_at")?),
    })
}
