use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Any, AnyConnection, pool::PoolConnection};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use super::{AssignedRole, assigned_role, session_tags};
use crate::{
    Portal,
    audit::{self, Event, PORTAL_API},
    client::Client,
    clock, random,
    seal::SealError,
    sessions::PortalSession,
};

/// What session tokens are sealed for.
const PURPOSE: &str = "sts session";

/// Why credentials could not be issued or recognized.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// The session token is not ours, altered, or belongs to another access key.
    #[error("the session token is not ours")]
    Unknown,
    /// They were ours, and are over.
    #[error("the credentials have expired")]
    Expired,
    /// Sealing failed.
    #[error("the credentials could not be sealed")]
    Seal(#[source] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// For whom and for what temporary credentials speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSession {
    /// The account, twelve digits.
    pub account_id: String,
    /// The IAM role's name, as in `AWSReservedSSO_Billing_0123456789abcdef`.
    pub iam_role_name: String,
    /// The IAM role's id, `AROA…`.
    pub iam_role_id: String,
    /// The role session's name, of letters, digits and `_+=,.@-`: the user's name when the portal
    /// issued it.
    pub session_name: String,
    /// The user in the directory.
    pub user_id: String,
    /// Whether the user gave a second factor.
    pub second_factor: bool,
    /// Whether it was taken with another role's credentials (role chaining).
    pub chained: bool,
    /// Session tags: attributes for access control, or what AssumeRole was given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl RoleSession {
    /// The user of a portal session in `role`, tagged with the user's attributes for access
    /// control.
    pub async fn of(
        db: &mut AnyConnection,
        session: &PortalSession,
        role: &AssignedRole,
    ) -> Result<Self, sqlx::Error> {
        Ok(Self {
            account_id: role.account_id.clone(),
            iam_role_name: role.iam_role_name.clone(),
            iam_role_id: role.iam_role_id.clone(),
            session_name: session_name(&session.user_name),
            user_id: session.user_id.clone(),
            second_factor: session.second_factor,
            chained: false,
            tags: match role.is_tagged {
                true => session_tags(db, &session.user_id).await?,
                false => BTreeMap::new(),
            },
        })
    }

    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub fn arn(&self, partition: &str) -> String {
        format!(
            "arn:{partition}:sts::{}:assumed-role/{}/{}",
            self.account_id, self.iam_role_name, self.session_name
        )
    }
}

/// A user's name as the name of a role session, where AWS takes fewer characters: it stands in ARNs,
/// and must not be read as more of one.
fn session_name(user_name: &str) -> String {
    const LONGEST: usize = 64;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let characters = user_name.chars().take(LONGEST);
    characters
        .map(|c| if allowed(c) { c } else { '-' })
        .collect()
}

/// Temporary credentials as they are handed out.
#[derive(Debug, Clone)]
pub struct IssuedCredentials {
    /// `ASIA…`, twenty characters.
    pub access_key_id: String,
    /// Forty characters.
    pub secret_access_key: SecretString,
    /// Everything [`open_session_token`] needs, sealed; nothing is stored.
    pub session_token: SecretString,
    /// When they end, to the second.
    pub expires_at: OffsetDateTime,
}

/// What a session token holds.
#[derive(Serialize, Deserialize)]
struct Claims {
    access_key_id: String,
    secret_access_key: String,
    expires_at: i64,
    session: RoleSession,
}

/// Credentials of a role for the user of a portal session, for as long as [`session_length`] says;
/// `None` if the role is not assigned. Either is an event; `db` is given back before it waits for its
/// turn to be written, so that others can be served meanwhile.
pub async fn role_credentials(
    portal: &Portal,
    mut db: PoolConnection<Any>,
    client: &Client,
    session: &PortalSession,
    account_id: &str,
    role_name: &str,
) -> Result<Option<IssuedCredentials>, CredentialsError> {
    let event = Event::new(PORTAL_API, "GetRoleCredentials")
        .user(&session.user_id, &session.user_name)
        .role(account_id, role_name);
    let taken = taken(portal, &mut db, session, account_id, role_name).await?;
    drop(db);
    let Some((role_session, length)) = taken else {
        audit::record(portal, client, event.not_assigned()).await?;
        return Ok(None);
    };
    let issued = issue(portal, role_session, length)?;
    let event = event.detail(json!({ "accessKeyId": issued.access_key_id }));
    audit::record(portal, client, event).await?;
    Ok(Some(issued))
}

/// A session of an assigned role, and how long it lasts.
async fn taken(
    portal: &Portal,
    db: &mut AnyConnection,
    session: &PortalSession,
    account_id: &str,
    role_name: &str,
) -> Result<Option<(RoleSession, Duration)>, sqlx::Error> {
    let role = assigned_role(&mut *db, &session.user_id, account_id, role_name).await?;
    let Some(role) = role else {
        return Ok(None);
    };
    let role_session = RoleSession::of(db, session, &role).await?;
    Ok(Some((role_session, session_length(portal, &role))))
}

/// How long one session of `role` lasts: as the permission set says, or the portal's own limit.
pub fn session_length(portal: &Portal, role: &AssignedRole) -> Duration {
    let limit = portal.config().lifetimes.credentials;
    limit.map_or(role.session, |limit| limit.min(role.session))
}

/// Credentials for `session` that end after `duration`.
pub fn issue(
    portal: &Portal,
    session: RoleSession,
    duration: Duration,
) -> Result<IssuedCredentials, CredentialsError> {
    const KEY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let seconds = (portal.now() + duration).unix_timestamp();
    let claims = Claims {
        access_key_id: format!("ASIA{}", random::characters(KEY, 16)),
        secret_access_key: random::characters(SECRET, 40),
        expires_at: seconds * 1000,
        session,
    };
    let session_token = portal
        .seal()
        .seal(PURPOSE, &claims)
        .map_err(CredentialsError::Seal)?;
    Ok(IssuedCredentials {
        access_key_id: claims.access_key_id,
        secret_access_key: claims.secret_access_key.into(),
        session_token: session_token.into(),
        expires_at: clock::from_millis(claims.expires_at),
    })
}

/// What a session token that came with `access_key_id` stands for: the role session, the secret
/// that its signatures must be made with, and its end.
pub fn open_session_token(
    portal: &Portal,
    access_key_id: &str,
    session_token: &SecretString,
) -> Result<(RoleSession, SecretString, OffsetDateTime), CredentialsError> {
    let claims: Claims = portal
        .seal()
        .open(PURPOSE, session_token.expose_secret())
        .map_err(|_| CredentialsError::Unknown)?;
    if claims.access_key_id != access_key_id {
        return Err(CredentialsError::Unknown);
    }
    let expires_at = clock::from_millis(claims.expires_at);
    if expires_at <= portal.now() {
        return Err(CredentialsError::Expired);
    }
    Ok((claims.session, claims.secret_access_key.into(), expires_at))
}
