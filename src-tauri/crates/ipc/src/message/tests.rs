use secrecy::ExposeSecret;
use time::macros::datetime;

use super::*;

fn credentials() -> Response {
    Response::Credentials(Credentials {
        account_id: "111111111111".to_owned(),
        role_name: "Admin".to_owned(),
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "very-secret".into(),
        session_token: "also-secret".into(),
        expiration: datetime!(2026-11-22 10:00 UTC),
    })
}

#[test]
fn a_response_crosses_the_socket_whole_and_shows_no_secret_on_the_way() {
    let line = serde_json::to_string(&credentials()).unwrap();
    assert!(!line.contains('\n'));
    let Response::Credentials(read) = serde_json::from_str(&line).unwrap() else {
        panic!("{line}")
    };
    assert_eq!(read.secret_access_key.expose_secret(), "very-secret");
    assert_eq!(read.expiration, datetime!(2026-11-22 10:00 UTC));
    let console = Response::Console {
        url: Some("https://signin/very-secret".into()),
    };
    for shown in [
        format!("{:?}", credentials()),
        format!("{read:?}"),
        format!("{console:?}"),
    ] {
        assert!(!shown.contains("very-secret"), "{shown}");
        assert!(!shown.contains("also-secret"), "{shown}");
    }
}

#[test]
fn a_request_with_a_field_nobody_knows_is_refused() {
    let known = r#"{"request":"logout","session":"acme"}"#;
    let logout = Request::Logout {
        session: Some("acme".to_owned()),
    };
    assert_eq!(serde_json::from_str::<Request>(known).unwrap(), logout);
    let unknown = r#"{"request":"logout","session":"acme","all":true}"#;
    assert!(serde_json::from_str::<Request>(unknown).is_err());
}

#[test]
fn exit_codes_are_those_of_the_manual() {
    for (code, exit) in [
        (Code::SignInNeeded, 3),
        (Code::SignInTimedOut, 3),
        (Code::NoSuchRole, 4),
        (Code::PortalUnreachable, 5),
        (Code::BadRequest, 2),
        (Code::AccessDenied, 1),
    ] {
        assert_eq!(code.exit_code(), exit, "{code:?}");
    }
}

#[test]
fn a_code_is_six_digits_that_no_log_shows() {
    let request = r#"{"request":"mfa_code","role":{"account":"1","role":"r","session":null},"code":"123 456"}"#;
    let read: Request = serde_json::from_str(request).unwrap();
    let Request::MfaCode { code, .. } = &read else {
        panic!("{read:?}")
    };
    assert_eq!(code.digits(), "123456");
    assert!(!format!("{read:?}").contains("123"), "{read:?}");
    for wrong in ["", "12345", "1234567", "12345a", "１２３４５６"] {
        assert_eq!(wrong.parse::<MfaCode>(), Err(NotACode), "{wrong}");
    }
}
