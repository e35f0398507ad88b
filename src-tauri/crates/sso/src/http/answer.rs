//! What came back: an answer, an error of the service in one of AWS's spellings, or neither.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Error;
use crate::error::{Kind, Unreachable};

/// An error that a service gave as its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} answered {code}{}", .message.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
pub struct Refusal {
    /// Host and port.
    pub host: String,
    /// The HTTP status.
    pub status: u16,
    /// The name of the exception, such as `UnauthorizedException`; where the answer has none, the
    /// HTTP status in words.
    pub code: String,
    /// What the service says about it.
    pub message: Option<String>,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.status {
            401 => Kind::Unauthorized,
            403 => Kind::Forbidden,
            404 => Kind::NotFound,
            429 => Kind::Throttled {
                retry_after: self.retry_after,
            },
            500.. => Kind::ServerFault,
            _ => Kind::Rejected,
        }
    }
}

/// A successful answer.
pub(crate) struct Answer {
    host: String,
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Unexpected {
            host: self.host.clone(),
            // serde's own words may quote the answer.
            what: match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "its JSON lacks something (line {} column {})",
                        error.line(),
                        error.column()
                    )
                }
                _ => "its answer is not JSON".to_owned(),
            },
        })
    }
}

/// Tells an answer from an error of the service and from what neither would send.
pub(super) fn accept(
    status: u16,
    headers: &HeaderMap,
    host: String,
    body: Zeroizing<Vec<u8>>,
) -> Result<Answer, Error> {
    if (200..300).contains(&status) {
        return Ok(Answer { host, body });
    }
    let told: ErrorBody = serde_json::from_slice(&body).unwrap_or_default();
    let code = error_type(headers)
        .or(told.kind.as_deref().map(bare_name))
        .or(told.error);
    let in_words = format!("HTTP {status}");
    match code {
        Some(code) => Err(refusal(
            status,
            headers,
            host,
            code,
            told.message.or(told.error_description),
        )),
        // A gateway in between answers these without AWS's manners.
        None if status == 429 || status >= 500 => {
            Err(refusal(status, headers, host, in_words, None))
        }
        None => Err(Error::Unexpected {
            host,
            what: format!("{in_words} without a known error"),
        }),
    }
}

fn refusal(
    status: u16,
    headers: &HeaderMap,
    host: String,
    code: String,
    message: Option<String>,
) -> Error {
    let retry_after = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Error::Refused(Box::new(Refusal {
        host,
        status,
        code,
        message,
        retry_after: retry_after.map(Duration::from_secs),
    }))
}

/// `x-amzn-ErrorType`, which a `:http://…` suffix may follow.
fn error_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-amzn-errortype")?.to_str().ok()?;
    Some(bare_name(value))
}

/// `UnauthorizedException` of `namespace#UnauthorizedException:http://…`.
fn bare_name(name: &str) -> String {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name).trim().to_owned()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Finds out why no answer came, which reqwest tells only in its chain of sources.
pub(super) fn why_unreachable(error: &reqwest::Error) -> Unreachable {
    if error.is_timeout() {
        return Unreachable::TimedOut;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if is_tls(cause) {
            return Unreachable::Tls;
        }
        if cause.to_string().starts_with("dns error") {
            return Unreachable::UnknownHost;
        }
        source = cause.source();
    }
    if error.is_connect() {
        Unreachable::Refused
    } else {
        Unreachable::Interrupted
    }
}

/// An `io::Error` hides the one within it from the chain of sources, and TLS's is within two.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let within = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || within.is_some_and(|inner| is_tls(inner))
}
