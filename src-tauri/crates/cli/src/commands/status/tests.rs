use ipc::message::{Code, EndpointOverrides};
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;

fn now() -> Zoned {
    "2026-11-22T12:00+01:00[+01:00]".parse().unwrap()
}

fn session(name: &str, state: SessionState) -> SessionStatus {
    SessionStatus {
        name: name.into(),
        start_url: format!("https://{name}.awsapps.com/start").parse().unwrap(),
        region: "eu-west-1".into(),
        state,
        until: None,
        refreshed: None,
        next: None,
        user: None,
        problem: None,
        endpoints: EndpointOverrides::default(),
    }
}

fn at(hour: u8, minute: u8) -> Option<OffsetDateTime> {
    datetime!(2026-11-22 00:00 UTC)
        .replace_hour(hour)
        .unwrap()
        .replace_minute(minute)
        .ok()
}

fn unreachable() -> Failure {
    Failure {
        code: Code::PortalUnreachable,
        message: "The portal cannot be reached.".into(),
        next_step: "Check the network.".into(),
    }
}

fn kept(role_name: &str, way: Way) -> KeptStatus {
    KeptStatus {
        session: "acme".into(),
        account_id: "111122223333".into(),
        account_name: Some("Payments".into()),
        role_name: role_name.into(),
        way,
        profile: format!("payments-{}", role_name.to_lowercase()),
        file: "/home/ana/.aws/config".into(),
        expires: None,
        next: None,
        problem: None,
    }
}

fn plain(status: &Document, width: usize) -> String {
    let lines = lines(status, width, &now()).join("\n");
    anstream::adapter::strip_str(&lines).to_string()
}

#[test]
fn a_session_says_who_until_when_and_when_it_is_refreshed() {
    let mut acme = session("acme", SessionState::SignedIn);
    acme.user = Some("ana".into());
    acme.until = at(17, 40);
    acme.refreshed = at(10, 2);
    acme.next = at(23, 30);
    let status = Document {
        sessions: vec![acme, session("sandbox", SessionState::Expired)],
        kept: Vec::new(),
    };
    assert_eq!(
        plain(&status, 80),
        "acme     signed in as ana until about 18:40\n\
         \x20        https://acme.awsapps.com/start, eu-west-1\n\
         \x20        refreshed 11:02, next Mon 23 Nov, 00:30\n\
         sandbox  sign-in needed\n\
         \x20        https://sandbox.awsapps.com/start, eu-west-1"
    );
}

#[test]
fn kept_roles_stand_in_columns_or_below_each_other() {
    let mut well = kept("Admin", Way::CredentialProcess);
    well.expires = at(12, 0);
    well.next = at(11, 44);
    let mut refused = kept("Billing", Way::StaticKeys);
    refused.problem = Some(Failure {
        code: Code::AccessDenied,
        message: "The portal refuses this role.".into(),
        next_step: "Ask for it.".into(),
    });
    let status = Document {
        sessions: vec![session("acme", SessionState::SignedIn)],
        kept: vec![well, refused],
    };
    let shown = plain(&status, 100);
    let (_, shown) = shown.split_once("\n\n").unwrap();
    assert_eq!(
        shown,
        "Kept refreshed\n\
         payments-admin    Payments / Admin    process      until 13:00, next 12:44\n\
         payments-billing  Payments / Billing  static keys  not refreshed\n\
         \x20 The portal refuses this role.\n\
         \x20 Ask for it."
    );
    let shown = plain(&status, 60);
    let (_, shown) = shown.split_once("\n\n").unwrap();
    assert_eq!(
        shown,
        "Kept refreshed\n\
         payments-admin\n\
         \x20 Payments / Admin, process, until 13:00, next 12:44\n\
         payments-billing\n\
         \x20 Payments / Billing, static keys, not refreshed\n\
         \x20 The portal refuses this role.\n\
         \x20 Ask for it."
    );
}

#[test]
fn a_problem_is_told_once() {
    let mut acme = session("acme", SessionState::SignedIn);
    acme.problem = Some(unreachable());
    let mut role = kept("Admin", Way::SsoSession);
    role.problem = Some(unreachable());
    let mut status = Document {
        sessions: vec![acme],
        kept: vec![role],
    };
    let shown = plain(&status, 100);
    assert_eq!(shown.matches("cannot be reached").count(), 1, "{shown}");
    assert!(shown.contains("sso-session  not refreshed"), "{shown}");
    status.sessions[0].problem = None;
    let shown = plain(&status, 100);
    assert_eq!(shown.matches("cannot be reached").count(), 1, "{shown}");
}
