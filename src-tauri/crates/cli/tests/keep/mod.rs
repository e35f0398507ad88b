//! Keeping roles: which files it goes to, and what is said of it.

use ipc::message::{Request, Response, Role};

use crate::fake::Home;
use crate::{text, url};

#[test]
fn a_profile_goes_to_the_config_file_of_this_environment() {
    let home = Home::with_agent(|_| {
        vec![Response::Kept {
            profile: "pay-billing".into(),
        }]
    });
    for config in [None, Some("elsewhere/config")] {
        let mut command = home.vestibule(&["keep", "pay", "Billing"]);
        command.envs(config.map(|config| ("AWS_CONFIG_FILE", config)));
        command.assert().success().stdout("pay-billing\n");
    }
    let file = |request: &Request| match request {
        Request::Keep {
            config_file,
            program,
            profile: None,
            ..
        } if program.is_absolute() => Some(config_file.clone()),
        Request::Role { .. } => None,
        other => panic!("{other:?}"),
    };
    let files: Vec<_> = home.asked().iter().filter_map(file).collect();
    assert_eq!(
        files,
        [
            home.path().join(".aws/config"),
            home.path().join("elsewhere/config")
        ]
    );
}

#[test]
fn each_way_of_keeping_goes_to_its_file_and_ends_by_its_name() {
    let home = Home::with_agent(|request| match request {
        Request::Keep { .. } => vec![Response::Kept {
            profile: "pay-billing".into(),
        }],
        _ => vec![Response::Done],
    });
    for arguments in [
        &["keep", "pay", "Billing", "--as", "sso-session"][..],
        &["keep", "pay", "Billing", "--as", "static-keys"],
        &["keep", "pay", "Billing", "--remove", "--as", "static-keys"],
        &["keep", "pay", "Billing", "--remove"],
        &["portal", "set", "acme", "--share-sign-in", "on"],
    ] {
        home.vestibule(arguments).assert().success();
    }
    let asked = home.asked();
    let changes = asked
        .iter()
        .filter(|request| !matches!(request, Request::Role { .. }));
    let asked: Vec<_> = changes.map(in_short).collect();
    let in_aws = |file: &str| home.path().join(".aws").join(file).display().to_string();
    assert_eq!(
        asked,
        [
            format!("SsoSession {}", in_aws("config")),
            format!("StaticKeys {}", in_aws("credentials")),
            "remove Some(StaticKeys)".to_owned(),
            "remove None".to_owned(),
            "share acme true".to_owned(),
        ]
    );
}

#[test]
fn the_line_to_try_a_profile_with_names_the_sts_of_a_portal_outside_aws() {
    let role = |sts: Option<&str>| Role {
        session: "acme".into(),
        account_id: "111122223333".into(),
        account_name: "Payments".into(),
        role_name: "Billing".into(),
        region: "eu-west-1".into(),
        sts_endpoint: sts.map(url),
    };
    let proof = "Try: aws sts get-caller-identity --profile pay-billing";
    for (sts, expected) in [
        (None, format!("{proof}\n")),
        (
            Some("http://localhost:1/"),
            format!("{proof} --endpoint-url http://localhost:1\n"),
        ),
    ] {
        let role = role(sts);
        let home = Home::with_agent(move |request| match request {
            Request::Role { .. } => vec![Response::Role(role.clone())],
            _ => vec![Response::Kept {
                profile: "pay-billing".into(),
            }],
        });
        let run = home.vestibule(&["keep", "pay", "Billing"]).assert();
        let run = run.success();
        let told = text(&run.get_output().stderr);
        assert!(told.ends_with(&expected), "{told}");
    }
}

fn in_short(request: &Request) -> String {
    match request {
        Request::Keep {
            delivery,
            config_file,
            ..
        } => format!("{delivery:?} {}", config_file.display()),
        Request::Unkeep { delivery, .. } => format!("remove {delivery:?}"),
        Request::ShareSignIn { name, share } => format!("share {name} {share}"),
        other => panic!("{other:?}"),
    }
}
