//! The server on a real port, spoken to in bytes.

use std::time::Duration;

use ipc::message::{Code, Credentials, Failure, Role, RoleQuery};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use time::macros::datetime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Endpoint, Source};

/// Far more than an answer takes, and far less than [`super::CLIENT_TIME_LIMIT`].
const LIMIT: Duration = Duration::from_secs(50);

/// Gives credentials that name who asked for what, or fails as told.
struct Told(Option<Code>);

impl Source for Told {
    async fn credentials(&self, role: RoleQuery) -> Result<Credentials, Failure> {
        match self.0 {
            Some(code) => Err(Failure {
                code,
                message: "It broke.".into(),
                next_step: "Mend it.".into(),
            }),
            None => Ok(Credentials {
                account_id: role.account,
                role_name: role.role.clone(),
                access_key_id: format!("ASIA{}{}", role.session.unwrap_or_default(), role.role),
                secret_access_key: "the-secret".into(),
                session_token: "the-token".into(),
                expiration: datetime!(2026-11-22 18:44:40.5 UTC),
            }),
        }
    }
}

fn role(account: &str, name: &str) -> Role {
    Role {
        session: "acme".into(),
        account_id: account.into(),
        account_name: "Payments".into(),
        role_name: name.into(),
        region: "eu-west-1".into(),
        sts_endpoint: None,
    }
}

async fn open(roles: Vec<Role>) -> Endpoint {
    Endpoint::open(0, roles, Told(None)).await.unwrap()
}

/// What a client gets that sends these bytes: status and body.
async fn send(endpoint: &Endpoint, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", endpoint.port()))
        .await
        .unwrap();
    // Whoever is hung up on may not get rid of all of it.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    let _ = tokio::time::timeout(LIMIT, read)
        .await
        .expect("an answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .get(9..12)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    if status == 200 {
        assert!(head.contains("cache-control: no-store"), "{head}");
        assert!(!head.to_lowercase().contains("access-control"), "{head}");
    }
    (status, body.to_owned())
}

