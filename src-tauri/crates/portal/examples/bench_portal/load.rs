//! The load generator: connections that ask, wait for the whole answer, and ask again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// How long each row is measured.
const LENGTH: Duration = Duration::from_secs(5);

/// One connection to the portal.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A whole answer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a str,
    pub(crate) body: &'a str,
}

impl Connection {
    pub(crate) async fn open(address: std::net::SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    pub(crate) async fn ask(&mut self, request: &str) -> Result<Answer<'_>> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the portal has hung up");
            }
            let end = self
                .buffer
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let length = content_length(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the portal has hung up in the midst of an answer");
            }
        }
        let (head, body) = std::str::from_utf8(&self.buffer)?.split_at(head);
        let status = head.get(9..12).context("a status")?.parse()?;
        Ok(Answer { status, head, body })
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    for line in head.lines() {
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok(value.parse()?);
        }
    }
    bail!("an answer without a length: {head}")
}

/// What one client does over and over: asks, and says whether the answer was good.
pub(crate) trait Client: Send + 'static {
    fn once(&mut self, connection: &mut Connection) -> impl Future<Output = Result<()>> + Send;
}

/// What a row has come to.
pub(crate) struct Measured {
    pub(crate) a_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// Lets every client ask without a pause on a connection of its own.
pub(crate) async fn measure<C: Client>(
    address: std::net::SocketAddr,
    clients: Vec<C>,
) -> Result<Measured> {
    let started = Instant::now();
    let mut running = JoinSet::new();
    for mut client in clients {
        running.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut took = Vec::new();
            while started.elapsed() < LENGTH {
                let asked = Instant::now();
                client.once(&mut connection).await?;
                took.push(asked.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = running.join_next().await {
        all.extend(took??);
    }
    let length = started.elapsed();
    all.sort_unstable();
    let at = |share: f64| all.get((all.len() as f64 * share) as usize).copied();
    Ok(Measured {
        a_second: all.len() as f64 / length.as_secs_f64(),
        median: at(0.5).unwrap_or_default(),
        p99: at(0.99).unwrap_or_default(),
    })
}
