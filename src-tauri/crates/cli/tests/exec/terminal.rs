//! Commands and shells in a real terminal.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::{NAME, ended, home, state, wait_for};
use crate::fake::Home;

/// Notes who it and its attendant are, waits for Ctrl-C and counts how often it comes. A shell's
/// trap would take two at once for one.
const COUNTING: &str = r#"
import os, signal, socket, sys, time
heard, hearing = socket.socketpair()
hearing.setblocking(False)
signal.set_wakeup_fd(hearing.fileno())
signal.signal(signal.SIGINT, lambda *_: None)
with open("told", "w") as told:
    print(os.getpid(), os.getppid(), file=told)
os.rename("told", "pids")
count = len(heard.recv(1))
time.sleep(0.3)
heard.setblocking(False)
try:
    count += len(heard.recv(100))
except BlockingIOError:
    pass
with open("told", "w") as told:
    print(count, file=told)
os.rename("told", "count")
sys.exit(7)
"#;

#[test]
fn keys_reach_the_command_once_and_stop_the_whole_job() {
    let home = home();
    let file = |name: &str| home.path().join(name);
    fs::write(file("counting"), COUNTING).unwrap();
    let mut terminal = terminal(&home, "bash --norc --noprofile -i", "bash");
    let mut typed = terminal.stdin.take().unwrap();
    let vestibule = env!("CARGO_BIN_EXE_vestibule");
    writeln!(
        typed,
        "'{vestibule}' exec pay Bil --refreshable -- python3 counting"
    )
    .unwrap();
    wait_for("the command runs", || file("pids").exists());
    let pids = fs::read_to_string(file("pids")).unwrap();
    let stopped = || pids.split_whitespace().all(|pid| state(pid) == Some('T'));
    let running = || pids.split_whitespace().all(|pid| state(pid) != Some('T'));
    typed.write_all(b"\x1a").unwrap();
    wait_for("Ctrl-Z stops both", stopped);
    typed.write_all(b"fg\n").unwrap();
    wait_for("both go on", running);
    typed.write_all(b"\x03").unwrap();
    wait_for("Ctrl-C is counted", || file("count").exists());
    typed.write_all(b"echo $? > code\n").unwrap();
    wait_for("the code is known", || {
        fs::read_to_string(file("code")).is_ok_and(|code| !code.is_empty())
    });
    assert_eq!(fs::read_to_string(file("count")).unwrap().trim(), "1");
    assert_eq!(fs::read_to_string(file("code")).unwrap().trim(), "7");
    typed.write_all(b"exit\n").unwrap();
    terminal.wait().unwrap();
}

#[test]
fn a_shell_shows_the_role_and_runs_nothing_of_its_name() {
    for shell in ["bash", "zsh", "fish"] {
        let home = home();
        let command = format!("'{}' shell pay Bil", env!("CARGO_BIN_EXE_vestibule"));
        let mut terminal = terminal(&home, &command, shell);
        let mut typed = terminal.stdin.take().unwrap();
        let seen = || {
            let seen = fs::read(home.path().join("seen")).unwrap_or_default();
            String::from_utf8_lossy(&seen).into_owned()
        };
        let prompt = format!("({NAME}/Billing) ");
        wait_for(shell, || seen().contains(&prompt));
        typed.write_all(b"exit 3\r").unwrap();
        assert_eq!(ended(&mut terminal).code(), Some(3), "{shell}");
        assert!(!home.path().join("broken").exists(), "{shell}");
    }
}

/// A terminal that runs a command, and writes what it shows into the file `seen`.
fn terminal(home: &Home, command: &str, shell: &str) -> Child {
    let plain = home.plain(&[]);
    let environment = plain.get_envs();
    Command::new("script")
        .args(["-q", "-e", "-f", "-c", command, "seen"])
        .current_dir(home.path())
        .env_clear()
        .envs(environment.filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", format!("/usr/bin/{shell}"))
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
