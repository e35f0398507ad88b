//! `vestibule profiles` and `vestibule import`: what they do to the files, and what they say.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod fake;

use std::fs;
use std::path::PathBuf;

use fake::Home;
use ipc::message::{
    Account, Code, EndpointOverrides, Failure, ListedChain, Request, Response, SessionState,
    SessionStatus,
};
use url::Url;

/// What a user had before, in Windows' line ends and without the last one.
const MINE: &str =
    "# mine\r\n[profile mine-admin]\r\nregion = eu-west-1\r\n[default]\r\noutput = json";

fn session(name: &str, start_url: &str) -> SessionStatus {
    SessionStatus {
        name: name.into(),
        start_url: Url::parse(start_url).unwrap(),
        region: "eu-west-1".into(),
        state: SessionState::SignedIn,
        until: None,
        refreshed: None,
        next: None,
        user: None,
        problem: None,
        endpoints: EndpointOverrides::default(),
    }
}

/// An agent that knows these accounts, each with the role Admin, and a config file beside it.
fn home(accounts: &'static [&str], config: &str) -> Home {
    let home = Home::with_agent(move |request| match request {
        Request::Status => vec![Response::Status {
            sessions: vec![session("acme", "https://acme.awsapps.com/start")],
            kept: Vec::new(),
        }],
        Request::Accounts { .. } => {
            let account = |(number, name): (usize, &&str)| Account {
                session: "acme".into(),
                id: format!("{:012}", number + 1),
                name: (*name).to_owned(),
                email: String::new(),
                roles: vec!["Admin".into()],
            };
            let accounts = accounts.iter().enumerate().map(account).collect();
            vec![Response::Accounts { accounts }]
        }
        Request::Chains => vec![Response::Chains {
            chains: vec![ListedChain {
                session: "acme".into(),
                account_id: format!("{:012}", 2),
                source_account_id: format!("{:012}", 1),
                source_role_name: "Admin".into(),
                chain: serde_json::from_str(CHAIN).unwrap(),
            }],
        }],
        other => panic!("{other:?}"),
    });
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(config_file(&home), config).unwrap();
    home
}

/// The second account's role.
const CHAIN: &str = r#"{"name":"Admin","role_arn":"arn:aws:iam::000000000002:role/Admin"}"#;

fn config_file(home: &Home) -> PathBuf {
    home.path().join(".aws/config")
}

fn config(home: &Home) -> String {
    fs::read_to_string(config_file(home)).unwrap()
}

/// Standard output and standard error of a command that must succeed.
fn succeeds(home: &Home, args: &[&str]) -> (String, String) {
    let run = home.vestibule(args).assert().success();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let output = run.get_output();
    (text(&output.stdout), text(&output.stderr))
}

fn backups(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.path().join(".aws")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.to_string_lossy().contains("vestibule-backup"))
        .collect()
}

#[test]
fn a_preview_is_a_diff_and_changes_nothing() {
    let home = home(&["Dev", "Mine"], MINE);
    let (diff, _) = succeeds(&home, &["profiles", "preview"]);
    assert_eq!(config(&home), MINE);
    let path = config_file(&home).display().to_string();
    let header = format!("--- {path}\n+++ {path}\n@@ -2,4 +2,");
    assert!(diff.starts_with(&header), "{diff}");
    for line in [
        "+[profile dev-admin]",
        "+[profile mine-admin-2]",
        "+region = eu-west-1",
    ] {
        assert!(diff.lines().any(|found| found == line), "{line} in {diff}");
    }
    assert!(!diff.contains("\x1b["), "colours in a pipe");
    assert_eq!(backups(&home), Vec::<PathBuf>::new());
}

#[test]
fn profiles_are_written_once_and_removed_without_a_trace() {
    let home = home(&["Dev", "Mine", "Ops"], MINE);
    let (names, told) = succeeds(&home, &["profiles", "write", "--match", "*-admin*"]);
    assert_eq!(names, "dev-admin\nmine-admin-2\nops-admin\n");
    assert!(told.starts_with("3 new profiles in "), "{told}");
    let written = config(&home);
    assert!(
        written.starts_with(MINE) && !written.replace("\r\n", "").contains('\n'),
        "{written}"
    );
    let [backup] = &backups(&home)[..] else {
        panic!("one backup");
    };
    assert_eq!(fs::read_to_string(backup).unwrap(), MINE);
    assert!(told.contains(&backup.display().to_string()), "{told}");

    let (names, told) = succeeds(&home, &["profiles", "write"]);
    assert_eq!((names.as_str(), config(&home)), ("", written));
    assert!(told.starts_with("0 new profiles in "), "{told}");
    for (args, reason) in [
        (&["profiles", "preview"][..], "Every role has its profile"),
        (
            &["profiles", "preview", "--match", "dev-*"],
            "Every role has its profile",
        ),
        (
            &["profiles", "preview", "--match", "zzz*"],
            "is named like zzz*.",
        ),
    ] {
        let (changes, told) = succeeds(&home, args);
        assert_eq!(changes, "");
        assert!(told.contains(reason), "{told}");
    }

    succeeds(&home, &["profiles", "remove", "--match", "ops-*"]);
    assert!(!config(&home).contains("ops-admin") && config(&home).contains("dev-admin"));
    let (_, told) = succeeds(&home, &["profiles", "remove"]);
    assert!(told.starts_with("Removed 2 profiles.\n"), "{told}");
    assert_eq!(config(&home), MINE);
}

