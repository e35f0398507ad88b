//! A portal that answers as a test wants, and notes what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::testing::SetClock;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// What it does with requests of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Answers,
    Refuses(u16, &'static str),
    /// Answers only once it does something else.
    Holds,
}

/// Tokens and credentials live for an hour. Dropped, its clients are left alone.
#[derive(Clone)]
pub(super) struct Portal {
    pub(super) address: SocketAddr,
    /// What its own clock, which nobody sets, showed at the start.
    origin: OffsetDateTime,
    clock: SetClock,
    does: Arc<watch::Sender<(&'static str, Does)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Portal {
    pub(super) async fn start(origin: OffsetDateTime, clock: &SetClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let portal = Self {
            address: listener.local_addr().unwrap(),
            origin,
            clock: clock.clone(),
            does: Arc::new(watch::Sender::new(("", Does::Answers))),
            asked: Arc::default(),
        };
        let serving = portal.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        portal
    }

    /// From now on it does that at that path; everything else is answered.
    pub(super) fn set(&self, path: &'static str, does: Does) {
        self.does.send_replace((path, does));
    }

    /// The paths it was asked for so far, or those of one kind.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| *asked == path).count()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut request = [0; 8192];
        let Ok(length) = stream.read(&mut request).await else {
            return;
        };
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let path = request.split(['?', ' ']).nth(1).unwrap_or_default();
        self.asked.lock().unwrap().push(path.to_owned());
        let mut does = self.does.subscribe();
        let answers = |now: &(&str, Does)| *now != (path, Does::Holds);
        let now = *does.wait_for(answers).await.unwrap();
        let (status, body) = match now {
            (at, Does::Refuses(status, exception)) if at == path => {
                (status, format!(r#"{{"__type":"{exception}"}}"#))
            }
            _ => (200, self.body(path)),
        };
        let date = self.now().format(&HTTP_DATE).unwrap();
        let answer = format!(
            "HTTP/1.1 {status} Said\r\ndate: {date}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        // A client that hung up meanwhile wants no answer.
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn now(&self) -> OffsetDateTime {
        self.origin + self.clock.uptime()
    }

    fn body(&self, path: &str) -> String {
        let in_an_hour = (self.now() + time::Duration::HOUR).unix_timestamp();
        match path {
            "/token" => {
                r#"{"accessToken":"access","tokenType":"Bearer","expiresIn":3600}"#.to_owned()
            }
            "/client/register" => format!(
                r#"{{"clientId":"new","clientSecret":"s","clientSecretExpiresAt":{}}}"#,
                in_an_hour + 90 * 24 * 3600
            ),
            "/assignment/accounts" => {
                r#"{"accountList":[{"accountId":"111111111111","accountName":"Payments"}]}"#
                    .to_owned()
            }
            "/assignment/roles" => r#"{"roleList":[{"roleName":"Admin"}]}"#.to_owned(),
            "/federation/credentials" => format!(
                r#"{{"roleCredentials":{{"accessKeyId":"ASIA{}","secretAccessKey":"s","sessionToken":"t","expiration":{}}}}}"#,
                self.count(path),
                in_an_hour * 1000
            ),
            _ => String::new(),
        }
    }
}