/// As SDKs ask, with headers replaced or added.
async fn ask(endpoint: &Endpoint, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut sent = vec![
        ("Host".to_owned(), format!("127.0.0.1:{}", endpoint.port())),
        (
            "Authorization".to_owned(),
            endpoint.token().expose_secret().to_owned(),
        ),
    ];
    for (name, value) in headers {
        sent.retain(|(other, _)| other != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    let lines: String = sent
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let (status, body) = send(endpoint, &format!("GET {path} HTTP/1.1\r\n{lines}\r\n")).await;
    (status, serde_json::from_str(&body).unwrap_or_default())
}

const PATH: &str = "/roles/111111111111/Admin";

#[tokio::test]
async fn a_client_with_the_token_gets_what_sdks_read() {
    let endpoint = open(Vec::new()).await;
    let expected = json!({
        "AccessKeyId": "ASIAAdmin",
        "SecretAccessKey": "the-secret",
        "Token": "the-token",
        "Expiration": "2026-11-22T18:44:40Z",
        "AccountId": "111111111111",
    });
    assert_eq!(ask(&endpoint, PATH, &[]).await, (200, expected));
}

#[tokio::test]
async fn the_port_may_be_that_of_a_tunnel_but_the_name_is_loopbacks() {
    let endpoint = open(Vec::new()).await;
    for (host, status) in [
        ("127.0.0.1:9999", 200),
        ("localhost:9999", 200),
        ("LOCALHOST", 200),
        ("[::1]:9999", 200),
        ("evil.example:9999", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost@evil.example", 403),
        ("localhost.", 403),
        ("", 403),
    ] {
        let (answered, body) = ask(&endpoint, PATH, &[("Host", host)]).await;
        assert_eq!(answered, status, "{host}: {body}");
    }
    let token = endpoint.token().expose_secret();
    let twice = format!(
        "GET {PATH} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nAuthorization: {token}\r\n\r\n"
    );
    assert_ne!(send(&endpoint, &twice).await.0, 200);
    let none = format!("GET {PATH} HTTP/1.0\r\nAuthorization: {token}\r\n\r\n");
    assert_eq!(send(&endpoint, &none).await.0, 403);
    let absolute = format!(
        "GET http://localhost{PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
    );
    assert_eq!(send(&endpoint, &absolute).await.0, 400);
}

#[tokio::test]
async fn nothing_that_a_browser_sends_gets_through() {
    let endpoint = open(Vec::new()).await;
    for header in [
        ("Origin", "http://127.0.0.1"),
        ("Origin", "null"),
        ("Referer", "http://localhost/"),
        ("Sec-Fetch-Site", "none"),
    ] {
        let (status, body) = ask(&endpoint, PATH, &[header]).await;
        assert_eq!(
            (status, &body["code"]),
            (403, &json!("browser_refused")),
            "{header:?}"
        );
    }
    let token = endpoint.token().expose_secret();
    for method in ["POST", "HEAD", "OPTIONS", "PUT"] {
        let request = format!(
            "{method} {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
        );
        assert_eq!(send(&endpoint, &request).await.0, 405, "{method}");
    }
}

#[tokio::test]
async fn every_endpoint_has_a_token_of_its_own_and_takes_no_other() {
    let endpoint = open(Vec::new()).await;
    let other = open(Vec::new()).await;
    let token = endpoint.token().expose_secret();
    assert_eq!(token.len(), 64);
    assert_ne!(token, other.token().expose_secret());
    let bearer = format!("Bearer {token}");
    for wrong in ["", &token[1..], &bearer, other.token().expose_secret()] {
        let (status, body) = ask(&endpoint, PATH, &[("Authorization", wrong)]).await;
        assert_eq!(
            (status, &body["code"]),
            (401, &json!("wrong_token")),
            "{wrong}"
        );
        assert!(!body.to_string().contains("the-secret"));
    }
    assert!(!format!("{endpoint:?}").contains(token));
}

#[tokio::test]
async fn an_endpoint_gives_its_roles_and_no_others() {
    let roles = vec![
        role("111111111111", "Admin"),
        role("222222222222", "Read Only"),
    ];
    let endpoint = open(roles.clone()).await;
    let address = endpoint.url(&roles[1]);
    assert!(
        address.ends_with("/roles/acme/222222222222/Read%20Only"),
        "{address}"
    );
    for (path, key) in [
        ("/roles/111111111111/Admin", Some("ASIAacmeAdmin")),
        ("/roles/acme/111111111111/Admin", Some("ASIAacmeAdmin")),
        (
            "/roles/acme/222222222222/Read%20Only",
            Some("ASIAacmeRead Only"),
        ),
        ("/roles/other/111111111111/Admin", None),
        ("/roles/111111111111/Read%20Only", None),
        ("/roles/Payments/Admin", None),
        ("/roles/111111111111/Admin/", None),
        ("/roles/%ff/Admin", None),
        ("/", None),
        ("/favicon.ico", None),
    ] {
        let (status, body) = ask(&endpoint, path, &[]).await;
        assert_eq!(status, if key.is_some() { 200 } else { 404 }, "{path}");
        assert_eq!(body["AccessKeyId"].as_str(), key, "{path}");
    }
    let single = open(roles[..1].to_vec()).await;
    assert_eq!(
        ask(&single, "/", &[]).await.1["AccessKeyId"],
        "ASIAacmeAdmin"
    );
}

#[tokio::test]
async fn only_what_may_pass_by_itself_asks_to_be_tried_again() {
    for (code, status) in [
        (Code::PortalUnreachable, 503),
        (Code::PortalBusy, 503),
        (Code::SignInNeeded, 403),
        (Code::AccessDenied, 403),
        (Code::NoSuchRole, 404),
        (Code::Internal, 500),
    ] {
        let endpoint = Endpoint::open(0, Vec::new(), Told(Some(code)))
            .await
            .unwrap();
        let (answered, body) = ask(&endpoint, PATH, &[]).await;
        assert_eq!(answered, status, "{code:?}");
        let expected = json!({"code": code, "message": "It broke. Mend it."});
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn large_and_slow_requests_are_hung_up_on_and_hold_nobody_up() {
    let endpoint = open(Vec::new()).await;
    let large = "a".repeat(64 * 1024);
    assert_ne!(ask(&endpoint, PATH, &[("X-Large", &large)]).await.0, 200);
    // More of the slow than are served at once.
    let mut slow = Vec::new();
    for _ in 0..super::CLIENTS + 8 {
        let mut stream = TcpStream::connect(("127.0.0.1", endpoint.port()))
            .await
            .unwrap();
        stream.write_all(b"GET /roles/").await.unwrap();
        slow.push(stream);
    }
    assert_eq!(ask(&endpoint, PATH, &[]).await.0, 200);
    let mut rest = Vec::new();
    let ended = slow[0].read_to_end(&mut rest);
    let _ = tokio::time::timeout(LIMIT, ended)
        .await
        .expect("hung up on");
}

#[tokio::test]
async fn a_dropped_endpoint_is_gone() {
    let endpoint = open(Vec::new()).await;
    let port = endpoint.port();
    drop(endpoint);
    let gone = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, gone)
        .await
        .expect("nobody listens");
}
