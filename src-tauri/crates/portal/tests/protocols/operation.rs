//! Keeping a portal running: health, metrics, an orderly end, TLS, and crowds.

use std::{net::SocketAddr, path::Path, process::Command, sync::Arc};

use portal::{
    Config,
    server::{self, Listeners, ServeError, TlsFiles},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{Duration, Instant, sleep, timeout},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject},
};

use crate::house::House;

const PATIENCE: Duration = Duration::from_secs(60);

/// A portal on real addresses.
struct Serving {
    house: House,
    portal: SocketAddr,
    operation: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
}

impl Serving {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let house = House::with(change).await;
        let bind = async || TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let (first, second) = (bind().await, bind().await);
        let (stop, stopped) = oneshot::channel();
        let portal = first.local_addr().expect("address");
        let operation = second.local_addr().expect("address");
        let listeners = Listeners {
            portal: vec![first],
            operation: Some(second),
        };
        let stopped = async move {
            stopped.await.expect("told");
        };
        let ended = tokio::spawn(server::serve(house.portal.clone(), listeners, stopped));
        Self {
            house,
            portal,
            operation,
            stop,
            ended,
        }
    }

    async fn stop(self) {
        self.stop.send(()).expect("told");
        let ended = timeout(PATIENCE, self.ended).await.expect("in time");
        ended.expect("no panic").expect("served");
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connected")
}

/// Sends `request` and reads to the end.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    // A server that has answered may cut off the rest of a request.
    let _ = read.expect("in time");
    answer
}

async fn get(address: SocketAddr, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    answer(connect(address).await, &request).await
}

#[tokio::test]
async fn health_and_metrics_are_told() {
    let serving = Serving::with(|_| {}).await;
    let token = serving.house.access_token("storage").await;
    for address in [serving.portal, serving.operation] {
        assert!(get(address, "/healthz").await.ends_with("\r\n\r\nok\n"));
        assert!(get(address, "/readyz").await.ends_with("\r\n\r\nready\n"));
    }
    let unknown = serving.house.get("/assignment/accounts", "unknown").await;
    assert_eq!(unknown.status, 401);
    let known = serving
        .house
        .get("/assignment/accounts?max_result=3", &token)
        .await;
    assert_eq!(known.status, 200);
    let metrics = get(serving.operation, "/metrics").await;
    for line in [
        r#"requests_total{route="/assignment/accounts",method="GET",status="200"} 1"#,
        r#"requests_total{route="/assignment/accounts",method="GET",status="401"} 1"#,
        r#"request_duration_seconds_bucket{le="+Inf",route="/assignment/accounts"} 2"#,
        r#"audit_events_total{event="Authenticate",error="UnauthorizedException"} 1"#,
        r#"audit_events_total{event="CreateToken",error=""} 1"#,
        "audit_waiting 0",
    ] {
        let line = format!("\nvestibule_portal_{line}\n");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
    assert!(!metrics.contains("max_result") && !metrics.contains(&token));
    assert!(
        get(serving.portal, "/metrics")
            .await
            .starts_with("HTTP/1.1 404")
    );
    serving.house.portal.store().close().await;
    let broken = get(serving.operation, "/readyz").await;
    assert!(broken.starts_with("HTTP/1.1 503"), "{broken}");
}

#[tokio::test]
async fn an_answer_under_way_is_finished_and_silence_is_not_waited_for() {
    let serving = Serving::with(|_| {}).await;
    let body = r#"{"clientName":"slow","clientType":"public"}"#;
    let head = format!(
        "POST /client/register HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut slow = connect(serving.portal).await;
    slow.write_all(head.as_bytes()).await.expect("sent");
    let mut idle = connect(serving.portal).await;
    let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    idle.write_all(request.as_bytes()).await.expect("sent");
    idle.read_u8().await.expect("an answer");
    let portal = serving.portal;
    let stopped = tokio::spawn(serving.stop());
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(portal).await.is_ok() {
        assert!(Instant::now() < deadline, "it still lets new ones in");
        sleep(Duration::from_millis(10)).await;
    }
    let answered = answer(slow, body).await;
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    stopped.await.expect("stopped");
}

/// A new certificate of `localhost` and its key, in these files.
fn make_certificate(folder: &Path) -> TlsFiles {
    let files = TlsFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext"])
        .args(["subjectAltName=DNS:localhost", "-addext"])
        .args(["basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&files.key)
        .arg("-out")
        .arg(&files.certificate)
        .output();
    assert!(made.expect("openssl").status.success());
    files
}

/// What the portal answers to who trusts this certificate alone; nothing to who does not.
async fn get_over_tls(address: SocketAddr, certificate: &Path) -> Option<String> {
    let trusted = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(trusted).expect("added");
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, connect(address).await)
        .await
        .ok()?;
    let request = "GET /signin HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    Some(answer(stream, request).await)
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let files = make_certificate(folder.path());
    let serving = Serving::with(|config| {
        config.tls = Some(files.clone());
        config.trusted_proxies.clear();
    })
    .await;
    let old = folder.path().join("old.pem");
    std::fs::copy(&files.certificate, &old).expect("copied");
    let page = get_over_tls(serving.portal, &old).await.expect("trusted");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let plain = get(serving.portal, "/signin").await;
    assert!(!plain.starts_with("HTTP/1.1 200"), "{plain}");

    // Half a renewal is no reason to stop.
    std::fs::write(&files.key, "not a key").expect("written");
    make_certificate(folder.path());
    let deadline = Instant::now() + PATIENCE;
    while get_over_tls(serving.portal, &files.certificate)
        .await
        .is_none()
    {
        assert!(Instant::now() < deadline, "the new certificate is not used");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(get_over_tls(serving.portal, &old).await.is_none());
    serving.stop().await;
}

#[tokio::test]
async fn thousands_of_slow_connections_keep_nobody_out() {
    const SLOW: usize = 10_000;
    let serving = Serving::with(|config| config.connections = 1000).await;
    let mut crowd = Vec::with_capacity(SLOW);
    for number in 0..SLOW {
        let mut slow = connect(serving.portal).await;
        // Some begin a request that they never end.
        if number % 2 == 0 {
            let _ = slow
                .write_all(b"POST /client/register HTTP/1.1\r\nhost: ")
                .await;
        }
        crowd.push(slow);
        if number % 1000 == 0 {
            let page = timeout(PATIENCE, get(serving.portal, "/signin")).await;
            let page = page.expect("an answer in the midst of them");
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        }
    }
    let page = timeout(PATIENCE, get(serving.portal, "/signin")).await;
    assert!(page.expect("in time").starts_with("HTTP/1.1 200"));
    // The first of them has long had to make room.
    let gone = timeout(PATIENCE, crowd[1].read(&mut [0; 1]))
        .await
        .expect("in time");
    assert!(matches!(gone, Ok(0) | Err(_)), "{gone:?}");
    drop(crowd);
    serving.stop().await;
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_unread() {
    let serving = Serving::with(|_| {}).await;
    let size = 100 << 20;
    for path in ["/client/register", "/token", "/signin", "/", "/federation"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {size}\r\n\r\n"
        );
        let answered = answer(connect(serving.portal).await, &head).await;
        assert!(answered.starts_with("HTTP/1.1 413"), "{path}: {answered}");
        // The same without saying how much.
        let mut stream = connect(serving.portal).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut sent = 0;
        while sent < size && stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 0x10000;
        }
        assert!(sent < size / 4, "{path} took {sent} bytes");
    }
    assert!(
        get(serving.portal, "/signin")
            .await
            .starts_with("HTTP/1.1 200")
    );
    serving.stop().await;
}
