//! The proxy of a company: the only way out, and only with a password.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Who may pass, as `user:password`, and as base64 has it.
pub const CLERK: &str = "clerk:open-sesame";
const CLERK_IN_BASE64: &str = "Y2xlcms6b3Blbi1zZXNhbWU=";

/// A proxy that tunnels, `CONNECT` with Basic authentication, to one server whatever the name.
pub struct Gateway {
    /// Where it listens.
    pub port: u16,
    counts: Arc<Counts>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Counts {
    passed: AtomicUsize,
    refused: AtomicUsize,
}

impl Gateway {
    /// Starts on a port of its own; every name it is asked for is `127.0.0.1:upstream`.
    pub async fn start(upstream: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(tunnel(client, upstream, Arc::clone(&shared)));
            }
        });
        Ok(Self { port, counts, task })
    }

    /// How many tunnels it opened.
    pub fn passed(&self) -> usize {
        self.counts.passed.load(Ordering::SeqCst)
    }

    /// How many it refused for want of the right password.
    pub fn refused(&self) -> usize {
        self.counts.refused.load(Ordering::SeqCst)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn tunnel(mut client: TcpStream, upstream: u16, counts: Arc<Counts>) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(client.read_buf(&mut head).await? > 0, "half a request");
    }
    let head = String::from_utf8(head)?;
    let wanted = format!("proxy-authorization: Basic {CLERK_IN_BASE64}");
    let known = head.lines().any(|line| line.eq_ignore_ascii_case(&wanted));
    if !known || !head.starts_with("CONNECT ") {
        counts.refused.fetch_add(1, Ordering::SeqCst);
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                       proxy-authenticate: Basic realm=\"company\"\r\n\
                       content-length: 0\r\nconnection: close\r\n\r\n";
        return Ok(client.write_all(refusal.as_bytes()).await?);
    }
    counts.passed.fetch_add(1, Ordering::SeqCst);
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
