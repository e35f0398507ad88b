//! The audit trail elsewhere: real files, and real receivers on this machine.

use std::{fs, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use portal::audit::{
    self, Event, Filter,
    export::{self, Destination},
};
use serde_json::Value;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, UdpSocket, UnixDatagram},
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::{Duration, timeout},
};

use crate::house::{House, browser, reserved_port};

const PATIENCE: Duration = Duration::from_secs(60);

/// A house whose trail goes to `destination`, carried on in the background.
struct Exporting {
    house: House,
    running: JoinHandle<()>,
}

impl Exporting {
    async fn to(destination: Destination) -> Self {
        let house = House::with(|config| {
            config.exports.insert("test".to_owned(), destination);
        })
        .await;
        let running = run(&house);
        Self { house, running }
    }

    /// As after a restart.
    async fn restarted(self) -> Self {
        self.running.abort();
        assert!(self.running.await.is_err_and(|ended| ended.is_cancelled()));
        // Another process waits for the lease of one that is gone.
        self.house.pass(time::Duration::minutes(5));
        let house = self.house.reopened().await;
        let running = run(&house);
        Self { house, running }
    }

    async fn record(&self, count: usize) {
        for _ in 0..count {
            let event = Event::new(audit::PORTAL_API, "Exported").user("id", "ana");
            audit::record(&self.house.portal, &browser(), event)
                .await
                .expect("stored");
        }
    }

    async fn trail(&self) -> Vec<String> {
        let pool = self.house.portal.pool();
        let all = Filter::default().after(pool, 0, 10_000).await;
        let all = all.expect("store").into_iter();
        all.map(|record| record.text).collect()
    }
}

fn run(house: &House) -> JoinHandle<()> {
    let portal = house.portal.clone();
    tokio::spawn(async move { export::run(&portal).await })
}

/// Waits until `got` returns everything that is in the trail.
async fn until_all_of_it(exporting: &Exporting, got: impl AsyncFn() -> Vec<String>) {
    let expected = exporting.trail().await;
    let arrived = async {
        while got().await != expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if timeout(PATIENCE, arrived).await.is_err() {
        assert_eq!(got().await, expected);
    }
}

fn lines_of(paths: &[PathBuf]) -> Vec<String> {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap_or_default();
    let text: String = paths.iter().map(read).collect();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_rotates_and_nothing_is_lost_or_doubled_over_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("audit.jsonl");
    let numbered = |number: u32| folder.path().join(format!("audit.jsonl.{number}"));
    let files: Vec<PathBuf> = (1..=9).rev().map(numbered).chain([path.clone()]).collect();
    let destination = Destination::File {
        path: path.clone(),
        rotate_bytes: 2000,
        keep: 9,
    };
    let mut exporting = Exporting::to(destination).await;
    for _ in 0..3 {
        exporting.record(2).await;
        until_all_of_it(&exporting, async || lines_of(&files)).await;
    }
    assert!(numbered(2).exists(), "it has rotated");

    exporting.running.abort();
    // What a crash leaves behind: half a line, and a cursor that was not moved.
    let mut text = fs::read_to_string(&path).expect("the file");
    text.push_str("{\"eventVersion\":\"1.1");
    fs::write(&path, text).expect("written");
    sqlx::query("UPDATE audit_exports SET sequence = sequence - 1")
        .execute(exporting.house.portal.pool())
        .await
        .expect("moved");
    exporting.record(1).await;
    exporting = exporting.restarted().await;
    until_all_of_it(&exporting, async || lines_of(&files)).await;
}

/// The records in syslog messages, checked for their form.
fn record_of(message: &str) -> String {
    let (header, record) = message.split_once('\u{feff}').expect("a BOM");
    let fields: Vec<&str> = header.split(' ').collect();
    let [priority, time, _host, program, process, event, data, id, ""] = fields[..] else {
        panic!("{header}");
    };
    assert!(matches!(priority, "<110>1" | "<108>1"), "{header}");
    assert!(time.starts_with("2026-11-22T1"), "{header}");
    assert_eq!(program, "vestibule-portal");
    assert!(process.parse::<u32>().is_ok(), "{header}");
    assert!(data == "[meta" && id.starts_with("sequenceId="), "{header}");
    let value: Value = serde_json::from_str(record).expect("JSON");
    assert_eq!(value["eventName"], event);
    assert_eq!(value["errorCode"].is_string(), priority == "<108>1");
    record.to_owned()
}

#[tokio::test]
async fn a_syslog_server_gets_datagrams() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let udp = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("bound"));
    let unix = Arc::new(UnixDatagram::bind(&path).expect("bound"));
    let address = udp.local_addr().expect("address");
    for address in [
        format!("udp://{address}"),
        format!("unix://{}", path.display()),
    ] {
        // From the start: a socket holds few of what nobody takes.
        let (received, mut messages) = mpsc::unbounded_channel();
        let (udp, unix) = (udp.clone(), unix.clone());
        let is_udp = address.starts_with("udp");
        let receiving = tokio::spawn(async move {
            let mut message = vec![0; 65536];
            loop {
                let length = match is_udp {
                    true => udp.recv(&mut message).await,
                    false => unix.recv(&mut message).await,
                };
                let text = std::str::from_utf8(&message[..length.expect("received")]);
                received
                    .send(record_of(text.expect("UTF-8")))
                    .expect("wanted");
            }
        });
        let exporting = Exporting::to(Destination::Syslog {
            address: address.parse().expect("URL"),
        })
        .await;
        exporting.record(3).await;
        let expected = exporting.trail().await;
        let mut got = Vec::new();
        while got.len() < expected.len() {
            let next = timeout(PATIENCE, messages.recv()).await.expect("in time");
            got.push(next.expect("a message"));
        }
        assert_eq!(got, expected);
        receiving.abort();
        exporting.running.abort();
    }
}

