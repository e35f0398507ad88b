//! What has expired is kept for a day, so that its use can still be told apart from a forgery, and
//! then removed.

use time::Duration;

use crate::{Portal, clock};

/// How long expired things are kept.
const KEPT: Duration = Duration::DAY;

/// Each removes what expired before `$1`, and nothing that something else still refers to.
const STATEMENTS: [&str; 11] = [
    "DELETE FROM access_tokens WHERE expires_at < $1",
    "DELETE FROM refresh_tokens WHERE expires_at < $1",
    "DELETE FROM device_codes WHERE expires_at < $1",
    "DELETE FROM authorization_codes WHERE expires_at < $1",
    "DELETE FROM one_time_links WHERE expires_at < $1",
    "DELETE FROM ceremonies WHERE expires_at < $1",
    "DELETE FROM outgoing_mails WHERE expires_at < $1",
    "DELETE FROM used_totp_steps WHERE used_at < $1",
    "DELETE FROM portal_sessions WHERE expires_at < $1 \
     AND id NOT IN (SELECT portal_session_id FROM access_tokens) \
     AND id NOT IN (SELECT portal_session_id FROM refresh_tokens) \
     AND NOT EXISTS (SELECT 1 FROM device_codes c WHERE c.portal_session_id = portal_sessions.id) \
     AND NOT EXISTS \
       (SELECT 1 FROM authorization_codes c WHERE c.portal_session_id = portal_sessions.id)",
    "DELETE FROM client_registrations WHERE expires_at < $1 \
     AND id NOT IN (SELECT client_id FROM access_tokens) \
     AND id NOT IN (SELECT client_id FROM refresh_tokens) \
     AND id NOT IN (SELECT client_id FROM device_codes) \
     AND id NOT IN (SELECT client_id FROM authorization_codes)",
    "DELETE FROM throttles WHERE first_failure_at < $1",
];

/// How long AWS tells how a request for access ended.
const REQUESTS_KEPT: Duration = Duration::days(90);

/// Removes what expired more than a day ago, and old requests for access.
pub async fn remove(portal: &Portal) -> Result<(), sqlx::Error> {
    let before = clock::millis(portal.now() - KEPT);
    for statement in STATEMENTS {
        sqlx::query(statement)
            .bind(before)
            .execute(&mut *portal.turn().await?)
            .await?;
    }
    sqlx::query("DELETE FROM access_requests WHERE created_at < $1")
        .bind(clock::millis(portal.now() - REQUESTS_KEPT))
        .execute(&mut *portal.turn().await?)
        .await?;
    Ok(())
}
