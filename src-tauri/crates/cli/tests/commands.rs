//! The command against an agent that answers as told: what it asks, prints and exits with.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod exec;
mod fake;
mod keep;
mod waiting;

use std::process::Stdio;

use fake::Home;
use ipc::message::{
    Account, Code, Credentials, EndpointOverrides, Failure, Flow, Progress, Request, Response,
    RoleQuery, SessionState, SessionStatus,
};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn credentials() -> Response {
    Response::Credentials(Credentials {
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: "the-secret".into(),
        session_token: "the-token".into(),
        expiration: datetime!(2026-11-22 18:44:40 UTC),
    })
}

fn device_code() -> Response {
    Response::Progress(Progress::DeviceCode {
        verification_uri: url("http://localhost:1/device"),
        verification_uri_complete: url("http://localhost:1/device?user_code=ABCD-EFGH"),
        user_code: "ABCD-EFGH".into(),
    })
}

const CREDENTIALS: &[&str] = &[
    "credentials",
    "--account",
    "pay",
    "--role",
    "Bil",
    "--session",
    "acme",
];

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn credentials_are_asked_for_and_printed_for_credential_process() {
    let home = Home::with_agent(|_| vec![credentials()]);
    let expected = concat!(
        r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"the-secret","#,
        r#""SessionToken":"the-token","Expiration":"2026-11-22T18:44:40Z","AccountId":"111122223333"}"#,
        "\n"
    );
    home.vestibule(CREDENTIALS)
        .assert()
        .success()
        .stdout(expected)
        .stderr("");
    let role = RoleQuery {
        account: "pay".into(),
        role: "Bil".into(),
        session: Some("acme".into()),
    };
    home.vestibule(&["credentials", "pay", "Bil", "--session", "acme"])
        .assert()
        .success()
        .stdout(expected);
    let asked = home.asked();
    let [
        Request::Credentials { role: asked, .. },
        Request::Credentials { role: again, .. },
    ] = &asked[..]
    else {
        panic!("{asked:?}")
    };
    assert_eq!((asked, again), (&role, &role));
}

