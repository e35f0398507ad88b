//! The proxies that the environment names. Their passwords are never shown.

use std::time::Duration;

use ipc::dirs::Env;
use tokio::net::TcpStream;
use url::Url;

use super::finding::Finding;

const PART: &str = "proxy";

/// In the order in which they win.
const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

const SCHEMES: [&str; 5] = ["http", "https", "socks4", "socks5", "socks5h"];

/// How long a proxy may take to be reached.
const LIMIT: Duration = Duration::from_secs(3);

/// A variable that is set, and what it names.
pub(super) struct Proxy {
    variable: &'static str,
    /// `None` where it is no address of a proxy.
    address: Option<Url>,
    /// Whether anything listens there.
    answers: bool,
}

/// Reads the variables, and tries to reach what they name.
pub(super) async fn gather(env: Env<'_>) -> Vec<Proxy> {
    let mut proxies = Vec::new();
    for variable in VARIABLES {
        let value = env(variable).and_then(|value| value.into_string().ok());
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        let address = address(&value);
        let answers = match &address {
            Some(address) => answers(address).await,
            None => false,
        };
        proxies.push(Proxy {
            variable,
            address,
            answers,
        });
    }
    proxies
}

async fn answers(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    // As curl and reqwest have it.
    let port = address.port_or_known_default().unwrap_or(1080);
    let reached = tokio::time::timeout(LIMIT, TcpStream::connect((host, port)));
    matches!(reached.await, Ok(Ok(_)))
}

pub(super) fn check(proxies: &[Proxy]) -> Vec<Finding> {
    if proxies.is_empty() {
        return vec![Finding::ok(PART, "The environment names none.")];
    }
    proxies.iter().map(of).collect()
}

fn of(proxy: &Proxy) -> Finding {
    let variable = proxy.variable;
    match &proxy.address {
        Some(address) if proxy.answers => {
            Finding::ok(PART, format!("{variable} names {}.", shown(address)))
        }
        Some(address) => Finding::wrong(
            PART,
            format!(
                "Nothing answers at {}, which {variable} names.",
                shown(address)
            ),
            format!("Correct {variable}, or unset it where no proxy is needed."),
        ),
        // Whatever stands there may hold a password.
        None => Finding::wrong(
            PART,
            format!("{variable} is not the address of a proxy."),
            format!("Set it to one such as http://proxy.example:3128, or unset {variable}."),
        ),
    }
}

fn address(value: &str) -> Option<Url> {
    // Without a scheme it is one of http, as curl has it.
    let url = if value.contains("://") {
        Url::parse(value).ok()?
    } else {
        Url::parse(&format!("http://{value}")).ok()?
    };
    (SCHEMES.contains(&url.scheme()) && url.has_host()).then_some(url)
}

/// Where the proxy is, and whether one signs in there, but not how.
fn shown(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    let port = address.port().map(|port| format!(":{port}"));
    let signs_in = !address.username().is_empty() || address.password().is_some();
    let how = if signs_in { ", with a password" } else { "" };
    format!(
        "{}://{host}{}{how}",
        address.scheme(),
        port.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    fn found(value: &str, answers: bool) -> Finding {
        let proxy = Proxy {
            variable: "HTTPS_PROXY",
            address: address(value),
            answers,
        };
        check(&[proxy]).remove(0)
    }

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let secret = "http://ana:s3cret@proxy.example:3128";
        for (value, answers, outcome, message) in [
            (
                secret,
                true,
                Outcome::Ok,
                "HTTPS_PROXY names http://proxy.example:3128, with a password.",
            ),
            (
                secret,
                false,
                Outcome::Wrong,
                "Nothing answers at http://proxy.example:3128, with a password, which HTTPS_PROXY names.",
            ),
            (
                "proxy.example:3128",
                true,
                Outcome::Ok,
                "HTTPS_PROXY names http://proxy.example:3128.",
            ),
            (
                "ana:s3cret",
                false,
                Outcome::Wrong,
                "HTTPS_PROXY is not the address of a proxy.",
            ),
            (
                "ftp://s3cret",
                false,
                Outcome::Wrong,
                "HTTPS_PROXY is not the address of a proxy.",
            ),
        ] {
            let found = found(value, answers);
            assert_eq!((found.outcome, found.message.as_str()), (outcome, message));
            assert!(!format!("{found:?}").contains("s3cret"), "{value}");
        }
        assert_eq!(check(&[])[0].outcome, Outcome::Ok);
    }

    #[tokio::test]
    async fn a_proxy_is_knocked_at() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let env = |name: &str| match name {
            "HTTPS_PROXY" => Some(here.clone().into()),
            "http_proxy" => Some("http://127.0.0.1:1".into()),
            _ => None,
        };
        let proxies = gather(&env).await;
        let found: Vec<_> = proxies
            .iter()
            .map(|one| (one.variable, one.answers))
            .collect();
        assert_eq!(found, [("HTTPS_PROXY", true), ("http_proxy", false)]);
    }
}
