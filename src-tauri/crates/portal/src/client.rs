//! Who is at the other end of a request.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header::USER_AGENT, request::Parts},
};

use crate::Portal;

/// A user agent is kept up to this many characters.
const USER_AGENT_LENGTH: usize = 256;

/// Where a request came from. An axum extractor that never fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address: of the peer, or what a trusted proxy says of it.
    pub address: IpAddr,
    /// The `User-Agent`, shortened; empty if there was none.
    pub user_agent: String,
    /// What the request is called in its answer's `x-amzn-requestid`; none for a command.
    pub request_id: Option<String>,
}

/// The id of a request, which the router gives it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl Client {
    /// A command on the machine of the portal itself.
    pub fn this_machine(program: &str) -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST.into(),
            user_agent: program.to_owned(),
            request_id: None,
        }
    }

    /// What the answer to a request calls it in its header, its body and the audit trail.
    pub(crate) fn answer_id(&self) -> &str {
        self.request_id.as_deref().unwrap_or_default()
    }

    /// Whether `peer` may speak plain http: this machine, and the proxies that bring the TLS.
    pub fn may_connect(peer: IpAddr, trusted_proxies: &[IpAddr]) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || trusted_proxies.contains(&peer)
    }

    /// The client of a request with `headers` from `peer`. `X-Forwarded-For` is read from its
    /// right end, for as long as the addresses there are trusted proxies.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpAddr]) -> Self {
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut address = peer.to_canonical();
        for hop in forwarded.iter().rev() {
            if !trusted_proxies.contains(&address) {
                break;
            }
            let Ok(hop) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            address = hop.to_canonical();
        }
        let user_agent = headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self {
            address,
            user_agent: user_agent.chars().take(USER_AGENT_LENGTH).collect(),
            request_id: None,
        }
    }
}

/// What one host has for itself: an IPv4 address, or an IPv6 /64.
pub(crate) fn host_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Browsers and systems by what they put into a `User-Agent`; those that call themselves by several
/// names stand before those they imitate.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// What people call the browser and system of this `User-Agent`, as in "Firefox on Linux".
pub fn browser_name(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        let mut names = names.iter();
        names
            .find(|(part, _)| user_agent.contains(part))
            .map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "An unknown browser".to_owned(),
    }
}

impl FromRequestParts<Portal> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let request_id = parts.extensions.get::<RequestId>();
        Ok(Self {
            request_id: request_id.map(|RequestId(id)| id.clone()),
            ..Self::of(peer, &parts.headers, &portal.config().trusted_proxies)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_from(peer: &str, forwarded: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("header"));
        let proxies = ["10.0.0.1".parse().expect("address")];
        let peer = peer.parse().expect("address");
        Client::of(peer, &headers, &proxies).address.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_may_forward() {
        assert_eq!(seen_from("198.51.100.7", "203.0.113.9"), "198.51.100.7");
        assert_eq!(seen_from("10.0.0.1", "203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/156.0 Safari/537.36 Edg/156.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1 \
                 (KHTML, like Gecko) Version/20.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("", "An unknown browser"),
        ] {
            assert_eq!(browser_name(user_agent), name);
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_and_for_proxies() {
        let proxies = ["10.0.0.1".parse().expect("address")];
        let may = |peer: &str| Client::may_connect(peer.parse().expect("address"), &proxies);
        assert!(may("127.0.0.1") && may("::1") && may("10.0.0.1") && may("::ffff:10.0.0.1"));
        assert!(!may("10.0.0.2") && !may("203.0.113.9"));
    }

    #[test]
    fn what_a_client_claims_before_the_proxy_is_not_believed() {
        assert_eq!(seen_from("10.0.0.1", "1.2.3.4, 203.0.113.9"), "203.0.113.9");
        assert_eq!(seen_from("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
