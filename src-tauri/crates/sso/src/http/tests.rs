use std::sync::atomic::{AtomicI32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::testing::{NOW, client, refusal};

async fn get(url: &str) -> Result<serde_json::Value, Error> {
    let client = client();
    client
        .send(client.request(Method::GET, url.parse().unwrap()))
        .await?
        .json()
}

async fn answer_of(template: ResponseTemplate) -> Error {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    get(&server.uri()).await.unwrap_err()
}

/// A server that takes one connection, reads a little and answers `bytes`, whatever was asked.
async fn raw_server(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(bytes).await;
    });
    address.to_string()
}

#[tokio::test]
async fn errors_of_the_service_keep_their_name_and_meaning() {
    let meanings = [
        (401, "UnauthorizedException", Kind::Unauthorized),
        (403, "ForbiddenException", Kind::Forbidden),
        (404, "ResourceNotFoundException", Kind::NotFound),
        (400, "InvalidRequestException", Kind::Rejected),
        (
            429,
            "TooManyRequestsException",
            Kind::Throttled { retry_after: None },
        ),
        (500, "InternalServerException", Kind::ServerFault),
    ];
    for (status, exception, kind) in meanings {
        let error = answer_of(refusal(status, exception)).await;
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(exception), "{error}");
        assert!(error.to_string().contains("As the portal says."), "{error}");
    }
}

#[tokio::test]
async fn the_name_is_read_from_the_body_too() {
    let body = serde_json::json!({ "__type": "com.amazon.sso#UnauthorizedException" });
    let Error::Refused(refusal) = answer_of(ResponseTemplate::new(401).set_body_json(body)).await
    else {
        panic!("not a refusal");
    };
    assert_eq!(refusal.code, "UnauthorizedException");
}

#[tokio::test]
async fn throttling_says_how_long_to_wait() {
    let told = refusal(429, "TooManyRequestsException").insert_header("retry-after", "7");
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(
        answer_of(told).await.kind(),
        Kind::Throttled { retry_after }
    );
}

#[tokio::test]
async fn throttling_may_name_the_time_to_come_back_by_the_servers_clock() {
    let date = |plus: time::Duration| {
        httpdate::fmt_http_date((NOW + time::Duration::days(30) + plus).into())
    };
    for (later, seconds) in [(90, 90), (-5, 0)] {
        let told = refusal(429, "TooManyRequestsException")
            .insert_header("date", date(time::Duration::ZERO))
            .insert_header("retry-after", date(time::Duration::seconds(later)));
        let retry_after = Some(Duration::from_secs(seconds));
        assert_eq!(
            answer_of(told).await.kind(),
            Kind::Throttled { retry_after }
        );
    }
}

#[tokio::test]
async fn what_a_server_says_of_time_is_told_by_our_clock() {
    let end = NOW + time::Duration::HOUR;
    // How far the server is ahead, and what its hour hence is here.
    for (ahead, ours) in [
        (time::Duration::ZERO, end),
        (time::Duration::seconds(3), end),
        (time::Duration::days(30), end - time::Duration::days(30)),
        (time::Duration::hours(-2), end + time::Duration::hours(2)),
    ] {
        let server = MockServer::start().await;
        let date = httpdate::fmt_http_date((NOW + ahead).into());
        let template = ResponseTemplate::new(200).insert_header("date", date);
        Mock::given(any())
            .respond_with(template)
            .mount(&server)
            .await;
        let client = client();
        let request = client.request(Method::GET, server.uri().parse().unwrap());
        let answer = client.send(request).await.unwrap();
        assert_eq!(answer.on_our_clock(end), ours, "{ahead} ahead");
    }
}

