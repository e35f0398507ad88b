//! A syslog server: RFC 5424 messages over UDP (RFC 5426), TCP (RFC 6587, counted octets) or a unix
//! socket. UDP tells nothing of a lost message, TCP nothing of those under way when it breaks.

use std::{fmt::Write as _, io, net::Ipv6Addr, time::Duration};

use time::{format_description::BorrowedFormatItem, macros::format_description};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket},
    time::timeout,
};
use url::Url;

use super::{ExportError, Record};

/// Facility 13 (log audit) with severity 6 (informational).
const DONE: u8 = 13 * 8 + 6;
/// The same with severity 4 (warning).
const REFUSED: u8 = 13 * 8 + 4;
/// The largest `sequenceId` (RFC 5424 section 7.3.1), after which it begins anew.
const LARGEST_ID: i64 = 2_147_483_647;
/// How long connecting and sending may take.
const PATIENCE: Duration = Duration::from_secs(20);

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

pub(super) struct Syslog {
    address: Url,
    connection: Option<Connection>,
}

enum Connection {
    Udp(UdpSocket),
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(tokio::net::UnixDatagram),
}

impl Syslog {
    pub(super) fn new(address: Url) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    pub(super) async fn send(&mut self, records: &[Record]) -> Result<(), ExportError> {
        let sent = timeout(PATIENCE, self.try_send(records)).await;
        let sent = sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        sent.map_err(|source| {
            self.connection = None;
            ExportError::Syslog {
                address: self.address.clone(),
                source,
            }
        })
    }

    async fn try_send(&mut self, records: &[Record]) -> io::Result<()> {
        let host = host_name();
        let messages = records.iter().map(|record| message(record, &host));
        if self.connection.is_none() {
            self.connection = Some(Connection::open(&self.address).await?);
        }
        match &mut self.connection {
            Some(Connection::Udp(socket)) => {
                for message in messages {
                    socket.send(message.as_bytes()).await?;
                }
            }
            #[cfg(unix)]
            Some(Connection::Unix(socket)) => {
                for message in messages {
                    socket.send(message.as_bytes()).await?;
                }
            }
            Some(Connection::Tcp(stream)) => {
                let counted: String = messages.map(|m| format!("{} {m}", m.len())).collect();
                stream.write_all(counted.as_bytes()).await?;
                stream.flush().await?;
                still_open(stream)?;
            }
            None => {}
        }
        Ok(())
    }
}

impl Connection {
    async fn open(address: &Url) -> io::Result<Self> {
        let port = |default| address.port().unwrap_or(default);
        let host = address.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']);
        match address.scheme() {
            "udp" => {
                let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await;
                let socket = match socket {
                    Ok(socket) if host.parse::<std::net::Ipv4Addr>().is_err() => socket,
                    _ => UdpSocket::bind("0.0.0.0:0").await?,
                };
                socket.connect((host, port(514))).await?;
                Ok(Self::Udp(socket))
            }
            "tcp" => Ok(Self::Tcp(TcpStream::connect((host, port(601))).await?)),
            #[cfg(unix)]
            "unix" => {
                let socket = tokio::net::UnixDatagram::unbound()?;
                socket.connect(address.path())?;
                Ok(Self::Unix(socket))
            }
            other => Err(io::Error::other(format!(
                "{other} is neither udp nor tcp nor unix"
            ))),
        }
    }
}

/// A server that has gone away said so before what was written last could arrive.
fn still_open(stream: &TcpStream) -> io::Result<()> {
    let mut byte = [0];
    match stream.try_read(&mut byte) {
        Ok(0) => Err(io::ErrorKind::ConnectionReset.into()),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(()),
    }
}

/// RFC 5424 section 6.
fn message(record: &Record, host: &str) -> String {
    let priority = match record.error_code {
        None => DONE,
        Some(_) => REFUSED,
    };
    let mut message = format!("<{priority}>1 ");
    let time = record.time.format(TIME).unwrap_or_else(|_| "-".to_owned());
    let id = (record.sequence - 1) % LARGEST_ID + 1;
    // Writing to a string cannot fail.
    let _ = write!(
        message,
        "{time} {host} vestibule-portal {} {} [meta sequenceId=\"{id}\"] \u{feff}{}",
        std::process::id(),
        record.event_name,
        record.text
    );
    message
}

fn host_name() -> String {
    #[cfg(unix)]
    {
        let name = rustix::system::uname();
        let name = name.nodename().to_string_lossy();
        let printable = |name: &str| name.bytes().all(|byte| byte.is_ascii_graphic());
        if !name.is_empty() && name.len() <= 255 && printable(&name) {
            return name.into_owned();
        }
    }
    "-".to_owned()
}
