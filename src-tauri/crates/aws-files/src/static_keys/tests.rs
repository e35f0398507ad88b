use time::macros::datetime;

use super::*;

fn keys(secret: &str) -> StaticKeys {
    StaticKeys {
        profile: "admin".into(),
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: secret.into(),
        session_token: "the/token+==".into(),
        expiration: datetime!(2026-11-22 18:44:40 UTC),
        region: None,
    }
}

fn document(text: &str) -> Document {
    Document::parse(text)
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(document.as_bytes()).unwrap()
}

#[test]
fn keys_come_are_renewed_and_go() {
    let mine = "[default]\naws_access_key_id = AKIAMINE\n";
    let first = insert(&document(mine), &keys("old")).unwrap();
    let expected = format!(
        "{mine}# >>> vestibule admin\n[admin]\naws_access_key_id = ASIAEXAMPLE\n\
         aws_secret_access_key = old\naws_session_token = the/token+==\n\
         x_security_token_expires = 2026-11-22T18:44:40Z\n{NOTE}\n# <<< vestibule\n"
    );
    assert_eq!(text(&first), expected);
    let renewed = insert(&first, &keys("new")).unwrap();
    assert_eq!(text(&renewed), expected.replace("old", "new"));
    let ends = Some(datetime!(2026-11-22 18:44:40 UTC));
    assert_eq!(expiration(&renewed, "admin"), ends);
    assert_eq!(expiration(&renewed, "default"), None);
    assert_eq!(text(&remove(&renewed, "admin").unwrap()), mine);
}

#[test]
fn keys_of_the_users_are_never_taken_over() {
    let before = document("[admin]\naws_access_key_id = AKIAMINE\n");
    let header = "admin".to_owned();
    assert_eq!(
        insert(&before, &keys("s")).unwrap_err(),
        Refusal::Taken { line: 1, header }
    );
    assert_eq!(remove(&before, "admin"), Ok(before));
}

#[test]
fn keys_must_not_hide_how_a_profile_gets_its_credentials() {
    let refused = |setting: &str| {
        let config = document(&format!("\n[profile admin]\n{setting} = x\n[profile z]\n"));
        refuse_shadowing("admin", &config).is_err()
    };
    assert!(refused("sso_account_id") && refused("credential_process") && refused("role_arn"));
    assert!(!refused("region"));
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", keys("the-secret"));
    assert!(
        !shown.contains("the-secret") && !shown.contains("the/token"),
        "{shown}"
    );
    let refused = insert(&document(""), &keys("the-secret\n")).unwrap_err();
    assert!(!format!("{refused:?}").contains("the-secret"), "{refused}");
    let document = insert(&document(""), &keys("the-secret")).unwrap();
    assert!(!format!("{document:?}").contains("the-secret"));
}
