//! A command in a real terminal: keys reach it once, and the job stops and goes on as one.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{home, state, wait_for};

/// Notes who it and its attendant are, waits for Ctrl-C and counts how often it comes.
const COUNTING: &str = "\
trap 'echo x >> heard' INT
echo $$ $PPID > told && mv told pids
while ! [ -e heard ]; do sleep 0.01; done
sleep 0.3
wc -l < heard > count
exit 7
";

#[test]
fn keys_reach_the_command_once_and_stop_the_whole_job() {
    let home = home();
    let file = |name: &str| home.path().join(name);
    fs::write(file("counting"), COUNTING).unwrap();
    let mut terminal = Command::new("script");
    terminal
        .args(["-q", "-c", "bash --norc --noprofile -i", "/dev/null"])
        .current_dir(home.path())
        .env_clear()
        .envs(
            home.plain(&[])
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut terminal = terminal.spawn().unwrap();
    let mut typed = terminal.stdin.take().unwrap();
    let vestibule = env!("CARGO_BIN_EXE_vestibule");
    writeln!(
        typed,
        "'{vestibule}' exec pay Bil --refreshable -- sh counting"
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
