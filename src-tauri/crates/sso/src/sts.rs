//! The security token service: from one role to another (role chaining).
//!
//! AssumeRole of API version 2011-06-15: a signed form, answered in XML.

mod answer;
mod request;
mod signature;
#[cfg(test)]
mod tests;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use url::Url;

use crate::endpoints::Region;
use crate::error::Kind;
use crate::http::{self, Client};
use crate::portal::RoleCredentials;

pub use request::{AssumeRole, Invalid, LONGEST_CHAINED, Parameter, RoleArn};
use signature::Signed;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Why a role was not given.
#[derive(Debug, thiserror::Error)]
#[error("the role {role_arn} was not given")]
pub struct Error {
    /// The role that was asked for.
    pub role_arn: RoleArn,
    /// What came instead of an answer.
    pub source: http::Error,
}

/// What STS means by its refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The role does not trust the caller, or wants an external id, a tag or MFA it was not given.
    Denied,
    /// The code of the MFA device is wrong, was used before or belongs to another device.
    WrongCode,
    /// The credentials that signed are over (`ExpiredToken`) or unknown.
    DeadCredentials,
    /// A parameter is not what it may be (`ValidationError` and its like).
    Invalid,
    /// STS is not active in this region for the account (`RegionDisabledException`).
    RegionDisabled,
    /// The clock of this computer is wrong by more than a quarter of an hour.
    WrongClock,
    /// Everything else: see [`Error::kind`].
    Other,
}

impl Error {
    /// What STS means by it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        reason(&self.source)
    }

    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match (self.reason(), &self.source) {
            (Reason::Denied | Reason::WrongCode | Reason::RegionDisabled, _) => Kind::Forbidden,
            (Reason::DeadCredentials, _) => Kind::Unauthorized,
            (Reason::Invalid | Reason::WrongClock, _) => Kind::Rejected,
            (Reason::Other, http::Error::Refused(refusal))
                if refusal.code.starts_with("Throttl") =>
            {
                Kind::Throttled {
                    retry_after: refusal.retry_after,
                }
            }
            (Reason::Other, source) => source.kind(),
        }
    }
}

/// Takes a role with the credentials of another. `region` is the one STS answers for where its
/// address does not say; `code` is what the MFA device shows, where the request names one.
///
/// # Errors
/// See [`Error::reason`]. Passing failures are tried again, except with a code, which works once.
pub async fn assume_role(
    client: &Client,
    sts: &Url,
    region: &Region,
    credentials: &RoleCredentials,
    request: &AssumeRole,
    code: Option<&SecretString>,
) -> Result<RoleCredentials, Error> {
    let form = request.form(code);
    let at = async |now| {
        let signed = sign(client, sts, region, credentials, &form, now);
        let received = client.exchange(signed).await?;
        let answer = answer::read(&received);
        // What was signed by a wrong clock is signed once more by the server's own.
        let wrong = answer
            .as_ref()
            .is_err_and(|error| reason(error) == Reason::WrongClock);
        Ok((answer, received.date().filter(|_| wrong)))
    };
    let once = async || {
        let answer = match at(client.now()).await {
            Ok((_, Some(date))) => at(date).await.and_then(|(answer, _)| answer),
            other => other.and_then(|(answer, _)| answer),
        };
        answer.map_err(|source| Error {
            role_arn: request.role_arn.clone(),
            source,
        })
    };
    let retries = if code.is_none() { http::RETRIES } else { 0 };
    for delay in http::delays(fastrand::f64).take(retries) {
        match once().await {
            Err(error) if error.kind().is_transient() => tokio::time::sleep(delay).await,
            result => return result,
        }
    }
    once().await
}

fn reason(error: &http::Error) -> Reason {
    let http::Error::Refused(refusal) = error else {
        return Reason::Other;
    };
    let message = refusal.message.as_deref().unwrap_or_default();
    match refusal.code.as_str() {
        "AccessDenied" | "AccessDeniedException" => {
            let needed = message.contains("must provide");
            if message.contains("MultiFactorAuthentication failed") && !needed {
                Reason::WrongCode
            } else {
                Reason::Denied
            }
        }
        "ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" => {
            Reason::DeadCredentials
        }
        "ValidationError"
        | "MissingParameter"
        | "MalformedPolicyDocument"
        | "PackedPolicyTooLarge" => Reason::Invalid,
        "RegionDisabledException" | "RegionDisabled" => Reason::RegionDisabled,
        "RequestExpired" => Reason::WrongClock,
        // The text is all that tells a wrong clock from a wrong key.
        "SignatureDoesNotMatch" if message.starts_with("Signature ") => Reason::WrongClock,
        _ => Reason::Other,
    }
}

fn sign(
    client: &Client,
    sts: &Url,
    region: &Region,
    credentials: &RoleCredentials,
    form: &str,
    now: OffsetDateTime,
) -> RequestBuilder {
    let region = region_of(sts).unwrap_or(region.as_str());
    let signed = Signed::post(sts, FORM, form, credentials, region, now);
    client
        .request(Method::POST, sts.clone())
        .header(CONTENT_TYPE, FORM)
        .header("x-amz-date", signed.date)
        .header(
            "x-amz-security-token",
            credentials.session_token.expose_secret(),
        )
        .header(AUTHORIZATION, signed.authorization)
        .body(form.to_owned())
}

/// The region an address of AWS's answers for: `sts.eu-west-1.amazonaws.com`; the one without a
/// region is that of `us-east-1`.
fn region_of(sts: &Url) -> Option<&str> {
    let mut labels = sts.host_str()?.split('.');
    let service = labels.next()?;
    if !matches!(service, "sts" | "sts-fips") {
        return None;
    }
    match labels.next()? {
        "amazonaws" => Some("us-east-1"),
        region => region.parse::<Region>().is_ok().then_some(region),
    }
}
