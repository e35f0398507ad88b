//! Links by which users set a password: to accept an invitation, or when they forgot theirs. Each
//! works once, for a while, and goes to the user's own address.

use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use crate::{
    Portal,
    act::{self, Act},
    audit::{DIRECTORY, Event},
    clock,
    directory::{self, NewPassword, User},
    mail::{self, Mail, MailError},
    random,
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new user's first password.
    Invitation,
    /// A password in place of a forgotten one.
    PasswordReset,
}

/// A link that was made.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its address: whoever has it sets the password.
    pub url: SecretString,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
    /// Where it is mailed to; none if the user has no address.
    pub mailed_to: Option<String>,
}

/// Why there is no link, or what it leads to.
#[derive(Debug, Error)]
pub enum InvitationError {
    /// There is no such user.
    #[error("there is no such user")]
    NotFound,
    /// The user may not sign in.
    #[error("the user is disabled; enable the user first")]
    Disabled,
    /// The user has a password already.
    #[error("the user has accepted an invitation already; reset the password instead")]
    Accepted,
    /// The user's address is none that mail can be sent to.
    #[error("{0:?} is no email address; change it, or give the user a one-time password")]
    Address(String),
    /// The link was used, replaced or revoked, or its time is over, or it never was one.
    #[error("the link does not work any more")]
    Void,
    /// The mail could not be written.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl act::Refusal for InvitationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ResourceNotFoundException",
            Self::Disabled | Self::Accepted => "ConflictException",
            Self::Address(_) => "ValidationException",
            Self::Void => "AccessDeniedException",
            Self::Mail(_) | Self::Store(_) => "InternalServerException",
        }
    }
}

/// Invites a user who has no password yet. An invitation sent before is void.
pub async fn invite(act: &mut Act<'_>, user_id: &str) -> Result<Link, InvitationError> {
    let user = known(act, user_id).await?;
    if user.password_changed_at.is_some() {
        return Err(InvitationError::Accepted);
    }
    let link = send_link(act, &user, Purpose::Invitation).await?;
    record(act, "InviteUser", &link, &user);
    Ok(link)
}

/// Takes a user's password away, ends the user's sessions and sends a link to set another.
pub async fn reset_password(act: &mut Act<'_>, user_id: &str) -> Result<Link, InvitationError> {
    let user = known(act, user_id).await?;
    directory::remove_password(act, user_id).await?;
    let link = send_link(act, &user, Purpose::PasswordReset).await?;
    record(act, "ResetUserPassword", &link, &user);
    Ok(link)
}

/// Sends a link to a user who has forgotten the password, which stays good until the link is used.
/// Whoever asked is not told whether it was sent.
pub async fn forgot_password(act: &mut Act<'_>, user_id: &str) -> Result<(), InvitationError> {
    let user = directory::user(&mut *act.db(), user_id).await?;
    let user = user
        .filter(|user| user.enabled && user.email.as_deref().is_some_and(mail::is_address))
        .ok_or(InvitationError::NotFound)?;
    let link = send_link(act, &user, Purpose::PasswordReset).await?;
    record(act, "ForgotPassword", &link, &user);
    Ok(())
}

/// What a link is for, and whose it is, while it works.
pub async fn find(portal: &Portal, token: &str) -> Result<Option<(Purpose, User)>, sqlx::Error> {
    live(portal.pool(), portal.now(), token).await
}

/// Uses a link up: gives its user this password.
pub async fn redeem(
    act: &mut Act<'_>,
    token: &str,
    password: &NewPassword,
) -> Result<User, InvitationError> {
    let now = act.now();
    let (_, user) = live(&mut *act.db(), now, token)
        .await?
        .ok_or(InvitationError::Void)?;
    let used = sqlx::query("DELETE FROM one_time_links WHERE token_hash = $1")
        .bind(random::hash(token))
        .execute(act.db())
        .await?;
    if used.rows_affected() == 0 {
        return Err(InvitationError::Void);
    }
    // Whoever opened the link reads the mail that is sent there.
    sqlx::query("UPDATE emails SET verified_at = $2 WHERE user_id = $1 AND is_primary = 1")
        .bind(&user.id)
        .bind(clock::millis(now))
        .execute(act.db())
        .await?;
    directory::set_password(act, &user.id, password, None).await?;
    directory::user(&mut *act.db(), &user.id)
        .await?
        .ok_or(InvitationError::Void)
}

