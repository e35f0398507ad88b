use qrcode::{QrCode, render::svg};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Row, any::AnyRow};
use thiserror::Error;
use totp_rs::Totp;

use super::{
    FactorKind, MfaError,
    factors::{self, NewFactor},
};
use crate::{Portal, act::Act, clock, random, seal::SealError};

/// What authenticator apps name the portal.
const ISSUER: &str = "Vestibule";
/// What stored secrets are sealed for.
const PURPOSE: &str = "totp secret";

/// Why a one-time password could not be set up or checked.
#[derive(Debug, Error)]
pub enum TotpError {
    /// The secret is not base32 of at least 128 bits.
    #[error("the authenticator's secret is not base32 of at least 128 bits")]
    Secret,
    /// The picture could not be drawn.
    #[error("the QR code could not be drawn")]
    Picture,
    /// The stored secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// The secret an authenticator app shares with the portal (RFC 6238: SHA-1, six digits, 30 s, as
/// all apps know it).
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// A new one of 160 bits.
    pub fn generate() -> Self {
        Self(
            data_encoding::BASE32_NOPAD
                .encode(&rand::random::<[u8; 20]>())
                .into(),
        )
    }

    /// The secret of this base32 text.
    ///
    /// # Errors
    /// If it is not base32, or too short to be safe.
    pub fn from_base32(text: SecretString) -> Result<Self, TotpError> {
        let secret = Self(text);
        secret.totp()?;
        Ok(secret)
    }

    /// In base32, to be typed into an app.
    pub fn base32(&self) -> &SecretString {
        &self.0
    }

    /// The `otpauth:` URI for `user_name` as a QR code, in SVG.
    pub fn qr_svg(&self, user_name: &str) -> Result<String, TotpError> {
        // The label's parts are told apart by a colon.
        let label = user_name.replace(':', "");
        let label =
            percent_encoding::utf8_percent_encode(&label, percent_encoding::NON_ALPHANUMERIC);
        let uri = SecretString::from(format!(
            "otpauth://totp/{ISSUER}:{label}?secret={}&issuer={ISSUER}",
            self.0.expose_secret()
        ));
        let code = QrCode::new(uri.expose_secret()).map_err(|_| TotpError::Picture)?;
        let svg = code.render::<svg::Color<'_>>().quiet_zone(false).build();
        // An XML declaration has no place within HTML.
        svg.find("<svg")
            .map(|start| svg[start..].to_owned())
            .ok_or(TotpError::Picture)
    }

    /// Whether `code` is one of about this moment: to see that an app was set up, before its
    /// secret is stored.
    pub fn shows(&self, portal: &Portal, code: &str) -> Result<bool, TotpError> {
        Ok(self.step_of(code, portal.now().unix_timestamp())?.is_some())
    }

    /// The time step whose code this is, if it is one of about `now` (Unix seconds).
    fn step_of(&self, code: &str, now: i64) -> Result<Option<i64>, TotpError> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = self
            .totp()?
            .check(&digits, u64::try_from(now).unwrap_or_default());
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    fn totp(&self) -> Result<Totp, TotpError> {
        let bytes = data_encoding::BASE32_NOPAD
            .decode(self.0.expose_secret().trim_end_matches('=').as_bytes())
            .map_err(|_| TotpError::Secret)?;
        totp_rs::Builder::new()
            .with_secret(bytes)
            .build()
            .map_err(|_| TotpError::Secret)
    }
}

/// Gives the user an authenticator app with this secret, named for their own eyes. The same
/// secret is the same app, however often its form is sent: its codes still work once.
pub async fn enrol_totp(
    act: &mut Act<'_>,
    user_id: &str,
    label: &str,
    secret: &Secret,
) -> Result<(), MfaError> {
    let sealed = act
        .portal()
        .seal()
        .seal(PURPOSE, &secret.0.expose_secret())?;
    let new = NewFactor {
        id: &random::hash(&format!("{user_id} {}", secret.0.expose_secret())),
        user_id,
        kind: FactorKind::AuthenticatorApp,
        label,
        secret: &sealed,
    };
    factors::add(act, &new).await?;
    Ok(())
}

/// Whether `code` is one that an app of the user shows at about this moment. Said once for each
/// code: the second time it is no longer (RFC 6238, section 5.2).
pub async fn verify_totp(portal: &Portal, user_id: &str, code: &str) -> Result<bool, TotpError> {
    let now = portal.now();
    let factors: Vec<(String, String)> =
        sqlx::query("SELECT id, secret FROM factors WHERE user_id = $1 AND kind = 'totp'")
            .bind(user_id)
            .try_map(|row: AnyRow| Ok((row.try_get("id")?, row.try_get("secret")?)))
            .fetch_all(portal.pool())
            .await?;
    for (id, sealed) in factors {
        let secret = Secret(portal.seal().open::<String>(PURPOSE, &sealed)?.into());
        let Some(step) = secret.step_of(code, now.unix_timestamp())? else {
            continue;
        };
        let spent = sqlx::query(
            "INSERT INTO used_totp_steps (factor_id, step, used_at) VALUES ($1, $2, $3) \
             ON CONFLICT (factor_id, step) DO NOTHING",
        )
        .bind(&id)
        .bind(step)
        .bind(clock::millis(now))
        .execute(&mut *portal.turn().await?)
        .await?;
        if spent.rows_affected() == 1 {
            sqlx::query("UPDATE factors SET last_used_at = $2 WHERE id = $1")
                .bind(&id)
                .bind(clock::millis(now))
                .execute(&mut *portal.turn().await?)
                .await?;
            return Ok(true);
        }
    }
    Ok(false)
}
