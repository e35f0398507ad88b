//! The proxies that the environment names. Their passwords are never shown.

use ipc::dirs::Env;
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

pub(super) fn check(env: Env<'_>) -> Vec<Finding> {
    let set = VARIABLES.into_iter().filter_map(|variable| {
        let value = env(variable)?.into_string().ok()?;
        (!value.is_empty()).then_some((variable, value))
    });
    let mut findings: Vec<_> = set.map(|(variable, value)| of(variable, &value)).collect();
    if findings.is_empty() {
        findings.push(Finding::ok(PART, "The environment names none."));
    }
    findings
}

fn of(variable: &str, value: &str) -> Finding {
    match shown(value) {
        Some(proxy) => Finding::ok(PART, format!("{variable} names {proxy}.")),
        // Whatever stands there may hold a password.
        None => Finding::wrong(
            PART,
            format!("{variable} is not the address of a proxy."),
            format!("Set it to one such as http://proxy.example:3128, or unset {variable}."),
        ),
    }
}

/// Where the proxy is, and whether one signs in there, but not how.
fn shown(value: &str) -> Option<String> {
    // Without a scheme it is one of http, as curl has it.
    let url = if value.contains("://") {
        Url::parse(value).ok()?
    } else {
        Url::parse(&format!("http://{value}")).ok()?
    };
    let host = url.host_str().filter(|_| SCHEMES.contains(&url.scheme()))?;
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let signs_in = !url.username().is_empty() || url.password().is_some();
    let how = if signs_in { ", with a password" } else { "" };
    Some(format!("{}://{host}{port}{how}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        for (value, outcome, message) in [
            (
                "http://ana:s3cret@proxy.example:3128",
                Outcome::Ok,
                "HTTPS_PROXY names http://proxy.example:3128, with a password.",
            ),
            (
                "proxy.example:3128",
                Outcome::Ok,
                "HTTPS_PROXY names http://proxy.example:3128.",
            ),
            (
                "ana:s3cret",
                Outcome::Wrong,
                "HTTPS_PROXY is not the address of a proxy.",
            ),
            (
                "ftp://s3cret",
                Outcome::Wrong,
                "HTTPS_PROXY is not the address of a proxy.",
            ),
        ] {
            let env = |name: &str| (name == "HTTPS_PROXY").then(|| value.into());
            let found = check(&env);
            assert_eq!(found.len(), 1, "{value}");
            assert_eq!(
                (found[0].outcome, found[0].message.as_str()),
                (outcome, message)
            );
            assert!(!format!("{found:?}").contains("s3cret"), "{value}");
        }
        assert_eq!(check(&|_| None)[0].outcome, Outcome::Ok);
    }
}
