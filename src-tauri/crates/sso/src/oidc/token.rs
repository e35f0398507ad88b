//! CreateToken: what a sign-in gives, and its renewal.

use std::time::Duration;

use oauth2::{RefreshToken, TokenResponse as _};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::dialect::{Dialect, TokenAnswer, oauth};
use super::{Error, Operation, Registration};
use crate::endpoints::Endpoints;
use crate::error::{Kind, Unreachable};
use crate::http::Client;

/// How long an access token lives when the answer does not say; AWS always says.
const USUAL_LIFE: Duration = Duration::from_secs(3600);

/// What a sign-in or its renewal gives.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Opens the portal API.
    pub access_token: SecretString,
    /// When the access token dies, by the client's clock. The portal session may last longer; its end is not told.
    pub expires_at: OffsetDateTime,
    /// Renews the access token until the portal session ends.
    pub refresh_token: Option<SecretString>,
    /// Name of the user, where the portal tells it (AWS does not). It is not verified: for people
    /// to read, never to decide anything by.
    pub user: Option<String>,
}

impl Tokens {
    /// Takes the tokens out of an answer that came at `now`.
    pub(super) fn received(answer: &TokenAnswer, now: OffsetDateTime) -> Self {
        Self {
            access_token: answer.access_token().secret().as_str().into(),
            expires_at: now + answer.expires_in().unwrap_or(USUAL_LIFE),
            refresh_token: answer
                .refresh_token()
                .map(|token| token.secret().as_str().into()),
            user: answer.extra_fields().user.clone(),
        }
    }
}

/// Renews the access token, with the registration the sign-in was made with.
///
/// Where the answer is lost the same token is presented again at once: the portal may have
/// replaced it already, and takes the old one for a short while only. Where no new refresh token
/// comes, the old one stays in the result.
///
/// # Errors
/// [`InvalidGrant`](crate::error::Kind::InvalidGrant) once the portal session has ended.
pub async fn refresh(
    client: &Client,
    endpoints: &Endpoints,
    registration: &Registration,
    refresh_token: &SecretString,
) -> Result<Tokens, Error> {
    let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
    let oauth = oauth(endpoints, registration);
    let ask = async || {
        let dialect = Dialect::new(client, Operation::Refresh);
        let asked = oauth.exchange_refresh_token(&token).request_async(&dialect);
        asked.await.map_err(|error| dialect.error(error))
    };
    let mut answer = ask().await;
    if answer.as_ref().is_err_and(is_lost) {
        answer = ask().await;
    }
    let mut tokens = Tokens::received(&answer?, client.now());
    tokens
        .refresh_token
        .get_or_insert_with(|| refresh_token.clone());
    Ok(tokens)
}

/// Whether the portal may have done what was asked, though no answer says so.
fn is_lost(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Unreachable(Unreachable::TimedOut | Unreachable::Interrupted)
    )
}
