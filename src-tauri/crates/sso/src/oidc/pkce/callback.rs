//! The listener's side of the browser's return: just enough HTTP for one GET.

use std::time::Duration;

use oauth2::{AuthorizationCode, CsrfToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use super::page::Page;
use crate::oidc::Error;

/// The path the browser returns to.
pub(super) const PATH: &str = "/oauth/callback";

/// A request's first line and headers are no longer than this.
const HEAD_LIMIT: usize = 16 * 1024;
/// Browsers open connections ahead of need; one that sends nothing is dropped after this.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(30);
/// Connections that may wait at once.
const MANY: usize = 64;

/// What the browser brought.
pub(super) enum Callback {
    Code(AuthorizationCode),
    Refused {
        code: String,
        description: Option<String>,
    },
}

/// The browser that brought it, and waits for a page.
pub(super) struct Caller(TcpStream);

impl Caller {
    /// Answers with `page`. Whether it arrives changes nothing: the user may have closed the tab.
    pub(super) async fn answer(mut self, page: &Page) {
        let sent = async {
            self.0.write_all(page.response().as_bytes()).await?;
            self.0.shutdown().await
        };
        if let Err(error) = sent.await {
            tracing::debug!(%error, "the browser did not take the answer page");
        }
    }
}

/// Waits for the request that carries `state`, turning away all others.
pub(super) async fn wait(
    listener: &TcpListener,
    state: &CsrfToken,
) -> Result<(Callback, Caller), Error> {
    let mut waiting = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if waiting.len() < MANY => {
                let (stream, _) = accepted.map_err(Error::Listen)?;
                waiting.spawn(read_target(stream));
            }
            Some(read) = waiting.join_next() => {
                let Ok(Some((target, stream))) = read else { continue };
                let caller = Caller(stream);
                match understand(&target, state) {
                    Ok(callback) => return Ok((callback, caller)),
                    Err(page) => {
                        waiting.spawn(async move { caller.answer(&page).await; None });
                    }
                }
            }
        }
    }
}

/// Reads a request up to the end of its headers; gives its target if it is a GET.
async fn read_target(mut stream: TcpStream) -> Option<(String, TcpStream)> {
    let mut head = Vec::new();
    let complete = async {
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            if head.len() > HEAD_LIMIT || stream.read_buf(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        Some(())
    };
    tokio::time::timeout(HEAD_TIME_LIMIT, complete)
        .await
        .ok()??;
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let target = words
        .next()
        .filter(|method| *method == "GET")
        .and(words.next())?;
    Some((target.to_owned(), stream))
}

/// What a request's target says; an error is the page for a stranger.
fn understand(target: &str, state: &CsrfToken) -> Result<Callback, Page> {
    let base = Url::parse("http://127.0.0.1").ok();
    let url = base
        .and_then(|base| base.join(target).ok())
        .ok_or_else(Page::not_found)?;
    if url.path() != PATH {
        return Err(Page::not_found());
    }
    let value = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    // Compared by digest, in constant time.
    if value("state").map(CsrfToken::new).as_ref() != Some(state) {
        return Err(Page::stranger());
    }
    match (value("code"), value("error")) {
        (_, Some(code)) => Ok(Callback::Refused {
            code,
            description: value("error_description"),
        }),
        (Some(code), None) => Ok(Callback::Code(AuthorizationCode::new(code))),
        (None, None) => Err(Page::stranger()),
    }
}
