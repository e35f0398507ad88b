//! The command and the real agent that it starts.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use ipc::client::{Connection, Error};
use ipc::message::{Request, Response, SessionState};
use rustix::process::{Pid, Signal, kill_process};

const LIMIT: Duration = Duration::from_secs(60);

/// Ends the agent of a home even where the test fails.
struct Home(tempfile::TempDir);

impl Home {
    /// As a shell would start it: whatever started this test may ignore Ctrl-C.
    fn vestibule(&self, args: &[&str]) -> Command {
        let mut command = Command::new("/usr/bin/env");
        command
            .args(["--default-signal", env!("CARGO_BIN_EXE_vestibule")])
            .args(args)
            .env_clear()
            .env("HOME", self.0.path());
        command
    }

    fn data(&self) -> std::path::PathBuf {
        self.0.path().join(".local/share/vestibule")
    }

    fn connect(&self) -> Result<Connection, Error> {
        Connection::connect(&self.data().join("run/agent.sock"), "test")
    }
}

impl Home {
    /// Waits until the only session stands there.
    fn stands(&self, state: SessionState) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let answer = self.connect().unwrap().request(&Request::Status, |_| {});
            let Ok(Response::Status { sessions, .. }) = answer else {
                panic!("{answer:?}")
            };
            if sessions[0].state == state {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "it stays {:?}",
                sessions[0].state
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Ok(mut agent) = self.connect() {
            let _ = agent.request(&Request::TakeOver, |_| {});
        }
    }
}

fn text(output: &Output) -> (&str, &str) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_login_that_is_interrupted_leaves_no_sign_in_behind() {
    let home = Home(tempfile::tempdir().unwrap());
    // A portal that takes calls and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let start_url = format!("http://{}/start", silent.local_addr().unwrap());
    let add = ["portal", "add", &start_url, "--region", "eu-west-1"];
    let added = home.vestibule(&add).output().unwrap();
    assert!(added.status.success(), "{}", text(&added).1);
    let mut login = home
        .vestibule(&["login", "--print-url"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    home.stands(SessionState::SigningIn);
    kill_process(Pid::from_child(&login), Signal::INT).unwrap();
    assert_eq!(login.wait().unwrap().signal(), Some(2));
    home.stands(SessionState::SignedOut);
}

#[test]
fn many_callers_start_one_agent_which_leaves_when_a_tray_takes_over() {
    let home = Home(tempfile::tempdir().unwrap());
    let callers: Vec<Output> = std::thread::scope(|scope| {
        let status = || home.vestibule(&["status", "--json"]).output().unwrap();
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(status)).collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    for caller in &callers {
        assert_eq!(
            text(caller),
            ("{\n  \"sessions\": [],\n  \"kept\": []\n}\n", "")
        );
    }
    let log = std::fs::read_to_string(home.data().join("agent.log")).unwrap();
    assert!(!log.contains("error: "), "{log}");

    let mut agent = home.connect().unwrap();
    let answer = agent.request(&Request::TakeOver, |_| {}).unwrap();
    assert!(matches!(answer, Response::Done), "{answer:?}");
    let deadline = Instant::now() + LIMIT;
    while home.connect().is_ok() {
        assert!(Instant::now() < deadline, "the agent stays");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_second_agent_says_that_there_is_one() {
    let home = Home(tempfile::tempdir().unwrap());
    assert!(home.vestibule(&["status"]).status().unwrap().success());
    let second = home.vestibule(&["agent"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let (_, told) = text(&second);
    assert!(
        told.contains("error: Another agent is running.\n"),
        "{told}"
    );
}

#[test]
fn an_agent_that_cannot_start_is_explained() {
    let home = Home(tempfile::tempdir().unwrap());
    std::fs::create_dir_all(home.data().join("run/agent.lock")).unwrap();
    make_private(&home.data().join("run"));
    let run = home.vestibule(&["status"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let (_, told) = text(&run);
    assert!(
        told.starts_with("error: The agent did not start: "),
        "{told}"
    );
    assert!(told.contains("agent.lock"), "{told}");
}

fn make_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn portals_of_the_config_file_are_adopted_by_the_real_agent() {
    let home = Home(tempfile::tempdir().unwrap());
    std::fs::create_dir(home.0.path().join(".aws")).unwrap();
    let config = "[sso-session one]\nsso_start_url = http://127.0.0.1:1/start\nsso_region = eu-west-1\n\
                  [profile old]\nsso_start_url = http://127.0.0.1:2/start\nsso_region = us-east-1\n";
    std::fs::write(home.0.path().join(".aws/config"), config).unwrap();
    for expected in ["one\nportal\n", ""] {
        let import = home.vestibule(&["import"]).output().unwrap();
        let (names, told) = text(&import);
        assert_eq!(names, expected, "{told}");
    }
    let list = home.vestibule(&["portal", "list"]).output().unwrap();
    let (sessions, _) = text(&list);
    assert_eq!(sessions.lines().count(), 2, "{sessions}");
}
