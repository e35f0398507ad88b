//! Commands that run with a role: what they find in their environment, and how they end.

mod terminal;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use ipc::message::{Credentials, Request, Response, Role};
use time::macros::datetime;

use crate::fake::Home;

/// An account's name that shells would run, if they could.
const NAME: &str = r"Pay $(touch broken) `touch broken` %n\w";
const LIMIT: Duration = Duration::from_secs(60);

/// An agent with one role of a portal outside AWS.
fn home() -> Home {
    Home::with_agent(|request| match request {
        Request::Credentials { .. } => Some(Response::Credentials(Credentials {
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: "the-secret".into(),
            session_token: "it's".into(),
            expiration: datetime!(2026-11-22 18:44:40 UTC),
        })),
        Request::Role { .. } => Some(Response::Role(Role {
            session: "acme".into(),
            account_id: "111122223333".into(),
            account_name: NAME.into(),
            role_name: "Billing".into(),
            region: "eu-west-1".into(),
            sts_endpoint: Some("http://127.0.0.1:9/".parse().unwrap()),
        })),
        _ => None,
    })
}

/// `vestibule exec` with what system programs need to be found, as a shell with job control would
/// start it: whatever started this test may ignore signals, and its process group may be an
/// orphaned one, which nothing stops.
fn exec(home: &Home, options: &[&str], command: &[&str]) -> Command {
    let plain = home.plain(&[&["exec", "pay", "Bil"], options, &["--"], command].concat());
    let mut exec = Command::new("/usr/bin/env");
    exec.arg("--default-signal")
        .arg(plain.get_program())
        .args(plain.get_args())
        .current_dir(home.path())
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .process_group(0);
    exec
}

#[test]
fn every_shell_gets_its_own_lines_to_take_in_and_to_forget() {
    let home = home();
    for (shell, set, unset) in [
        (
            "zsh",
            r"export AWS_SESSION_TOKEN='it'\''s'",
            "unset AWS_PROFILE\nunset VESTIBULE_ROLE\n",
        ),
        (
            "fish",
            r"set -gx AWS_SESSION_TOKEN 'it\'s'",
            "set -e AWS_PROFILE\nset -e VESTIBULE_ROLE\n",
        ),
        (
            "powershell",
            "$Env:AWS_SESSION_TOKEN = 'it''s'",
            "Remove-Item Env:AWS_PROFILE -ErrorAction Ignore\n\
             Remove-Item Env:VESTIBULE_ROLE -ErrorAction Ignore\n",
        ),
    ] {
        let printed = |args: &[&str]| {
            let mut run = home.plain(&[&["env", "--shell", shell], args].concat());
            run.env("AWS_PROFILE", "mine").env("VESTIBULE_ROLE", "A/b");
            let run = run.output().unwrap();
            assert!(run.status.success(), "{shell}");
            String::from_utf8(run.stdout).unwrap()
        };
        let lines = printed(&["pay", "Bil"]);
        let mut words = unset.split("VESTIBULE").next().unwrap().lines();
        assert!(lines.starts_with(words.next().unwrap()), "{lines}");
        assert!(lines.lines().any(|line| line == set), "{lines}");
        assert_eq!(printed(&["--unset"]), unset);
    }
}

#[test]
fn a_region_that_came_with_a_role_goes_with_it() {
    let home = home();
    let own = "AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1";
    let printed = |args: &[&str], user: &str| {
        let mut run = home.plain(&[&["env", "--shell", "sh"], args].concat());
        run.env("AWS_REGION", user)
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("VESTIBULE_REGIONS", own);
        String::from_utf8(run.output().unwrap().stdout).unwrap()
    };
    let unset = "unset VESTIBULE_REGIONS\nunset AWS_REGION\nunset AWS_DEFAULT_REGION\n";
    assert_eq!(printed(&["--unset"], "us-east-1"), unset);
    let next = printed(&["pay", "Bil"], "us-east-1");
    assert!(
        next.contains("export AWS_DEFAULT_REGION='eu-west-1'"),
        "{next}"
    );
    // One that the user chose since stands.
    let unset = "unset VESTIBULE_REGIONS\nunset AWS_DEFAULT_REGION\n";
    assert_eq!(printed(&["--unset"], "ap-south-1"), unset);
    let next = printed(&["pay", "Bil"], "ap-south-1");
    assert!(!next.contains("AWS_REGION=eu"), "{next}");
    assert!(
        next.contains("export AWS_DEFAULT_REGION='ap-south-1'"),
        "{next}"
    );
}

const BOTH: [&[&str]; 2] = [&[], &["--refreshable"]];

#[test]
fn a_command_has_the_roles_credentials_and_no_others() {
    let home = home();
    let run = exec(&home, &[], &["env"])
        .env("AWS_PROFILE", "mine")
        .env("AWS_SECURITY_TOKEN", "old")
        .env("AWS_PAGER", "cat")
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8(run.stdout).unwrap(),
        String::from_utf8(run.stderr).unwrap(),
    );
    let mut aws: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with("AWS_"))
        .collect();
    aws.sort_unstable();
    assert_eq!(
        aws,
        [
            "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
            "AWS_ACCOUNT_ID=111122223333",
            "AWS_CREDENTIAL_EXPIRATION=2026-11-22T18:44:40Z",
            "AWS_DEFAULT_REGION=eu-west-1",
            "AWS_ENDPOINT_URL_STS=http://127.0.0.1:9",
            "AWS_PAGER=cat",
            "AWS_REGION=eu-west-1",
            "AWS_SECRET_ACCESS_KEY=the-secret",
            "AWS_SESSION_TOKEN=it's",
        ]
    );
    assert_eq!(
        err,
        "warning: set here already, and replaced for the command: AWS_PROFILE, AWS_SECURITY_TOKEN\n"
    );
}

