//! Agents that leave, differ in release or take their time.

use std::io::{BufRead as _, BufReader};
use std::iter;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipc::message::Response;

use crate::fake::Home;
use crate::{CREDENTIALS, credentials, device_code, text};

#[test]
fn an_agent_that_leaves_without_an_answer_is_asked_again() {
    let calls = Mutex::new(0);
    let home = Home::with_agent(move |_| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        if *calls == 1 {
            vec![]
        } else {
            vec![credentials()]
        }
    });
    home.vestibule(CREDENTIALS).assert().success().stderr("");
    assert_eq!(home.asked().len(), 2);
}

#[test]
fn an_agent_of_another_release_is_named() {
    let home = Home::with_agent_of_version(u32::MAX, |_| None);
    let run = home.vestibule(&["status"]).assert().code(1);
    assert!(text(&run.get_output().stderr).contains("vestibule 9.9.9"));
}

/// Runs the command until a line of its stderr satisfies `is_it`; only then the agent answers.
fn answered_once_told(
    command: &[&str],
    first: Vec<Response>,
    last: Response,
    is_it: impl Fn(&str) -> bool,
) {
    let (told, answer) = mpsc::channel::<()>();
    let answer = Arc::new(Mutex::new(answer));
    let home = Home::with_agent(move |_| {
        let (answer, last) = (answer.clone(), last.clone());
        let once_told = move || {
            // Long enough for the line, and an end to this test without it.
            let _ = answer.lock().unwrap().recv_timeout(Duration::from_secs(30));
            last
        };
        first.clone().into_iter().chain(iter::once_with(once_told))
    });
    let mut command = home.plain(command);
    let mut run = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Open to the end: the command may say more.
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    assert!(lines.by_ref().map(Result::unwrap).any(|line| is_it(&line)));
    told.send(()).unwrap();
    assert!(run.wait_with_output().unwrap().status.success());
}

#[test]
fn a_slow_answer_is_explained_on_stderr() {
    let is_it = |line: &str| line.starts_with("Waiting");
    answered_once_told(CREDENTIALS, vec![], credentials(), is_it);
}

#[test]
fn a_sign_in_that_waits_for_the_user_shows_where() {
    let is_it = |line: &str| line.contains("ABCD-EFGH");
    answered_once_told(CREDENTIALS, vec![device_code()], credentials(), is_it);
    let accounts = Response::Accounts {
        accounts: Vec::new(),
    };
    answered_once_told(&["accounts"], vec![device_code()], accounts, is_it);
    let done = Response::Done;
    let remove = ["keep", "pay", "Billing", "--remove"];
    answered_once_told(&remove, vec![device_code()], done, is_it);
}
