use agent::chain::{Parameter, Part};
use agent::profiles::All;
use serde_json::json;
use time::macros::datetime;

use super::*;

fn signed_in_by_device() -> snapshot::Session {
    snapshot::Session {
        name: "main".into(),
        start_url: Url::parse("https://example.awsapps.com/start").unwrap(),
        region: "eu-west-1".into(),
        state: SessionState::SigningIn,
        until: Some(datetime!(2026-11-22 19:30 +01:00)),
        user: None,
        problem: Some(ipc::message::Failure {
            code: Code::PortalUnreachable,
            message: "The portal does not answer.".into(),
            next_step: "Try again.".into(),
        }),
        console: ConsoleLink::Shortcut,
        shares_sign_in: true,
        sign_in: Some(snapshot::SignIn {
            flow: Flow::Device,
            phase: snapshot::SignInPhase::Waiting,
            user_code: Some("ABCD-EFGH".into()),
            verification_uri: None,
            verification_uri_complete: None,
        }),
        listing: false,
    }
}

fn chained() -> snapshot::ChainedRole {
    let id = |account: &str, role: &str| menu::RoleId {
        session: "main".into(),
        account_id: account.into(),
        role_name: role.into(),
    };
    let chain = json!({
        "name": "logs", "role_arn": "arn:aws:iam::222233334444:role/ReadLogs",
        "duration_seconds": 900, "tags": { "Case": "4711" },
    });
    snapshot::ChainedRole {
        id: id("222233334444", "logs"),
        account_name: "Log Archive".into(),
        source: id("111122223333", "Billing"),
        source_account_name: "Payer".into(),
        chain: serde_json::from_value(chain).unwrap(),
    }
}

#[test]
fn what_is_wrong_with_a_chained_role_names_the_field() {
    let refused = |part| agent::chain::Refused {
        part,
        failure: ipc::message::Failure {
            code: Code::BadRequest,
            message: "It is wrong.".into(),
            next_step: "Correct it.".into(),
        },
    };
    let told = |part| serde_json::to_value(Failure::from(refused(part))).unwrap();
    let device = Part::Asked(Parameter::SerialNumber);
    let expected = json!({
        "code": "bad_request", "message": "It is wrong.", "nextStep": "Correct it.",
        "field": "mfaSerial",
    });
    assert_eq!(told(Some(device)), expected);
    assert_eq!(told(None).get("field"), None);
}

#[test]
fn a_template_that_makes_no_names_is_refused_at_its_field() {
    let asked = json!({ "only": null, "nameTemplate": "{rolle}", "region": null });
    let asked: AllProfiles = serde_json::from_value(asked).unwrap();
    let refused = All::try_from(asked).unwrap_err();
    let told = serde_json::to_value(refused).unwrap();
    assert_eq!(told["field"], "nameTemplate");
    assert!(
        told["message"].as_str().unwrap().contains("no {rolle}"),
        "{told}"
    );
}

#[test]
fn windows_read_camel_case_and_utc() {
    let role = snapshot::Role {
        id: menu::RoleId {
            session: "main".into(),
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
        },
        account_name: "Payer".into(),
        favourite: true,
        kept: false,
        recent: Some(0),
    };
    let kept = snapshot::KeptRole {
        id: role.id.clone(),
        account_name: "Payer".into(),
        profiles: vec![(Delivery::SsoSession, "payer-billing".into())],
    };
    let agent = snapshot::Snapshot {
        sessions: vec![signed_in_by_device()],
        roles: vec![role],
        applications: Vec::new(),
        codes: vec![snapshot::Code {
            role: menu::RoleId {
                session: "main".into(),
                account_id: "111122223333".into(),
                role_name: "Deploy".into(),
            },
            account_name: "Payer".into(),
            mfa_serial: "arn:aws:iam::111122223333:mfa/ana".into(),
            checking: false,
        }],
        browser: Some("firefox".into()),
        kept: vec![kept],
        chained_roles: vec![chained()],
        settings_problem: None,
    };
    let expected = json!({
        "sessions": [{
            "name": "main", "startUrl": "https://example.awsapps.com/start",
            "region": "eu-west-1", "state": "signing_in", "until": "2026-11-22T18:30:00Z",
            "user": null, "console": "shortcut", "sharesSignIn": true, "listing": false,
            "problem": {
                "code": "portal_unreachable", "message": "The portal does not answer.",
                "nextStep": "Try again.",
            },
        }],
        "roles": [{
            "session": "main", "accountId": "111122223333", "roleName": "Billing",
            "accountName": "Payer", "favourite": true, "kept": false, "recent": 0,
        }],
        "kept": [{
            "session": "main", "accountId": "111122223333", "roleName": "Billing",
            "accountName": "Payer", "profiles": { "sso_session": "payer-billing" },
        }],
        "chainedRoles": [{
            "session": "main", "accountId": "222233334444", "roleName": "logs",
            "accountName": "Log Archive", "name": "logs",
            "source": {
                "session": "main", "accountId": "111122223333", "roleName": "Billing",
                "accountName": "Payer",
            },
            "roleArn": "arn:aws:iam::222233334444:role/ReadLogs", "sessionName": null,
            "durationSeconds": 900, "externalId": null, "tags": { "Case": "4711" },
            "sourceIdentity": null, "mfaSerial": null,
        }],
        "signIns": [{
            "session": "main", "flow": "device", "phase": "waiting", "userCode": "ABCD-EFGH",
            "verificationUri": null, "verificationUriComplete": null,
        }],
        "mfaCodes": [{
            "session": "main", "accountId": "111122223333", "roleName": "Deploy",
            "accountName": "Payer", "mfaSerial": "arn:aws:iam::111122223333:mfa/ana",
            "checking": false,
        }],
        "settings": { "browser": "firefox", "autostart": true, "problem": null },
    });
    let told = serde_json::to_value(Snapshot::new(&agent, true)).unwrap();
    assert_eq!(told, expected);
}
