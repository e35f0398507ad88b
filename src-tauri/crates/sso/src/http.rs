//! The way out of this process: connections, limits, retries and what AWS's error answers say.

mod answer;
mod retry;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Certificate, Method, RequestBuilder};
use time::OffsetDateTime;
use tracing::debug;
use url::Url;
use zeroize::Zeroizing;

use crate::endpoints::is_loopback;
use crate::error::{Kind, Unreachable};

pub use answer::Refusal;
pub(crate) use answer::{Answer, Received};
pub(crate) use retry::{RETRIES, delays};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// For a whole answer, however slowly it comes.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// For anything at all to come: a connection over a network that was left answers nothing more.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);
/// Connections are kept for the next request, not for the next network.
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// A page of 100 accounts is about 20 KiB; nothing honest is larger than this.
const SIZE_LIMIT: usize = 1024 * 1024;

/// What time it is: the real clock, or a test's.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// Why a request brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The HTTP client or a request could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// The certificates to trust beside the platform's are none.
    #[error("it holds no certificates in PEM form")]
    CaBundle(#[source] reqwest::Error),
    /// No answer came.
    #[error("{host} cannot be reached: {}", answer::in_words(*.why, .cause))]
    Unreachable {
        /// Host and port.
        host: String,
        /// In which way.
        why: Unreachable,
        /// The failure below, for logs. It is no `source`: its chain only says `why` at length.
        cause: reqwest::Error,
    },
    /// A proxy in between wants to know who asks.
    #[error("{host} cannot be reached: {}", Unreachable::ProxyAuthentication)]
    Proxy {
        /// Host and port of the service.
        host: String,
    },
    /// The service answered with an error of its own.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The answer is an error, but does not say which.
    #[error("{host} answered HTTP {status} and gave no reason")]
    Unexplained {
        /// Host and port.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not one that this service gives. It is never quoted: it may hold a secret.
    #[error("{host} answered, but not as a portal does: {what}")]
    Unexpected {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Error {
    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Setup(_) | Self::CaBundle(_) => Kind::Local,
            Self::Unreachable { why, .. } => Kind::Unreachable(*why),
            Self::Proxy { .. } => Kind::Unreachable(Unreachable::ProxyAuthentication),
            Self::Refused(refusal) => refusal.kind(),
            Self::Unexplained { .. } | Self::Unexpected { .. } => Kind::Protocol,
        }
    }
}

/// The one HTTP client of the process. Clones share connections.
///
/// It trusts what the platform trusts (on Linux `SSL_CERT_FILE` and `SSL_CERT_DIR` say what that
/// is) and what it is told to, uses the system's proxy (never towards this computer itself),
/// follows no redirect and bounds the time and size of every answer.
#[derive(Clone)]
pub struct Client {
    outside: reqwest::Client,
    loopback: reqwest::Client,
    clock: Clock,
}

impl Client {
    /// Sets up the client; `user_agent` is what servers see, `name/version`.
    ///
    /// # Errors
    /// When TLS cannot be set up on this platform.
    pub fn new(user_agent: &str, clock: Clock) -> Result<Self, Error> {
        Self::build(user_agent, clock, Vec::new())
    }

    /// The same, which also trusts the certificates in `pem`: those of a network that looks into
    /// encrypted connections, or of a self-hosted portal.
    ///
    /// # Errors
    /// [`Error::CaBundle`] where there are none in it; otherwise as [`Client::new`].
    pub fn trusting(user_agent: &str, clock: Clock, pem: &[u8]) -> Result<Self, Error> {
        let trusted = Certificate::from_pem_bundle(pem).map_err(Error::CaBundle)?;
        Self::build(user_agent, clock, trusted)
    }

    fn build(user_agent: &str, clock: Clock, trusted: Vec<Certificate>) -> Result<Self, Error> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(user_agent)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_LIMIT)
                .timeout(TIME_LIMIT)
                .read_timeout(SILENCE_LIMIT)
                .pool_idle_timeout(IDLE_LIMIT)
                .http2_keep_alive_interval(SILENCE_LIMIT / 3)
                .http2_keep_alive_timeout(SILENCE_LIMIT / 3)
        };
        // Loading the platform's certificates takes long, and plain http needs none.
        let loopback = builder().no_proxy().tls_certs_only([]);
        let outside = builder().tls_certs_merge(trusted);
        Ok(Self {
            outside: outside.build().map_err(Error::Setup)?,
            loopback: loopback.build().map_err(Error::Setup)?,
            clock,
        })
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }

    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let stays_here = url.scheme() == "http" && is_loopback(&url);
        let client = if stays_here {
            &self.loopback
        } else {
            &self.outside
        };
        client.request(method, url)
    }

    /// Sends a request once; an error answer of the service is an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        self.exchange(request).await?.accept()
    }

    /// Sends a request that may be repeated safely, again after passing failures.
    pub(crate) async fn send_idempotent(&self, request: RequestBuilder) -> Result<Answer, Error> {
        for delay in delays(fastrand::f64).take(RETRIES) {
            let Some(attempt) = request.try_clone() else {
                break;
            };
            match self.send(attempt).await {
                Err(error) if error.kind().is_transient() => tokio::time::sleep(delay).await,
                result => return result,
            }
        }
        self.send(request).await
    }

    /// Where a redirect from `url` leads, if there is one; it is not followed.
    pub(crate) async fn redirect_of(&self, url: Url) -> Result<Option<String>, Error> {
        let answer = self.exchange(self.request(Method::GET, url)).await?;
        Ok(answer.redirect().map(str::to_owned))
    }

    /// Sends a request once and gives whatever came back, an error of the service too.
    pub(crate) async fn exchange(&self, request: RequestBuilder) -> Result<Received, Error> {
        let (client, request) = request.build_split();
        let request = request.map_err(Error::Setup)?;
        let (method, url) = (request.method().clone(), request.url().clone());
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let lost = |error: reqwest::Error| {
            let cause = error.without_url();
            let why = answer::why_unreachable(&cause);
            debug!(%method, %host, path = url.path(), ?cause, "no answer");
            Error::Unreachable {
                host: host.clone(),
                why,
                cause,
            }
        };
        let asked = self.now();
        let mut response = client.execute(request).await.map_err(lost)?;
        let at = self.now();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());

        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > SIZE_LIMIT {
                let what = format!("its answer is larger than {} KiB", SIZE_LIMIT / 1024);
                return Err(Error::Unexpected { host, what });
            }
            body.extend_from_slice(&chunk);
        }
        debug!(%method, %host, path = url.path(), status, "answered");
        Ok(Received {
            host,
            asked,
            at,
            status,
            headers,
            body,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