/// Ends all links of a user: the password was set another way.
pub(crate) async fn void_links(db: &mut AnyConnection, user_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM one_time_links WHERE user_id = $1")
        .bind(user_id)
        .execute(db)
        .await?;
    Ok(())
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    /// How long a link works.
    fn life(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::PasswordReset => Duration::HOUR,
        }
    }
}

async fn known(act: &mut Act<'_>, user_id: &str) -> Result<User, InvitationError> {
    let user = directory::user(&mut *act.db(), user_id).await?;
    let user = user.ok_or(InvitationError::NotFound)?;
    if user.enabled {
        Ok(user)
    } else {
        Err(InvitationError::Disabled)
    }
}

/// The link's user, if it works now: a link to an address that is no longer the user's does not.
async fn live(
    db: impl Executor<'_, Database = Any>,
    now: OffsetDateTime,
    token: &str,
) -> Result<Option<(Purpose, User)>, sqlx::Error> {
    sqlx::query(
        "SELECT u.*, e.address AS email, l.purpose AS purpose FROM one_time_links l \
         JOIN users u ON u.id = l.user_id \
         LEFT JOIN emails e ON e.user_id = u.id AND e.is_primary = 1 \
         WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND u.enabled = 1 \
         AND (l.address_key IS NULL OR l.address_key = e.address_key)",
    )
    .bind(random::hash(token))
    .bind(clock::millis(now))
    .try_map(|row: AnyRow| {
        let purpose: String = row.try_get("purpose")?;
        let purpose = if purpose == Purpose::Invitation.name() {
            Purpose::Invitation
        } else {
            Purpose::PasswordReset
        };
        Ok((purpose, directory::user_of(row)?))
    })
    .fetch_optional(db)
    .await
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    user_name: &'a str,
    start_url: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/password_reset.txt")]
struct PasswordResetText<'a> {
    user_name: &'a str,
    start_url: &'a str,
    link: &'a str,
}

async fn send_link(
    act: &mut Act<'_>,
    user: &User,
    purpose: Purpose,
) -> Result<Link, InvitationError> {
    if let Some(address) = user
        .email
        .as_deref()
        .filter(|address| !mail::is_address(address))
    {
        return Err(InvitationError::Address(address.to_owned()));
    }
    let token = random::token();
    let now = act.now();
    let expires_at = now + purpose.life();
    void_links(act.db(), &user.id).await?;
    sqlx::query(
        "INSERT INTO one_time_links \
         (token_hash, user_id, purpose, address_key, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(random::hash(&token))
    .bind(&user.id)
    .bind(purpose.name())
    .bind(user.email.as_deref().map(directory::key))
    .bind(clock::millis(now))
    .bind(clock::millis(expires_at))
    .execute(act.db())
    .await?;
    let config = act.portal().config();
    let url = SecretString::from(config.url(&format!("/set-password?token={}", *token)));
    if let Some(address) = &user.email {
        let mail = written(purpose, user, address, &config.start_url(), &url)?;
        mail::post(act, &mail, expires_at).await?;
    }
    Ok(Link {
        url,
        expires_at,
        mailed_to: user.email.clone(),
    })
}

fn written(
    purpose: Purpose,
    user: &User,
    address: &str,
    start_url: &str,
    url: &SecretString,
) -> Result<Mail, MailError> {
    let (user_name, link) = (user.user_name.as_str(), url.expose_secret());
    let (subject, text) = match purpose {
        Purpose::Invitation => {
            let text = InvitationText {
                user_name,
                start_url,
                link,
            };
            ("You are invited to the AWS portal", text.render()?)
        }
        Purpose::PasswordReset => {
            let text = PasswordResetText {
                user_name,
                start_url,
                link,
            };
            ("Set a new password for the AWS portal", text.render()?)
        }
    };
    Ok(Mail {
        to: address.to_owned(),
        subject: subject.to_owned(),
        text: text.into(),
    })
}

/// The link itself is a secret.
fn record(act: &mut Act<'_>, name: &'static str, link: &Link, user: &User) {
    act.record(Event::new(DIRECTORY, name).parameters(json!({
        "userId": user.id,
        "mailed": link.mailed_to.is_some(),
    })));
}
