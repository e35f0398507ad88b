use ipc::message::{EndpointOverrides, SessionState};

use super::*;
use crate::profiles::Only;

fn all() -> All {
    All {
        only: Only::default(),
        name_template: "{account}-{role}".parse().unwrap(),
        region: None,
        delivery: Delivery::Process,
    }
}

fn natively() -> All {
    All {
        delivery: Delivery::SsoSession,
        ..all()
    }
}

fn account(session: &str, id: &str, name: &str, roles: &[&str]) -> Account {
    Account {
        session: session.into(),
        id: id.into(),
        name: name.into(),
        email: String::new(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

fn roles(accounts: Vec<Account>) -> Roles {
    let session = |name: &str, region: &str| SessionStatus {
        name: name.into(),
        start_url: format!("https://{name}.awsapps.com/start").parse().unwrap(),
        region: region.into(),
        state: SessionState::SignedIn,
        until: None,
        refreshed: None,
        next: None,
        user: None,
        problem: None,
        endpoints: EndpointOverrides::default(),
    };
    Roles {
        accounts,
        sessions: vec![session("acme", "eu-west-1"), session("other", "us-east-1")],
        program: "/usr/bin/vestibule".into(),
    }
}

fn document(text: &str) -> Document {
    Document::parse(text)
}

/// The names of the plan, each with the account's id.
fn names(config: &Document, roles: &Roles, all: &All) -> Vec<String> {
    let plan = plan(config, &document("[keys-admin]\n"), roles, all);
    plan.wanted
        .iter()
        .map(|wanted| wanted.name().to_owned())
        .collect()
}

fn written(config: &Document, roles: &Roles, all: &All) -> Document {
    let plan = plan(config, &document(""), roles, all);
    let (document, refused) = profiles::insert(config, &plan.wanted);
    assert!(refused.is_empty(), "{refused:?}");
    document
}

#[test]
fn names_are_unique_and_nobody_elses() {
    let roles = roles(vec![
        account("acme", "111", "Dev", &["Admin", "Read"]),
        account("acme", "222", "Dev", &["Admin"]),
        account("acme", "333", "Mine", &["Admin"]),
        account("acme", "444", "Keys", &["Admin"]),
        account("other", "111", "Dev", &["Admin"]),
    ]);
    let config = document("[profile mine-admin]\n");
    let expected = [
        "dev-admin-111",
        "dev-read",
        "dev-admin-222",
        "mine-admin-2",
        "keys-admin-2",
        "dev-admin-111-2",
    ];
    assert_eq!(names(&config, &roles, &all()), expected);
}

#[test]
fn a_role_keeps_its_name_whatever_comes() {
    let one = roles(vec![account("acme", "222", "Dev", &["Admin"])]);
    let config = written(&document(""), &one, &all());
    let more = roles(vec![
        account("acme", "111", "Dev", &["Admin"]),
        account("acme", "222", "Dev", &["Admin"]),
    ]);
    let otherwise = All {
        name_template: "x-{role}-{account}".parse().unwrap(),
        ..all()
    };
    let named = names(&config, &more, &otherwise);
    assert_eq!(named, ["dev-admin", "x-admin-dev"]);
    let config = written(&config, &more, &otherwise);
    assert_eq!(written(&config, &more, &all()), config);
}

#[test]
fn a_role_that_is_kept_refreshed_has_its_profile() {
    let roles = roles(vec![account("acme", "111", "Dev", &["Admin", "Read"])]);
    let admins = All {
        only: Only(Some("*-admin".to_owned())),
        ..all()
    };
    let plan = plan(&document(""), &document(""), &roles, &admins);
    let (config, _) = profiles::restore(&document(""), &plan.wanted);
    assert_eq!(names(&config, &roles, &all()), ["dev-read"]);
    let both = names(&config, &roles, &natively());
    assert_eq!(both, ["dev-admin-sso", "dev-read"]);
}

#[test]
fn profiles_of_roles_that_are_gone_are_named() {
    let before = roles(vec![account("acme", "111", "Dev", &["Admin", "Read"])]);
    let config = written(&document(""), &before, &all());
    let after = roles(vec![account("acme", "111", "Dev", &["Read"])]);
    let plan = plan(&config, &document(""), &after, &all());
    assert_eq!(plan.gone, ["dev-admin"]);
    assert_eq!(plan.wanted.len(), 1);
}

#[test]
fn a_profile_says_all_that_aws_tools_need() {
    let mut roles = roles(vec![account("acme", "111122223333", "Dev", &["Admin"])]);
    let sts = Some("http://localhost:1/".parse().unwrap());
    roles.sessions[0].endpoints.sts = sts;
    let wanted = |all: &All| {
        let plan = plan(&document(""), &document(""), &roles, all);
        plan.wanted.into_iter().next().unwrap()
    };
    let expected = Wanted::Process(Profile {
        name: "dev-admin".into(),
        account_id: "111122223333".into(),
        role_name: "Admin".into(),
        session: "acme".into(),
        program: "/usr/bin/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: Some("http://localhost:1".into()),
    });
    assert_eq!(wanted(&all()), expected);
    let expected = Wanted::SsoSession(NativeProfile {
        name: "dev-admin".into(),
        session_name: "acme".into(),
        start_url: "https://acme.awsapps.com/start".into(),
        sso_region: "eu-west-1".into(),
        registration_scopes: "sso:account:access".into(),
        account_id: "111122223333".into(),
        role_name: "Admin".into(),
        region: Some("us-west-2".into()),
        endpoints: Endpoints {
            sts: Some("http://localhost:1".into()),
            ..Endpoints::default()
        },
    });
    let elsewhere = All {
        region: Some("us-west-2".to_owned()),
        ..natively()
    };
    assert_eq!(wanted(&elsewhere), expected);
}

#[test]
fn five_thousand_roles_take_no_longer_than_their_number() {
    let accounts = (0..1_000).map(|number| {
        let id = format!("{number:012}");
        account(
            "acme",
            &id,
            &format!("Account {}", number % 900),
            &["A", "B", "C", "D", "E"],
        )
    });
    let roles = roles(accounts.collect());
    let config = written(&document(""), &roles, &all());
    assert_eq!(profiles::own(&config).len(), 5_000);
    assert_eq!(written(&config, &roles, &all()), config);
}
