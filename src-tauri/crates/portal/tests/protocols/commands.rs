//! The program's commands, as an administrator types them.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use crate::{durability::post, house::reserved_port};

const ORGANIZATION: &str = r#"
    accounts = [{ id = "123456789012", name = "Only", email = "only@example.com" }]
    users = [{ user_name = "ana", display_name = "Ana", email = "ana@example.com" }]
    permission_sets = [{ name = "Write" }]
    assignments = [{ user = "ana", permission_sets = ["Write"], accounts = ["Only"] }]
"#;

fn portal(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule-portal"));
    command.args(arguments);
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    portal(arguments).output().expect("ran")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a configuration for `serve` and a declaration.
pub(crate) struct Site {
    folder: TempDir,
    pub(crate) start_url: String,
    _port: TcpSocket,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// With these lines in its configuration besides.
    pub(crate) fn with(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let port = reserved_port(0);
        let address = port.local_addr().expect("address");
        let config = format!(
            "origin = \"http://{address}\"\nlisten = \"{address}\"\ndata = {:?}\n\
             rate_limit = 0\n{more}",
            folder.path().join("data")
        );
        fs::write(folder.path().join("portal.toml"), config).expect("written");
        fs::write(folder.path().join("organization.toml"), ORGANIZATION).expect("written");
        Self {
            folder,
            start_url: format!("http://{address}/start"),
            _port: port,
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(&[arguments, &["--config", &self.path("portal.toml")]].concat())
    }

    /// What the program prints; it must succeed.
    #[track_caller]
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    pub(crate) fn serve(&self) -> Running {
        Running::start(&["serve", "--config", &self.path("portal.toml")])
    }
}

/// A command under way, with what it prints; killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = portal(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
        let stdout = child.stdout.take().expect("piped");
        let (sender, lines) = mpsc::channel();
        let printed: Lines<BufReader<ChildStdout>> = BufReader::new(stdout).lines();
        thread::spawn(move || {
            printed
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    pub(crate) fn line(&self) -> String {
        let patience = Duration::from_secs(60);
        self.lines.recv_timeout(patience).expect("a line")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

#[test]
fn a_declaration_is_applied_once() {
    let site = Site::new();
    let file = site.path("organization.toml");
    let first = site.run(&["apply", &file]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let printed = text(&first.stdout);
    assert!(
        printed.starts_with("+ account 123456789012 Only\n"),
        "{printed}"
    );
    assert!(printed.ends_with("4 changes.\n"), "{printed}");
    let second = site.run(&["apply", &file]);
    assert_eq!(text(&second.stdout), "Nothing to change.\n");

    fs::write(&file, ORGANIZATION.replace("\"Only\"]", "\"Other\"]")).expect("written");
    let broken = site.run(&["apply", &file]);
    assert_eq!(broken.status.code(), Some(1));
    let complaint = text(&broken.stderr);
    assert!(
        complaint.contains("names the account \"Other\", which the file does not declare"),
        "{complaint}"
    );
}

#[test]
fn a_portal_is_served_and_its_trail_followed() {
    let site = Site::new();
    let mut serving = site.serve();
    assert_eq!(
        serving.line(),
        format!("The portal serves at {}", site.start_url)
    );
    assert!(serving.line().starts_with("Nobody can sign in yet."));
    let command = serving.line();
    let config = site.path("portal.toml");
    assert!(command.starts_with("  vestibule-portal enable ") && command.ends_with(&config));
    let following = Running::start(&[
        "audit",
        "--follow",
        "--json",
        "--config",
        &site.path("portal.toml"),
    ]);
    let facts = json!({ "start_url": site.start_url });
    let client = json!({ "clientName": "followed", "clientType": "public" });
    assert_eq!(post(&facts, "/client/register", &client).0, 200);
    let event: Value = serde_json::from_str(&following.line()).expect("JSON");
    assert_eq!(event["eventName"], "RegisterClient");
    assert_eq!(event["sourceIPAddress"], "127.0.0.1");
    assert_eq!(event["additionalEventData"]["clientName"], "followed");

    let all = site.run(&["audit"]);
    assert!(
        text(&all.stdout).ends_with("RegisterClient: ok\n"),
        "{}",
        text(&all.stdout)
    );

    stop(&serving.child);
    let ended = serving.child.wait().expect("ended");
    assert!(ended.success(), "{ended}");
}

fn stop(child: &Child) {
    let ended = Command::new("kill").arg(child.id().to_string()).status();
    assert!(ended.expect("ran").success());
}

#[test]
fn an_administrator_gives_a_one_time_password() {
    let site = Site::new();
    assert!(
        site.run(&["apply", &site.path("organization.toml")])
            .status
            .success()
    );
    let given = text(&site.run(&["password", "ana"]).stdout);
    let password = given
        .strip_prefix("One-time password of ana: ")
        .expect("said so")
        .trim();
    assert_eq!(password.len(), 16);
    let unknown = site.run(&["password", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(
        text(&unknown.stderr),
        "error: there is no user \"nobody\"\n"
    );
    let trail = text(&site.run(&["audit", "--json"]).stdout);
    assert!(trail.contains("UpdatePassword") && !trail.contains(password));
}

#[test]
fn a_configuration_that_is_unsafe_or_means_nothing_is_refused() {
    let site = Site::new();
    let file = site.path("portal.toml");
    for (config, complaint) in [
        (
            "origin = \"http://sso.example.com\"",
            "plain http is for this machine only",
        ),
        (
            "origin = \"http://localhost:1\"\nlisten = \"0.0.0.0:1\"",
            "0.0.0.0:1 is not a loopback address",
        ),
        (
            "origin = \"https://sso.example.com/portal\"",
            "scheme, host and port only",
        ),
        (
            "origin = \"https://sso.example.com\"\nlisten = \"0.0.0.0:1\"",
            "if a proxy brings the TLS, its addresses in trusted_proxies",
        ),
        (
            "origin = \"http://localhost:1\"\ntls = { certificate = \"c\", key = \"k\" }",
            "origin must be https where there is [tls]",
        ),
        (
            "origin = \"http://localhost:1\"\ndatabase = \"mysql://u:secret@h/d\"",
            "database must be postgres://",
        ),
        (
            "origin = \"https://sso.example.com\"\npassword = \"x\"",
            "unknown field `password`",
        ),
        (
            "origin = \"http://localhost:1\"\npartition = \"aws_cn\"",
            "partition must be one of aws, aws-cn, aws-us-gov, aws-eusc",
        ),
        (
            "origin = \"http://localhost:1\"\nsession_seconds = 0",
            "session_seconds = 0",
        ),
        (
            "origin = \"http://localhost:1\"\nconnections = 0",
            "connections = 0",
        ),
    ] {
        fs::write(&file, format!("{config}\ndata = \"unused\"\n")).expect("written");
        let refused = site.run(&["serve"]);
        assert_eq!(refused.status.code(), Some(1));
        let text = text(&refused.stderr);
        assert!(text.contains(complaint), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn the_configuration_that_help_shows_is_one() {
    let site = Site::new();
    let help = text(&run(&["serve", "--help"]).stdout);
    let (_, example) = help.split_once("origin = ").expect("an example");
    let (example, _) = example.split_once("\nBegin").expect("an end");
    let data = site.path("nowhere");
    let password_file = site.path("smtp");
    fs::write(&password_file, "secret\n").expect("written");
    let config = format!("origin = {example}")
        .replace("/var/lib/vestibule-portal", &data)
        .replace("/etc/vestibule/smtp", &password_file);
    fs::write(site.path("portal.toml"), config).expect("written");
    let complaint = text(&site.run(&["audit"]).stderr);
    assert!(
        complaint.contains(&format!("there is no portal in {data}")),
        "{complaint}"
    );
}

#[test]
fn a_missing_portal_is_not_made_by_looking_at_it() {
    let folder = tempfile::tempdir().expect("folder");
    let missing = folder.path().join("missing");
    let looked = run(&["audit", "--data", missing.to_str().expect("UTF-8")]);
    assert_eq!(looked.status.code(), Some(1));
    assert!(text(&looked.stderr).contains("there is no portal in"));
    assert!(!Path::exists(&missing));
}

#[test]
fn every_help_ends_with_what_all_commands_take() {
    let shared = ["--data", "--config", "--log", "-h,"];
    for command in [
        &["enable"][..],
        &["apply"],
        &["export"],
        &["audit"],
        &["restore"],
        &["admin", "users", "add"],
        &["admin-key", "create"],
    ] {
        let help = text(&run(&[command, &["-h"]].concat()).stdout);
        let (_, options) = help.split_once("Options:\n").expect("options");
        let options: Vec<&str> = options
            .lines()
            .map_while(|line| line.split_whitespace().next())
            .filter(|word| word.starts_with('-'))
            .collect();
        assert!(options.ends_with(&shared), "{command:?}: {options:?}");
    }
}

#[test]
fn a_file_that_is_no_store_is_one_at_once() {
    let site = Site::new();
    let data = site.path("data");
    fs::create_dir(&data).expect("made");
    fs::write(Path::new(&data).join("portal.db"), "no database\n").expect("written");
    let refused = site.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    let complaint = text(&refused.stderr);
    let reason = complaint.matches("file is not a database");
    assert_eq!(reason.count(), 1, "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}