#[tokio::test]
async fn a_syslog_server_that_comes_and_goes_gets_everything_over_tcp() {
    let port = reserved_port(0);
    let address = port.local_addr().expect("address");
    let exporting = Exporting::to(Destination::Syslog {
        address: format!("tcp://{address}").parse().expect("URL"),
    })
    .await;
    exporting.record(3).await;
    let expected = exporting.trail().await;
    let listener = port.listen(16).expect("a listener");
    let (mut stream, _) = timeout(PATIENCE, listener.accept())
        .await
        .expect("in time")
        .expect("accepted");
    for record in &expected {
        let mut length = String::new();
        loop {
            let byte = timeout(PATIENCE, stream.read_u8()).await.expect("in time");
            match byte.expect("received") {
                b' ' => break,
                digit => length.push(char::from(digit)),
            }
        }
        let mut message = vec![0; length.parse().expect("a length")];
        stream.read_exact(&mut message).await.expect("received");
        assert_eq!(
            &record_of(std::str::from_utf8(&message).expect("UTF-8")),
            record
        );
    }
    exporting.running.abort();
}

/// What a collector has been sent, and how often it still fails.
struct Collector {
    failures: Mutex<u32>,
    requests: mpsc::UnboundedSender<(HeaderMap, Bytes)>,
}

async fn collect(
    State(collector): State<Arc<Collector>>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let mut failures = collector.failures.lock().await;
    if *failures > 0 {
        *failures -= 1;
        return (StatusCode::SERVICE_UNAVAILABLE, "Server is busy");
    }
    collector.requests.send((headers, body)).expect("received");
    (StatusCode::OK, "{\"text\":\"Success\",\"code\":0}")
}

async fn collector(
    path: &str,
    failures: u32,
) -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (requests, received) = mpsc::unbounded_channel();
    let state = Arc::new(Collector {
        failures: Mutex::new(failures),
        requests,
    });
    let app = Router::new().route(path, post(collect)).with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), received)
}

#[tokio::test]
async fn splunk_gets_every_record_once_it_takes_them() {
    let (url, mut received) = collector("/services/collector/event", 2).await;
    let folder = tempfile::tempdir().expect("folder");
    let token_file = folder.path().join("token");
    fs::write(&token_file, "0b5c-secret\n").expect("written");
    let exporting = Exporting::to(Destination::Splunk {
        url: url.parse().expect("URL"),
        token_file,
    })
    .await;
    exporting.record(3).await;
    let expected = exporting.trail().await;
    let mut got = Vec::new();
    while got.len() < expected.len() {
        let request = timeout(PATIENCE, received.recv()).await.expect("in time");
        let (headers, body) = request.expect("a request");
        assert_eq!(headers["authorization"], "Splunk 0b5c-secret");
        let events = serde_json::Deserializer::from_slice(&body).into_iter::<Value>();
        for event in events {
            let event = event.expect("JSON");
            assert_eq!(event["sourcetype"], "aws:cloudtrail");
            let time: f64 = event["time"]
                .as_str()
                .expect("text")
                .parse()
                .expect("a time");
            assert!((time - 1_795_348_800.0).abs() < 1.0, "{time}");
            got.push(event["event"].clone());
        }
    }
    let expected: Vec<Value> = expected
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect();
    assert_eq!(got, expected);
    exporting.running.abort();
}

#[tokio::test]
async fn sumo_logic_gets_json_lines_and_nothing_twice_over_a_restart() {
    let (url, mut received) = collector("/receiver/v1/http/secret", 0).await;
    let folder = tempfile::tempdir().expect("folder");
    let url_file = folder.path().join("url");
    fs::write(&url_file, format!("{url}/receiver/v1/http/secret\n")).expect("written");
    let mut exporting = Exporting::to(Destination::SumoLogic { url_file }).await;
    let mut got = Vec::new();
    for _ in 0..2 {
        exporting.record(3).await;
        let expected = exporting.trail().await;
        while got.len() < expected.len() {
            let request = timeout(PATIENCE, received.recv()).await.expect("in time");
            let (headers, body) = request.expect("a request");
            assert_eq!(headers["x-sumo-name"], "vestibule-portal");
            let text = String::from_utf8(body.to_vec()).expect("UTF-8");
            got.extend(text.lines().map(str::to_owned));
        }
        assert_eq!(got, expected);
        // The cursor moves after the answer: a restart before that may send the batch again.
        let cursor = async || -> i64 {
            sqlx::query_scalar("SELECT sequence FROM audit_exports")
                .fetch_one(exporting.house.portal.pool())
                .await
                .expect("a cursor")
        };
        let moved = async {
            while cursor().await < expected.len() as i64 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, moved).await.expect("moved");
        exporting = exporting.restarted().await;
    }
    exporting.running.abort();
}
