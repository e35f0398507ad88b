//! What came back: an answer, an error of the service in one of AWS's spellings, or neither.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
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

/// Clocks this near to each other agree: `Date` is in whole seconds and takes a while to come.
const AGREEMENT: time::Duration = time::Duration::seconds(5);

/// Status of a proxy that wants to know who asks (RFC 9110 section 15.5.8).
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// A successful answer.
pub(crate) struct Answer {
    host: String,
    body: Zeroizing<Vec<u8>>,
    /// How far our clock is ahead of the server's.
    ahead: time::Duration,
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

    /// When our clock will show what the server's shows at `theirs`: a clock that is wrong here,
    /// or there, makes nothing live shorter or longer.
    pub(crate) fn on_our_clock(&self, theirs: OffsetDateTime) -> OffsetDateTime {
        theirs.checked_add(self.ahead).unwrap_or(theirs)
    }
}

/// Whatever came back.
pub(crate) struct Received {
    pub(crate) host: String,
    /// When the request went out, by our clock.
    pub(super) asked: OffsetDateTime,
    /// When the answer came, by our clock.
    pub(super) at: OffsetDateTime,
    pub(crate) status: u16,
    pub(super) headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Received {
    /// Tells an answer from an error of the service and from what neither would send.
    pub(crate) fn accept(self) -> Result<Answer, Error> {
        let ahead = self.ahead();
        let Self {
            host,
            at,
            status,
            ref headers,
            ref body,
            ..
        } = self;
        if (200..300).contains(&status) {
            return Ok(Answer {
                host,
                body: self.body,
                ahead,
            });
        }
        if status == PROXY_AUTHENTICATION_REQUIRED {
            return Err(Error::Proxy { host });
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
        Err(Error::Refused(Box::new(Refusal {
            host,
            status,
            code,
            message: told.message.or(told.error_description),
            retry_after: retry_after(headers, at),
        })))
    }

    /// What time it was at the server (RFC 9110 section 6.6.1).
    pub(crate) fn date(&self) -> Option<OffsetDateTime> {
        time(&self.headers, &DATE)
    }

    /// How far our clock is ahead of the server's, at least: the server may have written its `Date`
    /// at any time between question and answer.
    fn ahead(&self) -> time::Duration {
        let agreeing = self.asked - AGREEMENT..=self.at + AGREEMENT;
        self.date()
            .filter(|date| !agreeing.contains(date))
            .map_or(time::Duration::ZERO, |date| self.asked - date)
    }

    /// As [`Answer::on_our_clock`].
    pub(crate) fn on_our_clock(&self, theirs: OffsetDateTime) -> OffsetDateTime {
        theirs.checked_add(self.ahead()).unwrap_or(theirs)
    }

    /// Where the answer leads, if it is a redirect.
    pub(super) fn redirect(&self) -> Option<&str> {
        header(&self.headers, &LOCATION).filter(|_| (300..400).contains(&self.status))
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn time(headers: &HeaderMap, name: &HeaderName) -> Option<OffsetDateTime> {
    let time = httpdate::parse_http_date(header(headers, name)?.trim()).ok()?;
    Some(OffsetDateTime::from(time))
}

/// `Retry-After`: seconds, or a time by the server's clock (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    if let Ok(seconds) = header(headers, &RETRY_AFTER)?.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = time(headers, &RETRY_AFTER)? - time(headers, &DATE).unwrap_or(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
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
    } else if says(error, "proxy authorization required") {
        Unreachable::ProxyAuthentication
    } else if says(error, "dns error") {
        Unreachable::UnknownHost
    } else if error.is_connect() {
        Unreachable::Refused
    } else {
        Unreachable::Interrupted
    }
}

fn says(error: &reqwest::Error, words: &str) -> bool {
    causes(error).any(|cause| cause.to_string().contains(words))
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