#[test]
fn a_region_that_is_set_stands_unless_another_is_asked_for() {
    let home = home();
    let regions = |options: &[&str]| {
        let mut exec = exec(
            &home,
            options,
            &["sh", "-c", "echo $AWS_REGION,$AWS_DEFAULT_REGION"],
        );
        let run = exec
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .output()
            .unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    assert_eq!(regions(&[]), "us-east-1,us-east-1\n");
    assert_eq!(
        regions(&["--region", "eu-north-1"]),
        "eu-north-1,eu-north-1\n"
    );
}

#[test]
fn exit_codes_pass_through_and_commands_that_cannot_run_have_the_shells() {
    let home = home();
    fs::write(home.path().join("text"), "no program").unwrap();
    fs::set_permissions(home.path().join("text"), fs::Permissions::from_mode(0o600)).unwrap();
    for options in BOTH {
        for (command, code, said) in [
            (&["true"][..], 0, ""),
            (&["sh", "-c", "exit 42"], 42, ""),
            (&["sh", "-c", "kill -TERM $$"], 143, ""),
            (
                &["no-such-command"],
                127,
                "error: There is no command no-such-command.\n",
            ),
            (
                &["./text"],
                126,
                "error: The command ./text cannot be run: Permission denied",
            ),
        ] {
            let run = exec(&home, options, command).output().unwrap();
            let err = String::from_utf8(run.stderr).unwrap();
            assert_eq!(
                shell_code(run.status),
                code,
                "{options:?} {command:?}: {err}"
            );
            assert!(
                err.starts_with(said) && err.is_empty() == said.is_empty(),
                "{err}"
            );
        }
    }
}

/// As a shell counts: without an attendant the command is the program and dies of the signal.
fn shell_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap())
}

#[test]
fn a_refreshable_command_asks_an_endpoint_that_ends_with_it() {
    let home = home();
    let script = "env > told && mv told environment && read line < end";
    let pipe = home.path().join("end");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut child = exec(&home, &["--refreshable"], &["sh", "-c", script])
        .spawn()
        .unwrap();
    let environment = home.path().join("environment");
    wait_for("the environment is told", || environment.exists());
    let environment = fs::read_to_string(environment).unwrap();
    assert!(
        !environment.contains("AWS_SECRET_ACCESS_KEY"),
        "{environment}"
    );
    let value = |name: &str| {
        let found = environment
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        found.unwrap().to_owned()
    };
    let url = value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    assert!(get(&url, &token).unwrap().contains(r#""Token":"it's""#));
    assert!(get(&url, "guess").unwrap().contains("wrong_token"));
    fs::write(pipe, "\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(get(&url, &token).is_err());
}

fn get(url: &str, token: &str) -> std::io::Result<String> {
    let (address, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn signals_reach_the_command_once() {
    let home = home();
    for options in BOTH {
        for signal in ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"] {
            let script = format!(
                "trap 'echo x >> heard; sleep 0.2; wc -l < heard > count; exit 7' {signal}; \
                 : > ready; while :; do sleep 0.01; done"
            );
            for file in ["ready", "heard", "count"] {
                let _ = fs::remove_file(home.path().join(file));
            }
            let mut child = exec(&home, options, &["sh", "-c", &script])
                .spawn()
                .unwrap();
            let ready = home.path().join("ready");
            wait_for("the command runs", || ready.exists());
            kill(&child, signal);
            assert_eq!(ended(&mut child).code(), Some(7), "{options:?} {signal}");
            let count = fs::read_to_string(home.path().join("count")).unwrap();
            assert_eq!(count.trim(), "1", "{options:?} {signal}");
        }
    }
}

#[test]
fn a_command_stops_and_goes_on_with_its_attendant() {
    let home = home();
    let script = "echo $$ > told && mv told pid; while ! [ -e end ]; do sleep 0.01; done";
    let mut child = exec(&home, &["--refreshable"], &["sh", "-c", script])
        .spawn()
        .unwrap();
    let pid = home.path().join("pid");
    wait_for("the command runs", || pid.exists());
    let command = fs::read_to_string(pid).unwrap().trim().to_owned();
    kill(&child, "TSTP");
    wait_for("both stop", || {
        state(&command) == Some('T') && state(&child.id().to_string()) == Some('T')
    });
    kill(&child, "CONT");
    wait_for("both go on", || {
        state(&command) != Some('T') && state(&child.id().to_string()) != Some('T')
    });
    fs::write(home.path().join("end"), "").unwrap();
    assert!(ended(&mut child).success());
}

fn kill(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .args([&format!("-{signal}"), &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// The letter of proc(5): `T` is stopped.
fn state(pid: &str) -> Option<char> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn ended(child: &mut Child) -> ExitStatus {
    wait_for("the command ends", || child.try_wait().unwrap().is_some());
    child.wait().unwrap()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
