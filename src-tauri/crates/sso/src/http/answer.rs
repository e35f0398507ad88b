//! What came back: an answer, an error of the service in one of AWS's spellings, or neither.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
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

/// Whatever came back.
pub(crate) struct Received {
    pub(crate) host: String,
    pub(crate) status: u16,
    pub(super) headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Received {
    /// Tells an answer from an error of the service and from what neither would send.
    pub(crate) fn accept(self) -> Result<Answer, Error> {
        let Self {
            host,
            status,
            ref headers,
            ref body,
        } = self;
        if (200..300).contains(&status) {
            return Ok(Answer {
                host,
                body: self.body,
            });
        }
        let told: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
        let named = error_type(headers)
            .or(told.kind.as_deref().map(bare_name))
            .or(told.error);
        let code = match named {
            Some(code) => code,
            // A gateway in between answers these without AWS's manners.
            None if status == 429 || status >= 500 => format!("HTTP {status}"),
            None => return Err(Error::Unexplained { host, status }),
        };
        let seconds = header(headers, &RETRY_AFTER).and_then(|value| value.trim().parse().ok());
        Err(Error::Refused(Box::new(Refusal {
            host,
            status,
            code,
            message: told.message.or(told.error_description),
            retry_after: seconds.map(Duration::from_secs),
        })))
    }

    /// What time it was at the server (RFC 9110 section 6.6.1).
    pub(crate) fn date(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(header(&self.headers, &DATE)?, &Rfc2822).ok()
    }

    /// Where the answer leads, if it is a redirect.
    pub(super) fn redirect(&self) -> Option<&str> {
        header(&self.headers, &LOCATION).filter(|_| (300..400).contains(&self.status))
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// `x-amzn-ErrorType`, which a `:http://…` suffix may follow.
fn error_type(headers: &HeaderMap) -> Option<String> {
    header(headers, &HeaderName::from_static("x-amzn-errortype")).map(bare_name)
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

/// Finds out why no answer came, which reqwest tells only in its causes.
pub(super) fn why_unreachable(error: &reqwest::Error) -> Unreachable {
    if error.is_timeout() {
        Unreachable::TimedOut
    } else if causes(error).any(|cause| cause.is::<rustls::Error>()) {
        Unreachable::Tls
    } else if causes(error).any(|cause| cause.to_string().starts_with("dns error")) {
        Unreachable::UnknownHost
    } else if error.is_connect() {
        Unreachable::Refused
    } else {
        Unreachable::Interrupted
    }
}

/// `why` for people. What is wrong with a certificate is worth knowing; the rest of the chain says
/// `why` again, in the words of four libraries.
pub(super) fn in_words(why: Unreachable, error: &reqwest::Error) -> String {
    let certificate = causes(error).find(|cause| cause.is::<rustls::Error>());
    match certificate.filter(|_| why == Unreachable::Tls) {
        Some(cause) => format!("{why} ({cause})"),
        None => why.to_string(),
    }
}

/// Everything below an error, also what an `io::Error` wraps and leaves out of the chain.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        let within = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        within
            .map(|inner| inner as &(dyn std::error::Error + 'static))
            .or_else(|| cause.source())
    })
}