#[test]
fn only_roles_of_the_portal_are_for_tools_that_sign_in_themselves() {
    let home = home(&["Dev", "Ops"], MINE);
    let (names, told) = succeeds(&home, &["profiles", "write", "--as", "sso-session"]);
    assert_eq!(names, "dev-admin\n");
    assert!(told.contains("aws sso login --profile"), "{told}");
    assert!(config(&home).contains("[sso-session acme]\r\n"));
    succeeds(&home, &["profiles", "remove"]);
    assert_eq!(config(&home), MINE);
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone_and_the_place_named() {
    let broken = "[default]\nregion = x\n  output\n what is this\n";
    let broken = broken.replace(" what", "what");
    let home = home(&["Dev"], &broken);
    for command in ["preview", "write"] {
        let run = home.vestibule(&["profiles", command]).assert().code(1);
        let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(told.contains(".aws/config: line 4, column 1: "), "{told}");
        assert!(told.contains("Correct that line"), "{told}");
    }
    assert_eq!(config(&home), broken);
}

#[test]
fn before_the_first_sign_in_there_is_nothing_to_write() {
    let home = home(&[], MINE);
    let run = home.vestibule(&["profiles", "write"]).assert().code(3);
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(told.contains("vestibule login"), "{told}");
    assert_eq!(config(&home), MINE);
}

#[test]
fn a_template_or_glob_that_makes_no_sense_asks_nobody() {
    let home = home(&["Dev"], MINE);
    for args in [
        &["profiles", "write", "--name-template", "{rolle}"][..],
        &["profiles", "write", "--as", "static-keys"],
        &["profiles"],
    ] {
        home.vestibule(args).assert().code(2);
    }
    assert_eq!(home.asked(), []);
}

/// An agent that takes every portal but those whose region is wrong.
fn importing(config: &str) -> Home {
    let known = std::sync::Mutex::new(vec![session("acme", "https://acme.awsapps.com/start")]);
    let home = Home::with_agent(move |request| {
        let mut known = known.lock().unwrap();
        vec![match request {
            Request::Status => Response::Status {
                sessions: known.clone(),
                kept: Vec::new(),
            },
            Request::AddPortal { region, .. } if region == "nowhere" => Response::Error(Failure {
                code: Code::BadRequest,
                message: "“nowhere” is not an AWS region.".into(),
                next_step: "Correct it and try again.".into(),
            }),
            Request::AddPortal {
                start_url, name, ..
            } => {
                let name = name.clone().unwrap_or_else(|| "derived".to_owned());
                known.push(session(&name, start_url.as_str()));
                Response::PortalAdded { name }
            }
            other => panic!("{other:?}"),
        }]
    });
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(config_file(&home), config).unwrap();
    home
}

#[test]
fn portals_that_the_file_names_become_sessions_once() {
    let config = "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start/#/\nsso_region = eu-west-1\n\
        [sso-session blue]\nsso_region = eu-west-1\nsso_start_url = https://blue.awsapps.com/start\n\
        [profile old]\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n\
        [profile older]\nsso_start_url = https://old.awsapps.com/start#/\nsso_region = eu-west-1\n\
        [profile new]\nsso_session = blue\n[sso-session half]\nsso_region = eu-west-1\n";
    let home = importing(config);
    let (names, told) = succeeds(&home, &["import"]);
    assert_eq!(names, "blue\nderived\n");
    assert!(told.contains("acme is there already"), "{told}");
    assert!(told.contains("vestibule login blue"), "{told}");
    let (names, _) = succeeds(&home, &["import"]);
    assert_eq!(names, "");
    let asked = home.asked();
    let added = asked
        .iter()
        .filter(|request| matches!(request, Request::AddPortal { .. }));
    assert_eq!(added.count(), 2);
    assert_eq!(fs::read_to_string(config_file(&home)).unwrap(), config);
}

#[test]
fn one_portal_that_cannot_be_added_does_not_keep_the_others_out() {
    let home = importing(
        "[sso-session a]\nsso_start_url = https://a.awsapps.com/start\nsso_region = nowhere\n\
         [sso-session b]\nsso_start_url = what\nsso_region = eu-west-1\n\
         [sso-session c d]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n\
         [sso-session \"c d\"]\nsso_start_url = https://c.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    let run = home
        .vestibule(&["import"])
        .assert()
        .code(1)
        .stdout("derived\n");
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(told.contains("“nowhere” is not an AWS region."), "{told}");
    assert!(told.contains("This is no address"), "{told}");
}

#[test]
fn there_may_be_nothing_to_import() {
    let home = importing("[default]\nregion = eu-west-1\n");
    let (names, told) = succeeds(&home, &["import"]);
    assert_eq!(names, "");
    assert!(told.contains("names no portal"), "{told}");
    fs::write(config_file(&home), "[a]\n[a]\n").unwrap();
    let run = home.vestibule(&["import"]).assert().code(1);
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(
        told.contains("line 2, column 1: the section [a] is already on line 1"),
        "{told}"
    );
    fs::remove_file(config_file(&home)).unwrap();
    let (_, told) = succeeds(&home, &["import"]);
    assert!(told.starts_with("There is no "), "{told}");
}