#[test]
fn a_failure_is_told_on_stderr_and_by_the_exit_code() {
    let codes = [
        (Code::SignInNeeded, 3),
        (Code::NoSuchRole, 4),
        (Code::NoSuchSession, 4),
        (Code::PortalUnreachable, 5),
        (Code::BadRequest, 2),
        (Code::Keyring, 1),
    ];
    for (code, exit) in codes {
        let failure = Failure {
            code,
            message: "it broke".into(),
            next_step: "Mend it.".into(),
        };
        let home = Home::with_agent(move |_| vec![Response::Error(failure.clone())]);
        let run = home.vestibule(CREDENTIALS).assert();
        run.code(exit)
            .stdout("")
            .stderr("error: it broke\nMend it.\n");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_asks_nobody() {
    let home = Home::with_agent(|_| vec![Response::Done]);
    for args in [
        &[][..],
        &["credentials", "--account", "a"],
        &["credentials", "a"],
        &["portal", "add", "acme.awsapps.com/start"],
        &["portal", "add", "ftp://acme", "--region", "r"],
        &["keep", "a", "r", "--remove", "--profile", "p"],
        &["status", "extra"],
    ] {
        home.vestibule(args).assert().code(2).stdout("");
    }
    assert_eq!(home.asked(), []);
}

#[test]
fn help_and_completions_need_no_agent_and_no_home() {
    let home = Home::with_agent(|_| None);
    for help in ["--help", "help"] {
        home.vestibule(&[help]).env_clear().assert().success();
    }
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = home
            .vestibule(&["completions", shell])
            .env_clear()
            .assert()
            .success();
        assert!(
            text(&run.get_output().stdout).contains("credentials"),
            "{shell}"
        );
    }
    assert_eq!(home.asked(), []);
}

#[test]
fn no_home_is_an_error_that_says_what_to_set() {
    let home = Home::with_agent(|_| None);
    let run = home.vestibule(&["status"]).env_clear().assert().code(1);
    assert!(text(&run.get_output().stderr).contains("HOME"));
}

#[test]
fn a_portal_is_added_with_the_endpoints_of_this_environment() {
    let home = Home::with_agent(|_| {
        vec![Response::PortalAdded {
            name: "acme".into(),
        }]
    });
    let args = [
        "portal",
        "add",
        "acme.awsapps.com/start",
        "--region",
        "eu-west-1",
        "--name",
        "acme",
    ];
    home.vestibule(&args)
        .env("AWS_ENDPOINT_URL_SSO_OIDC", "http://localhost:1")
        .env("AWS_ENDPOINT_URL_STS", "")
        .assert()
        .success()
        .stdout("acme\n")
        .stderr("Sign in with: vestibule login acme\n");
    let endpoints = EndpointOverrides {
        sso_oidc: Some(url("http://localhost:1")),
        ..Default::default()
    };
    let expected = Request::AddPortal {
        start_url: url("https://acme.awsapps.com/start"),
        region: "eu-west-1".into(),
        name: Some("acme".into()),
        endpoints,
    };
    assert_eq!(home.asked(), [expected]);
}

#[test]
fn an_endpoint_that_is_no_address_is_refused_by_name() {
    let home = Home::with_agent(|_| None);
    let mut command =
        home.vestibule(&["portal", "add", "http://localhost:1/start", "--region", "r"]);
    let run = command
        .env("AWS_ENDPOINT_URL_SSO", "nonsense")
        .assert()
        .code(2);
    assert!(text(&run.get_output().stderr).contains("AWS_ENDPOINT_URL_SSO "));
    assert_eq!(home.asked(), []);
}

#[test]
fn over_ssh_a_sign_in_shows_a_code_and_opens_nothing() {
    let home = Home::with_agent(|_| vec![device_code(), Response::Done]);
    let run = home
        .vestibule(&["login"])
        .env("SSH_TTY", "/dev/pts/0")
        .assert()
        .success()
        .stdout("");
    let shown = text(&run.get_output().stderr);
    assert!(
        shown.contains("http://localhost:1/device?user_code=ABCD-EFGH\n"),
        "{shown}"
    );
    assert!(shown.contains("ABCD-EFGH\nSigned in.\n"), "{shown}");
    let login = Request::Login {
        session: None,
        flow: Flow::Device,
        open: false,
    };
    assert_eq!(home.asked(), [login]);
}

#[test]
fn an_address_to_print_is_all_there_is_on_stdout() {
    let home = Home::with_agent(|_| vec![device_code(), Response::Done]);
    let expected = "http://localhost:1/device?user_code=ABCD-EFGH\n";
    let args = ["login", "--device", "--print-url", "acme"];
    home.vestibule(&args)
        .env("BROWSER", "true")
        .assert()
        .success()
        .stdout(expected)
        .stderr("Confirm the code ABCD-EFGH\nSigned in.\n");
    let login = Request::Login {
        session: Some("acme".into()),
        flow: Flow::Device,
        open: false,
    };
    assert_eq!(home.asked(), [login]);
}

/// An agent with one session, signed in until then.
fn signed_in_until(until: OffsetDateTime) -> Home {
    let session = SessionStatus {
        name: "acme".into(),
        start_url: url("https://acme.awsapps.com/start"),
        region: "eu-west-1".into(),
        state: SessionState::SignedIn,
        until: Some(until),
        refreshed: None,
        next: None,
        user: None,
        problem: None,
        endpoints: EndpointOverrides::default(),
    };
    Home::with_agent(move |_| {
        vec![Response::Status {
            sessions: vec![session.clone()],
            kept: Vec::new(),
        }]
    })
}

#[test]
fn times_are_those_of_the_users_zone() {
    let home = signed_in_until(datetime!(2040-07-01 18:44:40 UTC));
    for (zone, time) in [
        ("Europe/Lisbon", "until about Sun 1 Jul, 19:44"),
        ("Asia/Kolkata", "until about Mon 2 Jul, 00:14"),
    ] {
        let run = home
            .vestibule(&["status"])
            .env("TZ", zone)
            .assert()
            .success();
        let shown = text(&run.get_output().stdout);
        assert!(shown.contains(time), "{zone}: {shown}");
    }
}

#[test]
fn status_as_json_has_the_promised_keys() {
    let home = signed_in_until(datetime!(2026-11-22 18:44:40 UTC));
    let run = home
        .vestibule(&["status", "--json"])
        .assert()
        .success()
        .stderr("");
    let status: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    let session = &status["sessions"][0];
    assert_eq!(session["name"], "acme");
    assert_eq!(session["start_url"], "https://acme.awsapps.com/start");
    assert_eq!(session["region"], "eu-west-1");
    assert_eq!(session["state"], "signed_in");
    assert_eq!(session["until"], "2026-11-22T18:44:40Z");
}

#[test]
fn status_tells_of_settings_that_broke_under_the_agent() {
    let home = signed_in_until(datetime!(2040-07-01 18:44:40 UTC));
    let folder = home.path().join(".config/vestibule");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), "version = 1\nbrowser = \n").unwrap();
    let run = home.vestibule(&["status"]).assert().success();
    let told = text(&run.get_output().stderr);
    assert!(told.contains("settings.toml, line 2: "), "{told}");
}

#[test]
fn accounts_line_up_without_colours_in_a_pipe() {
    let account = |id: &str, name: &str, roles: &[&str]| Account {
        session: "acme".into(),
        id: id.into(),
        name: name.into(),
        email: String::new(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    let accounts = vec![
        account("111122223333", "Payments", &["Admin", "Billing"]),
        account("444455556666", "Dev", &["Admin"]),
    ];
    let home = Home::with_agent(move |_| {
        vec![Response::Accounts {
            accounts: accounts.clone(),
        }]
    });
    let expected = "111122223333  Payments  Admin, Billing\n444455556666  Dev       Admin\n";
    home.vestibule(&["accounts"])
        .assert()
        .success()
        .stdout(expected)
        .stderr("");
}

#[test]
fn a_reader_that_had_enough_causes_no_noise() {
    let home = Home::with_agent(|_| {
        vec![Response::Accounts {
            accounts: Vec::new(),
        }]
    });
    let mut command = home.plain(&["accounts", "--json"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let run = run.wait_with_output().unwrap();
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(1), ""));
}
