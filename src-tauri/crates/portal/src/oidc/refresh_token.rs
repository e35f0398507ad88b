use sqlx::Row;
use time::OffsetDateTime;

use super::{OidcError, access_token, request::RegisteredClient, token::Granted};
use crate::{Portal, clock, random, sessions};

pub(super) const GRANT_TYPE: &str = "refresh_token";

/// Exchanges a refresh token for a new pair. The old one stays good for a moment, since real
/// clients refresh in parallel; used after that it was stolen or copied, and its grant is revoked.
pub(super) async fn redeem(
    portal: &Portal,
    client: &RegisteredClient,
    token: &str,
) -> Result<Granted, OidcError> {
    const UNKNOWN: OidcError = OidcError::InvalidGrant("The refresh token is invalid.");
    client.require_grant(GRANT_TYPE)?;
    let now = portal.now();
    let hash = random::hash(token);
    let mut db = portal.write().await?;
    let found = sqlx::query(
        "SELECT grant_id, portal_session_id, rotated_at FROM refresh_tokens \
         WHERE token_hash = $1 AND client_id = $2 AND expires_at > $3 AND revoked_at IS NULL",
    )
    .bind(&hash)
    .bind(&client.id)
    .bind(clock::millis(now))
    .fetch_optional(&mut *db)
    .await?
    .ok_or(UNKNOWN)?;
    let grant_id: String = found.try_get("grant_id")?;
    let session_id: String = found.try_get("portal_session_id")?;
    let rotated_at: Option<i64> = found.try_get("rotated_at")?;

    if rotated_at
        .is_some_and(|at| now - clock::from_millis(at) > portal.config().lifetimes.rotation_grace)
    {
        access_token::revoke_grant(portal, &mut db, &grant_id).await?;
        db.commit().await?;
        return Err(OidcError::InvalidGrant(
            "The refresh token was used before.",
        ));
    }
    let session = sessions::alive(&mut *db, &session_id, now)
        .await?
        .ok_or(UNKNOWN)?;
    rotate(&mut db, &hash, now).await?;
    let tokens = access_token::issue(portal, &mut db, client, &session, &grant_id).await?;
    Ok(Granted {
        tokens,
        session,
        db,
    })
}

/// The first exchange begins the moment of grace; later ones do not begin it anew.
async fn rotate(
    db: &mut sqlx::AnyConnection,
    hash: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE refresh_tokens SET rotated_at = $2 WHERE token_hash = $1 AND rotated_at IS NULL",
    )
    .bind(hash)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(())
}
