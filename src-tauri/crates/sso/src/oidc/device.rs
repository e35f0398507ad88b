//! Sign-in with a device code (RFC 8628): the user types or confirms a code in any browser.

use std::time::{Duration, SystemTime};

use oauth2::StandardDeviceAuthorizationResponse;
use time::OffsetDateTime;
use url::Url;

use super::dialect::{Dialect, oauth};
use super::{Error, Operation, Registration, Tokens};
use crate::endpoints::{Endpoints, StartUrl};
use crate::http::Client;

/// A device code that waits for its approval.
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    /// The code the user compares or types, such as `ABCD-EFGH`.
    pub user_code: String,
    /// Where the user types it.
    pub verification_uri: Url,
    /// The same with the code filled in.
    pub verification_uri_complete: Option<Url>,
    /// When the code dies.
    pub expires_at: OffsetDateTime,
    /// How long the portal wants between two questions.
    pub interval: Duration,
    answer: StandardDeviceAuthorizationResponse,
}

/// Asks the portal at `start_url` for a device code.
///
/// # Errors
/// [`UnknownPortal`](crate::error::Kind::UnknownPortal) where the start URL is unknown in the
/// region, [`InvalidClient`](crate::error::Kind::InvalidClient) for a registration that is.
pub async fn start(
    client: &Client,
    endpoints: &Endpoints,
    registration: &Registration,
    start_url: &StartUrl,
) -> Result<DeviceAuthorization, Error> {
    let dialect = Dialect::new(client, Operation::StartDeviceAuthorization);
    let oauth = oauth(endpoints, registration);
    let request = oauth
        .exchange_device_code()
        .add_extra_param("start_url", start_url.as_str());
    let answer: StandardDeviceAuthorizationResponse = match request.request_async(&dialect).await {
        Ok(answer) => answer,
        Err(error) => return Err(dialect.error(error)),
    };
    let complete = answer.verification_uri_complete();
    Ok(DeviceAuthorization {
        user_code: answer.user_code().secret().clone(),
        verification_uri: answer.verification_uri().url().clone(),
        verification_uri_complete: complete.and_then(|url| url.secret().parse().ok()),
        expires_at: client.now() + answer.expires_in(),
        interval: answer.interval(),
        answer,
    })
}

/// Waits until the user approves the code or refuses it, or it expires, asking as often as the
/// portal allows. A portal that cannot be reached meanwhile is asked again.
///
/// # Errors
/// [`AccessDenied`](crate::error::Kind::AccessDenied) or
/// [`Expired`](crate::error::Kind::Expired).
pub async fn poll(
    client: &Client,
    endpoints: &Endpoints,
    registration: &Registration,
    authorization: &DeviceAuthorization,
) -> Result<Tokens, Error> {
    let dialect = Dialect::new(client, Operation::PollDevice);
    let oauth = oauth(endpoints, registration);
    let left = Duration::try_from(authorization.expires_at - client.now()).unwrap_or_default();
    let answer = oauth
        .exchange_device_access_token(&authorization.answer)
        .set_time_fn(|| SystemTime::from(client.now()).into())
        .request_async(&dialect, tokio::time::sleep, Some(left))
        .await;
    match answer {
        Ok(answer) => Ok(Tokens::received(&answer, client.now())),
        Err(error) => Err(dialect.error(error)),
    }
}
