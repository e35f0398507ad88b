//! The program itself, killed at any moment: what was answered is kept.

use std::{
    io::{Read, Write},
    iter,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use portal::store::Store;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::house::reserved_port;

/// The answer to one request too many; the next one may be let in.
const BUSY: u16 = 429;

/// A running demonstration; killed when dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // SIGKILL: it gets no chance to tidy up.
        self.0.kill().expect("killed");
        self.0.wait().expect("ended");
    }
}

fn demo(folder: &Path) -> (Demo, Value) {
    let facts = folder.join("facts.json");
    let _ = std::fs::remove_file(&facts);
    let child = Command::new(env!("CARGO_BIN_EXE_vestibule-portal"))
        .arg("demo")
        .arg("--data")
        .arg(folder.join("data"))
        .arg("--facts")
        .arg(&facts)
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let demo = Demo(child);
    let deadline = Instant::now() + Duration::from_secs(120);
    while !facts.exists() {
        assert!(
            Instant::now() < deadline,
            "the demonstration does not serve"
        );
        thread::sleep(Duration::from_millis(20));
    }
    let text = std::fs::read(&facts).expect("facts");
    (demo, serde_json::from_slice(&text).expect("whole facts"))
}

/// POSTs JSON to `path` of the portal with these facts.
pub(crate) fn post(facts: &Value, path: &str, body: &Value) -> (u16, Value) {
    try_post(facts, path, body).expect("an answer")
}

/// The same; nothing if the portal was gone before its answer was whole.
fn try_post(facts: &Value, path: &str, body: &Value) -> Option<(u16, Value)> {
    let start_url = facts["start_url"].as_str().expect("start URL");
    let host = start_url
        .trim_start_matches("http://")
        .trim_end_matches("/start");
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).ok()?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

fn port_of(facts: &Value) -> u16 {
    let start_url = facts["start_url"].as_str().expect("start URL");
    let start_url: url::Url = start_url.parse().expect("URL");
    start_url.port().expect("a port")
}

fn start_device(facts: &Value, registration: &Value) -> u16 {
    let body = json!({
        "clientId": registration["clientId"],
        "clientSecret": registration["clientSecret"],
        "startUrl": facts["start_url"],
    });
    post(facts, "/device_authorization", &body).0
}

/// Registers clients without a pause and sends each that was answered, until the portal is gone.
fn register_until_it_dies(facts: &Value, answered: &mpsc::Sender<Value>) {
    let body = json!({ "clientName": "durable", "clientType": "public" });
    while let Some((status, registration)) = try_post(facts, "/client/register", &body) {
        match status {
            200 => answered.send(registration).expect("received"),
            status => assert_eq!(status, BUSY, "{registration}"),
        }
    }
}

/// How often a test kills. `cargo xtask test --long` sets the variable.
pub(crate) fn kills() -> u32 {
    let long = std::env::var_os("VESTIBULE_LONG").is_some();
    if long { 200 } else { 4 }
}

/// Drops, and so kills, a running portal in the midst of registrations; returns those it answered.
pub(crate) fn killed_under_load<R>(running: R, facts: &Value) -> Vec<Value> {
    let (answered, received) = mpsc::channel();
    let mut registrations: Vec<Value> = Vec::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| register_until_it_dies(facts, &answered));
        }
        let enough = received.iter().take(10);
        registrations.extend(enough);
        drop(running);
    });
    registrations.extend(received.try_iter());
    registrations
}

/// The portal knows every client that it once answered.
pub(crate) fn knows_all(facts: &Value, registrations: &[Value]) {
    for registration in registrations {
        let mut answers = iter::repeat_with(|| start_device(facts, registration));
        let started = answers.find(|status| *status != BUSY);
        assert_eq!(started, Some(200), "a registration is lost");
    }
}

/// The chain of the audit trail is whole, and every registration that was answered is in it.
/// `portal` says of which portal.
pub(crate) fn trail_holds(portal: [&str; 2], registrations: usize) {
    let audit = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_vestibule-portal"))
            .arg("audit")
            .args(arguments)
            .args(portal)
            .output()
            .expect("ran");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        text
    };
    audit(&["verify"]);
    let trail = audit(&["--event", "RegisterClient"]);
    let stored = trail.lines().count();
    assert!(
        stored >= registrations,
        "{stored} of {registrations} events"
    );
}

#[test]
fn killed_in_the_midst_of_answers_it_forgets_none() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let mut registrations = Vec::new();
    let mut answered_in_all = 0;
    let mut first = None;
    let mut port = None;
    for _ in 0..kills() {
        let (running, facts) = demo(folder.path());
        knows_all(&facts, &registrations);
        registrations = killed_under_load(running, &facts);
        port.get_or_insert_with(|| reserved_port(port_of(&facts)));
        answered_in_all += registrations.len();
        trail_holds(["--data", data.to_str().expect("UTF-8")], answered_in_all);
        let first = first.get_or_insert_with(|| facts.clone());
        assert_eq!(*first, facts, "port and secrets are chosen once");
    }
}

#[test]
fn two_portals_do_not_share_a_folder() {
    let folder = tempfile::tempdir().expect("folder");
    let (_running, _) = demo(folder.path());
    let second = Command::new(env!("CARGO_BIN_EXE_vestibule-portal"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .output()
        .expect("ran");
    assert_eq!(second.status.code(), Some(1));
    let text = String::from_utf8_lossy(&second.stderr);
    assert!(text.contains("another portal is serving"), "{text}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let (_running, _) = demo(folder.path());
    let data = folder.path().join("data");
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("metadata")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&folder.path().join("facts.json")), 0o600);
    for entry in std::fs::read_dir(&data).expect("folder") {
        let path = entry.expect("entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_many_open_at_once_is_made_once() {
    let folder = tempfile::tempdir().expect("folder");
    let mut opening = JoinSet::new();
    for _ in 0..8 {
        let folder = folder.path().to_owned();
        opening.spawn(async move { Store::open(&folder).await.expect("opened") });
    }
    let stores = opening.join_all().await;
    for (number, store) in stores.iter().enumerate() {
        sqlx::query("INSERT INTO instance_settings (name, value) VALUES ($1, 'written')")
            .bind(number.to_string())
            .execute(store.pool())
            .await
            .expect("written");
    }
    for store in &stores {
        let written = "SELECT COUNT(*) FROM instance_settings WHERE value = 'written'";
        let written: i64 = sqlx::query_scalar(written)
            .fetch_one(store.pool())
            .await
            .expect("read");
        assert_eq!(written, 8);
    }
}

#[test]
fn plain_http_stays_on_this_machine() {
    let folder = tempfile::tempdir().expect("folder");
    let refused = Command::new(env!("CARGO_BIN_EXE_vestibule-portal"))
        .args(["demo", "--listen", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .output()
        .expect("ran");
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(text.contains("not a loopback address"), "{text}");
}
