//! `vestibule doctor`, `vestibule status` and `vestibule log` with the real agent, in surroundings
//! that are whole and in ones that are broken.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ipc::client::Connection;
use ipc::message::Request;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// A home folder; an agent that was started in it ends with it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with a session named `acme` at that portal.
    fn with_portal(portal: SocketAddr) -> Self {
        let home = Self::new();
        let settings = format!(
            "version = 1\n[[sessions]]\nname = \"acme\"\n\
             start_url = \"http://{portal}/start\"\nregion = \"eu-west-1\"\n"
        );
        home.write(".config/vestibule/settings.toml", &settings);
        home
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn runtime(&self) -> PathBuf {
        let folder = self.file(".local/share/vestibule/run");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        folder
    }

    fn vestibule(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(args).env_clear().env("HOME", self.0.path());
        command
    }

    /// What the doctor finds, and whether it says that nothing is wrong.
    fn doctor(&self, variables: &[(&str, &str)]) -> (Findings, bool) {
        let mut command = self.vestibule(&["doctor", "--json"]);
        let run = command.envs(variables.iter().copied()).output().unwrap();
        let report: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(run.stderr, b"", "{report:#}");
        let well = report["ok"].as_bool().unwrap();
        assert_eq!(run.status.code(), Some(if well { 0 } else { 1 }));
        (Findings(report), well)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let socket = self.file(".local/share/vestibule/run/agent.sock");
        if let Ok(mut agent) = Connection::connect(&socket, "test") {
            let _ = agent.request(&Request::TakeOver, |_| {});
        }
    }
}

struct Findings(Value);

impl Findings {
    /// Outcome and message of everything found of that part.
    fn of<'a>(&'a self, part: &str) -> Vec<(&'a str, &'a str)> {
        let checks = self.0["checks"].as_array().unwrap().iter();
        let text = |finding: &'a Value, key: &str| finding[key].as_str().unwrap();
        checks
            .filter(|finding| finding["part"] == part)
            .map(|finding| (text(finding, "outcome"), text(finding, "message")))
            .collect()
    }
}

fn text(output: &Output) -> (&str, &str) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// A portal that signs nobody in; its clock is off by so many seconds.
fn portal(skew: i64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut request = [0; 4096];
            let _ = client.read(&mut request).unwrap();
            let now = time::OffsetDateTime::now_utc() + time::Duration::seconds(skew);
            let date = now
                .format(time::macros::format_description!(
                    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
                ))
                .unwrap();
            let body = r#"{"message":"no","error":"invalid_client"}"#;
            let answer = format!(
                "HTTP/1.1 401 Unauthorized\r\nDate: {date}\r\n\
                 x-amzn-ErrorType: UnauthorizedException\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = client.write_all(answer.as_bytes());
        }
    });
    address
}

fn nobody() -> SocketAddr {
    ([127, 0, 0, 1], 1).into()
}

#[test]
fn nothing_is_wrong_where_a_portal_answers_and_nothing_is_changed() {
    let home = Home::with_portal(portal(0));
    let before = fs::read_dir(home.0.path()).unwrap().count();
    let (findings, well) = home.doctor(&[]);
    assert!(well, "{:#}", findings.0);
    assert_eq!(findings.of("portal")[0].0, "ok");
    assert_eq!(findings.of("clock")[0].0, "ok");
    assert_eq!(findings.of("agent")[0].0, "ok");
    // Without a bus there is no keyring, which does not keep one from working.
    assert_eq!(findings.of("keyring")[0].0, "warning");
    let after = fs::read_dir(home.0.path()).unwrap().count();
    assert_eq!(before, after, "no agent was started");
}

#[test]
fn a_clock_that_goes_wrong_is_told() {
    let home = Home::with_portal(portal(-7200));
    let (findings, well) = home.doctor(&[]);
    assert!(!well);
    let (outcome, message) = findings.of("clock")[0];
    assert_eq!(outcome, "wrong");
    assert!(message.contains("ahead of the portal's"), "{message}");
}

