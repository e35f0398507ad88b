use time::macros::datetime;

use super::*;

fn token() -> CachedToken {
    CachedToken {
        start_url: "https://acme.awsapps.com/start".into(),
        region: "eu-west-1".into(),
        access_token: "the-access".into(),
        expires_at: datetime!(2026-11-22 18:44:40.9 UTC),
        registration: Some(Registration {
            client_id: "client".into(),
            client_secret: "the-client-secret".into(),
            expires_at: datetime!(2027-02-20 18:44:40 UTC),
        }),
        refresh_token: Some("the-refresh".into()),
    }
}

#[test]
fn the_file_is_named_as_every_sdk_names_it() {
    // From the AWS CLI: `aws sso login` with the session `my-sso`.
    let expected = "/c/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
    assert_eq!(path(Path::new("/c"), "my-sso"), Path::new(expected));
}

#[test]
fn a_token_is_written_with_the_eight_keys_and_read_back() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".aws/sso/cache/x.json");
    assert!(read(&path).unwrap().is_none());
    write(&path, &token()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let expected = serde_json::json!({
        "startUrl": "https://acme.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": "the-access",
        "expiresAt": "2026-11-22T18:44:40Z",
        "clientId": "client",
        "clientSecret": "the-client-secret",
        "registrationExpiresAt": "2027-02-20T18:44:40Z",
        "refreshToken": "the-refresh",
    });
    assert_eq!(json, expected);
    let back = read(&path).unwrap().unwrap();
    assert_eq!(
        serde_json::to_value(TokenFile::of(&back)).unwrap(),
        expected
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    remove(&path).unwrap();
    remove(&path).unwrap();
    assert!(read(&path).unwrap().is_none());
}

#[test]
fn what_older_tools_wrote_is_read_too() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.json");
    let legacy = r#"{"startUrl": "u", "region": "r", "accessToken": "a", "expiresAt": "2026-11-22T18:44:40UTC", "more": 1}"#;
    fs::write(&path, legacy).unwrap();
    let token = read(&path).unwrap().unwrap();
    assert_eq!(token.expires_at, datetime!(2026-11-22 18:44:40 UTC));
    assert!(token.registration.is_none() && token.refresh_token.is_none());
}

#[test]
fn half_a_file_is_no_token() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.json");
    for half in [
        "",
        "{\n \"startUrl\": \"u",
        "[]",
        r#"{"startUrl":"u","accessToken":"a","expiresAt":"x"}"#,
    ] {
        fs::write(&path, half).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{half}: {error}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", token());
    for secret in ["the-access", "the-client-secret", "the-refresh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
