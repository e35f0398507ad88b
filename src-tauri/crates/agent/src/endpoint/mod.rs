//! Credentials over HTTP on 127.0.0.1, as AWS's SDKs ask the host of a container for them.
//!
//! Whoever holds the endpoint's token gets them; a page in a browser never does. See
//! [AWS's container provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).

mod answer;
mod request;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipc::message::{Credentials, Failure, Role, RoleQuery};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use self::answer::Body;

/// Clients served at once; more wait for their turn.
const CLIENTS: usize = 64;
/// The longest head of a request, in bytes; SDKs send a few hundred.
const HEAD_LIMIT: usize = 16 * 1024;
/// How long a client may take to send its request.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(5);
/// How long credentials may take, which includes a sign-in. SDKs give up earlier and ask again.
const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(60);
/// How long a client may take altogether.
const CLIENT_TIME_LIMIT: Duration = Duration::from_secs(90);

/// Characters of a path's segment that need no escape (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where an endpoint's credentials come from.
pub trait Source: Send + Sync + 'static {
    /// Credentials of the role; the user signs in meanwhile if need be. The future may be dropped.
    fn credentials(
        &self,
        role: RoleQuery,
    ) -> impl Future<Output = Result<Credentials, Failure>> + Send;
}

/// An HTTP server with one token, for one client. Dropped, it stops.
#[derive(Debug)]
pub struct Endpoint {
    port: u16,
    token: SecretString,
    server: AbortHandle,
}

impl Endpoint {
    /// Listens on `port` of 127.0.0.1, or on a free one where it is 0. With `roles` it gives those
    /// and no others; without, whichever its path names.
    ///
    /// # Errors
    /// The port is taken, or the system has no randomness.
    pub async fn open(port: u16, roles: Vec<Role>, source: impl Source) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let token = new_token()?;
        let server = Arc::new(Server {
            token: token.clone(),
            roles,
            source,
        });
        Ok(Self {
            port,
            token,
            server: tokio::spawn(accept(listener, server)).abort_handle(),
        })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a client sends as `Authorization`: 64 hexadecimal digits.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Where a client asks for the role: for `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    #[must_use]
    pub fn url(&self, role: &Role) -> String {
        let mut url = format!("http://127.0.0.1:{}{}", self.port, request::ROLES);
        for segment in [&role.session, &role.account_id, &role.role_name] {
            url.push('/');
            url.extend(utf8_percent_encode(segment, UNRESERVED));
        }
        url
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Server<S> {
    token: SecretString,
    roles: Vec<Role>,
    source: S,
}

async fn accept<S: Source>(listener: TcpListener, server: Arc<Server<S>>) {
    let places = Arc::new(Semaphore::new(CLIENTS));
    // Aborted with this task.
    let mut clients = JoinSet::new();
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let server = Arc::clone(&server);
                clients.spawn(async move {
                    serve(stream, server).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a client of the endpoint could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
        while clients.try_join_next().is_some() {}
    }
}

async fn serve<S: Source>(stream: TcpStream, server: Arc<Server<S>>) {
    let answer = service_fn(|request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.answer(&request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_LIMIT)
        .max_buf_size(HEAD_LIMIT)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    match timeout(CLIENT_TIME_LIMIT, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a client of the endpoint was hung up on"),
        Err(_) => tracing::debug!("a client of the endpoint took too long"),
    }
}

impl<S: Source> Server<S> {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        let role = match request::admit(request, &self.token, &self.roles) {
            Ok(role) => role,
            Err(refusal) => return answer::refusal(&refusal),
        };
        match timeout(ANSWER_TIME_LIMIT, self.source.credentials(role)).await {
            Ok(Ok(credentials)) => answer::credentials(&credentials),
            Ok(Err(failure)) => answer::failure(&failure),
            Err(_) => answer::too_slow(),
        }
    }
}

/// 256 bits in hexadecimal.
fn new_token() -> io::Result<SecretString> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes)?;
    let mut token = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes.iter() {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(SecretString::from(token.as_str()))
}
