//! A server between a client and the portal that fails it, for real and over the network.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Most of a request that is read; those to a portal are small.
const REQUEST_LIMIT: usize = 64 * 1024;

/// What the server does with requests from now on; those under way are cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything on to the portal.
    Pass,
    /// Answers every request with this status line's rest, header lines, and body.
    Answer {
        /// Such as `500 Internal Server Error`.
        status: &'static str,
        /// Each ended by CRLF.
        headers: &'static str,
        /// The body.
        body: &'static str,
    },
    /// Passes requests on, and resets the connection after so many bytes of the portal's answer.
    /// None of them: the portal has done its part, and nobody will know.
    Reset {
        /// Bytes of the answer that still get through.
        after: usize,
    },
    /// Passes requests on, and the answer back in pieces of so many bytes, ten a second.
    Drip {
        /// Bytes a piece.
        piece: usize,
    },
    /// Announces an answer of so many bytes of JSON, and sends them if somebody takes them.
    Flood {
        /// Bytes announced.
        bytes: usize,
    },
}

/// A server on a port of its own. Dropped, it is gone.
pub struct Proxy {
    /// Its address.
    pub origin: String,
    rules: watch::Sender<Rule>,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// A mode and the requests it is for; all others are passed on.
#[derive(Clone)]
struct Rule {
    path: Option<&'static str>,
    mode: Mode,
    /// How many requests may have been failed, all in all, when this is over.
    until: usize,
}

impl Rule {
    fn always(mode: Mode) -> Self {
        Self {
            path: None,
            mode,
            until: usize::MAX,
        }
    }
}

/// What came by.
#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    failed: AtomicUsize,
    flooded: AtomicUsize,
}

impl Proxy {
    /// Starts in front of the server at `upstream`, `http://HOST:PORT`, and passes everything on.
    pub async fn start(upstream: &str) -> Result<Self> {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let (rules, changes) = watch::channel(Rule::always(Mode::Pass));
        let seen = Arc::new(Seen::default());
        let seen_by_all = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, changes) = (upstream.clone(), changes.clone());
                tokio::spawn(serve(client, upstream, changes, Arc::clone(&seen_by_all)));
            }
        });
        Ok(Self {
            origin,
            rules,
            seen,
            task,
        })
    }

    /// Does something else from now on, whatever is asked.
    pub fn set(&self, mode: Mode) {
        self.rules.send_replace(Rule::always(mode));
    }

    /// Does something else from now on when it is asked for this path, and passes on the rest.
    pub fn set_for(&self, path: &'static str, mode: Mode) {
        self.rules.send_replace(Rule {
            path: Some(path),
            ..Rule::always(mode)
        });
    }

    /// Does something else the next time that it is asked for this path, and passes on the rest.
    pub fn set_once_for(&self, path: &'static str, mode: Mode) {
        self.rules.send_replace(Rule {
            path: Some(path),
            mode,
            until: self.failed() + 1,
        });
    }

    /// How many requests it did not simply pass on.
    pub fn failed(&self) -> usize {
        self.seen.failed.load(Ordering::SeqCst)
    }

    /// How many bytes were taken of answers without end.
    pub fn flooded(&self) -> usize {
        self.seen.flooded.load(Ordering::SeqCst)
    }

    /// How many requests for this path came.
    pub fn requests(&self, path: &str) -> usize {
        let requests = self.seen.requests();
        requests.iter().filter(|request| *request == path).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn requests(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another request is failed, as there were not `until` of them.
    fn counts_failure(&self, until: usize) -> bool {
        let one_more = |failed| (failed < until).then_some(failed + 1);
        self.failed
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .is_ok()
    }
}

async fn serve(
    client: TcpStream,
    upstream: String,
    mut rules: watch::Receiver<Rule>,
    seen: Arc<Seen>,
) {
    let rule = rules.borrow_and_update().clone();
    // A connection that breaks is what a client has to live with; so is a change of mode.
    tokio::select! {
        _ = exchange(client, &upstream, rule, &seen) => {}
        _ = rules.changed() => {}
    }
}

/// One request and what becomes of it; the connection ends with it.
async fn exchange(mut client: TcpStream, upstream: &str, rule: Rule, seen: &Seen) -> Result<()> {
    let Some((path, request)) = request(&mut client).await? else {
        return Ok(());
    };
    let concerned = rule.path.is_none_or(|only| only == path);
    seen.requests().push(path);
    let fails = concerned && rule.mode != Mode::Pass && seen.counts_failure(rule.until);
    match if fails { rule.mode } else { Mode::Pass } {
        Mode::Pass => {
            let mut portal = asked(upstream, &request).await?;
            tokio::io::copy(&mut portal, &mut client).await?;
        }
        Mode::Answer {
            status,
            headers,
            body,
        } => {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            client.write_all(answer.as_bytes()).await?;
        }
        Mode::Reset { after } => {
            let answer = answer(upstream, &request).await?;
            client.write_all(&answer[..after.min(answer.len())]).await?;
            client.set_zero_linger()?;
            return Ok(());
        }
        Mode::Drip { piece } => {
            for piece in answer(upstream, &request).await?.chunks(piece) {
                client.write_all(piece).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Mode::Flood { bytes } => flood(&mut client, bytes, &seen.flooded).await?,
    }
    Ok(client.shutdown().await?)
}

/// A whole request, with its path; it asks for the connection to be closed.
async fn request(client: &mut TcpStream) -> Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        anyhow::ensure!(bytes.len() < REQUEST_LIMIT, "a request without end");
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.trim().parse())?;
    let mut body = bytes.split_off(head);
    while body.len() < length {
        anyhow::ensure!(client.read_buf(&mut body).await? > 0, "half a request");
    }
    let target = text.split(' ').nth(1).context("a request names a path")?;
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let mut request = text.trim_end().as_bytes().to_vec();
    request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    request.extend_from_slice(&body);
    Ok(Some((path, request)))
}

async fn asked(upstream: &str, request: &[u8]) -> Result<TcpStream> {
    let mut portal = TcpStream::connect(upstream).await?;
    portal.write_all(request).await?;
    Ok(portal)
}

async fn answer(upstream: &str, request: &[u8]) -> Result<Vec<u8>> {
    let mut answer = Vec::new();
    asked(upstream, request)
        .await?
        .read_to_end(&mut answer)
        .await?;
    Ok(answer)
}

async fn flood(client: &mut TcpStream, bytes: usize, taken: &AtomicUsize) -> Result<()> {
    static PIECE: [u8; 64 * 1024] = [b' '; 64 * 1024];
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
    );
    client.write_all(head.as_bytes()).await?;
    for _ in 0..bytes / PIECE.len() {
        client.write_all(&PIECE).await?;
        taken.fetch_add(PIECE.len(), Ordering::SeqCst);
    }
    Ok(())
}
