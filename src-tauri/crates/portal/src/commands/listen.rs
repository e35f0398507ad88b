//! The addresses a portal on loopback listens on: `localhost` is both families to a browser.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

const TRIES: usize = 20;

/// Listens at `address` and, if that is 127.0.0.1, at the same port of `::1` where there is one.
/// Port 0 finds a port that is free in both.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let mut last = None;
    for _ in 0..TRIES {
        match bind_once(address).await {
            Err(error) if address.port() == 0 && error.kind() == ErrorKind::AddrInUse => {
                last = Some(error);
            }
            other => return other,
        }
    }
    Err(last.unwrap_or_else(|| ErrorKind::AddrInUse.into()))
}

async fn bind_once(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let first = TcpListener::bind(address).await?;
    if address.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return Ok(vec![first]);
    }
    let twin = SocketAddr::from((Ipv6Addr::LOCALHOST, first.local_addr()?.port()));
    match TcpListener::bind(twin).await {
        Ok(second) => Ok(vec![first, second]),
        // Someone else's answers to `localhost` would be taken for ours.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(vec![first]),
    }
}