#[test]
fn everything_broken_at_once_is_told_line_by_line_without_a_secret() {
    let home = Home::with_portal(nobody());
    home.write(".aws/config", "[profile a]\n[profile a]\n");
    home.write(".aws/credentials", "[a]\naws_access_key_id = AKIAs3cret\n");
    let open = Permissions::from_mode(0o644);
    fs::set_permissions(home.file(".aws/credentials"), open).unwrap();
    let socket = home.runtime().join("agent.sock");
    drop(UnixListener::bind(socket).unwrap());
    let variables = [
        ("HTTPS_PROXY", "http://ana:s3cret@proxy.example:3128"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ("AWS_SESSION_TOKEN", "s3cret"),
        ("BROWSER", "/nonexistent/browser"),
    ];
    let (findings, well) = home.doctor(&variables);
    assert!(!well);
    assert_eq!(findings.of("portal")[0].0, "wrong");
    assert_eq!(findings.of("clock"), []);
    assert_eq!(findings.of("agent")[0].0, "warning");
    assert_eq!(findings.of("browser")[0].0, "wrong");
    assert_eq!(findings.of("environment")[0].0, "warning");
    let files = findings.of("AWS files");
    assert!(
        files[0].1.contains(".aws/config, line 2, column "),
        "{files:?}"
    );
    assert!(files[1].1.contains(".aws/credentials"), "{files:?}");
    assert!(!findings.0.to_string().contains("s3cret"));
    let run = home
        .vestibule(&["doctor"])
        .envs(variables)
        .output()
        .unwrap();
    let (told, errors) = text(&run);
    assert_eq!((run.status.code(), errors), (Some(1), ""));
    assert!(told.contains("things are wrong"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn broken_settings_keep_nothing_else_from_being_looked_at() {
    let home = Home::new();
    home.write(
        ".config/vestibule/settings.toml",
        "version = 1\nbrowser = \n",
    );
    let (findings, well) = home.doctor(&[]);
    assert!(!well);
    let (outcome, message) = findings.of("settings")[0];
    assert_eq!(outcome, "wrong");
    assert!(message.contains("settings.toml, line 2"), "{message}");
    assert_eq!(findings.of("AWS files")[0].0, "ok");
}

#[test]
fn an_agent_that_says_nothing_is_given_up_on() {
    let home = Home::with_portal(portal(0));
    let _silent = UnixListener::bind(home.runtime().join("agent.sock")).unwrap();
    let (findings, _) = home.doctor(&[]);
    let (outcome, message) = findings.of("agent")[0];
    assert_eq!(outcome, "wrong");
    assert!(message.ends_with("does not answer."), "{message}");
}

#[test]
fn the_socket_in_a_folder_that_others_enter_is_told() {
    let home = Home::with_portal(portal(0));
    let open = Permissions::from_mode(0o755);
    fs::set_permissions(home.runtime(), open).unwrap();
    let (findings, _) = home.doctor(&[]);
    let (outcome, message) = findings.of("agent")[0];
    assert_eq!(outcome, "wrong");
    assert!(message.contains("0700"), "{message}");
}

#[test]
fn a_running_agent_tells_its_release_and_what_its_sessions_lack() {
    let home = Home::with_portal(nobody());
    let status = home.vestibule(&["status"]).output().unwrap();
    assert_eq!(text(&status).1, "");
    assert!(text(&status).0.starts_with("acme  signed out\n"));
    let (findings, _) = home.doctor(&[]);
    let expected = concat!("It runs: vestibule ", env!("CARGO_PKG_VERSION"), ".");
    assert_eq!(findings.of("agent"), [("ok", expected)]);
}

fn credentials(home: &Home) -> Command {
    home.vestibule(&[
        "credentials",
        "--account",
        "111122223333",
        "--role",
        "Admin",
    ])
}

#[test]
fn the_log_says_who_asked_for_what_and_how_it_ended() {
    let home = Home::with_portal(nobody());
    let log = home.vestibule(&["log"]).output().unwrap();
    let (lines, told) = text(&log);
    assert_eq!(lines, "");
    let said = told.strip_prefix("Nothing was noted since ");
    assert!(said.is_some_and(|when| when.contains(", ")), "{told}");
    let mut follow = home
        .vestibule(&["log", "--follow", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = credentials(&home).output().unwrap();
    assert!(!asked.status.success());
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    let mut records: Vec<Value> = Vec::new();
    while !records.iter().any(|record| record["act"] == "credentials") {
        let line = lines.next().expect("the log goes on").unwrap();
        records.push(serde_json::from_str(&line).unwrap());
    }
    follow.kill().unwrap();
    follow.wait().unwrap();
    let record = records.pop().unwrap();
    assert_eq!(record["way"], "credential_process");
    assert_eq!(record["account_id"], "111122223333");
    assert_eq!(record["role_name"], "Admin");
    assert_eq!(record["failure"], "portal_unreachable");
    // The command's own parent: this very test.
    assert_eq!(record["pid"], std::process::id());
    let log = home
        .vestibule(&["log", "--since", "1h", "--role", "adm"])
        .output()
        .unwrap();
    let (shown, _) = text(&log);
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert!(shown.contains("111122223333 / Admin"), "{shown}");
    let other = home
        .vestibule(&["log", "--role", "billing"])
        .output()
        .unwrap();
    assert_eq!(text(&other).0, "");
    let nonsense = home
        .vestibule(&["log", "--since", "long ago"])
        .output()
        .unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}

#[test]
fn a_journal_that_cannot_be_written_disturbs_nobody() {
    let home = Home::with_portal(nobody());
    home.write(".local/share/vestibule/journal", "in the way");
    for _ in 0..3 {
        let asked = credentials(&home).output().unwrap();
        assert!(text(&asked).1.contains("cannot be reached"), "{asked:?}");
    }
    let told = || {
        let log = fs::read_to_string(home.file(".local/share/vestibule/agent.log")).unwrap();
        log.matches("The journal cannot be written").count()
    };
    let deadline = Instant::now() + LIMIT;
    while told() == 0 {
        assert!(Instant::now() < deadline, "the user is told");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(told(), 1);
}
