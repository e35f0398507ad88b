//! A server between a client and the portal that can refuse, for real and over the network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the server does with every connection from now on; connections made before are cut.
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
}

/// A server on a port of its own. Dropped, it is gone.
pub struct Proxy {
    /// Its address.
    pub origin: String,
    mode: watch::Sender<Mode>,
    answered: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts in front of the server at `upstream`, `http://HOST:PORT`, and passes everything on.
    pub async fn start(upstream: &str) -> Result<Self> {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let (mode, modes) = watch::channel(Mode::Pass);
        let answered = Arc::new(AtomicUsize::new(0));
        let count = answered.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(
                    client,
                    upstream.clone(),
                    modes.clone(),
                    count.clone(),
                ));
            }
        });
        Ok(Self {
            origin,
            mode,
            answered,
            task,
        })
    }

    /// Does something else from now on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How many requests it answered itself.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut client: TcpStream,
    upstream: String,
    mut modes: watch::Receiver<Mode>,
    answered: Arc<AtomicUsize>,
) {
    let mode = modes.borrow_and_update().clone();
    let served = async {
        match mode {
            Mode::Pass => {
                let mut portal = TcpStream::connect(upstream).await?;
                copy_bidirectional(&mut client, &mut portal).await?;
            }
            Mode::Answer {
                status,
                headers,
                body,
            } => {
                // Requests to the portal API are small: the head of one comes in one piece.
                let mut request = [0; 16 * 1024];
                if client.read(&mut request).await? > 0 {
                    answered.fetch_add(1, Ordering::SeqCst);
                    let answer = format!(
                        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    client.write_all(answer.as_bytes()).await?;
                    client.shutdown().await?;
                }
            }
        }
        anyhow::Ok(())
    };
    // A connection that breaks is what a client has to live with; so is a change of mode.
    tokio::select! {
        _ = served => {}
        _ = modes.changed() => {}
    }
}