#[tokio::test]
async fn a_slow_answer_is_no_sign_of_a_wrong_clock() {
    let server = MockServer::start().await;
    let date = httpdate::fmt_http_date((NOW + time::Duration::seconds(20)).into());
    let template = ResponseTemplate::new(200).insert_header("date", date);
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    // Half a minute passes between question and answer.
    let reads = AtomicI32::new(0);
    let clock = move || NOW + time::Duration::seconds(30) * reads.fetch_add(1, Ordering::SeqCst);
    let client = Client::new("test", Arc::new(clock)).unwrap();
    let request = client.request(Method::GET, server.uri().parse().unwrap());
    let answer = client.send(request).await.unwrap();
    let end = NOW + time::Duration::HOUR;
    assert_eq!(answer.on_our_clock(end), end);
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_says_so() {
    let plain = answer_of(ResponseTemplate::new(407)).await;
    let why = Unreachable::ProxyAuthentication;
    assert_eq!(plain.kind(), Kind::Unreachable(why));
    assert!(plain.to_string().contains("password"), "{plain}");

    let proxy = raw_server(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    let through = reqwest::Proxy::all(format!("http://{proxy}")).unwrap();
    let mut client = client();
    client.outside = reqwest::Client::builder().proxy(through).build().unwrap();
    let request = client.request(Method::GET, "https://portal.example/".parse().unwrap());
    let error = client.send(request).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Unreachable(why), "{error:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move { listener.accept().await });
    // Time passes once nothing else can happen.
    let asked = tokio::spawn(async move { get(&url).await });
    let connection = silent.await.unwrap().unwrap();
    tokio::time::pause();
    let error = asked.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable(Unreachable::TimedOut));
    drop(connection);
}

#[test]
fn only_certificates_can_be_trusted() {
    let clock: Clock = Arc::new(|| NOW);
    let error = Client::trusting("test/0", clock.clone(), b"-----BEGIN CERTIFICATE-----\n?\n");
    assert_eq!(error.err().map(|error| error.kind()), Some(Kind::Local));
    assert!(Client::trusting("test/0", clock, b"").is_ok());
}

#[tokio::test]
async fn html_is_never_taken_for_an_answer() {
    let page = || {
        "<html>Please sign in to the airport network"
            .as_bytes()
            .to_vec()
    };
    for status in [200, 302, 401, 403, 404] {
        let template = ResponseTemplate::new(status).set_body_raw(page(), "text/html");
        let error = answer_of(template).await;
        assert_eq!(error.kind(), Kind::Protocol, "{status}");
        assert!(!error.to_string().contains("airport"), "{error}");
    }
    let gateway = ResponseTemplate::new(502).set_body_raw(page(), "text/html");
    assert_eq!(answer_of(gateway).await.kind(), Kind::ServerFault);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let huge = ResponseTemplate::new(200).set_body_bytes(vec![b' '; SIZE_LIMIT + 1]);
    assert_eq!(answer_of(huge).await.kind(), Kind::Protocol);
}

#[tokio::test]
async fn a_json_answer_of_another_shape_is_not_quoted() {
    #[derive(Debug, serde::Deserialize)]
    struct Wanted {
        #[expect(dead_code, reason = "only its absence matters")]
        number: u8,
    }
    let server = MockServer::start().await;
    let body = serde_json::json!({ "number": "a-secret-token" });
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    let client = client();
    let url = server.uri().parse().unwrap();
    let answer = client.send(client.request(Method::GET, url)).await.unwrap();
    let error = answer.json::<Wanted>().unwrap_err();
    assert_eq!(error.kind(), Kind::Protocol);
    assert!(!format!("{error} {error:?}").contains("a-secret-token"));
}

#[tokio::test]
async fn why_a_host_cannot_be_reached_is_told() {
    let closed = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let no_tls = raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let cut = raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await;
    let reasons = [
        (format!("http://{closed}"), Unreachable::Refused),
        (format!("https://{no_tls}"), Unreachable::Tls),
        (format!("http://{cut}"), Unreachable::Interrupted),
        // A label longer than DNS allows fails without asking anyone.
        (
            format!("http://{}.invalid", "a".repeat(64)),
            Unreachable::UnknownHost,
        ),
    ];
    for (url, why) in reasons {
        let error = get(&url).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unreachable(why), "{url}: {error:?}");
        assert!(error.to_string().contains("cannot be reached"), "{error}");
    }
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_lasting_ones_are_not() {
    for (status, exception, requests) in [
        (500, "InternalServerException", 4),
        (403, "ForbiddenException", 1),
    ] {
        let server = MockServer::start().await;
        let mock = Mock::given(any())
            .respond_with(refusal(status, exception))
            .expect(requests);
        mock.mount(&server).await;
        let client = client();
        let request = client.request(Method::GET, server.uri().parse().unwrap());
        assert!(client.send_idempotent(request).await.is_err());
    }
}

#[test]
fn the_waits_double_and_are_spread() {
    let longest: Vec<_> = delays(|| 1.0).take(7).collect();
    let shortest: Vec<_> = delays(|| 0.0).take(3).collect();
    let expected = [200, 400, 800, 1600, 3200, 5000, 5000];
    assert_eq!(longest, expected.map(Duration::from_millis));
    assert_eq!(shortest, [100, 200, 400].map(Duration::from_millis));
}
