use aws_files::token_cache::Registration;
use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn in_minutes(minutes: i64) -> OffsetDateTime {
    NOW + Duration::minutes(minutes)
}

fn token(access: &str, expires_in: i64, refresh: Option<&str>) -> CachedToken {
    CachedToken {
        start_url: "https://acme.awsapps.com/start".to_owned(),
        region: "eu-west-1".to_owned(),
        access_token: access.into(),
        expires_at: in_minutes(expires_in),
        registration: Some(Registration {
            client_id: "client".to_owned(),
            client_secret: "secret".into(),
            expires_at: in_minutes(90 * 24 * 60),
        }),
        refresh_token: refresh.map(Into::into),
    }
}

fn found(access: &str, expires_in: i64, refresh: &str, modified: i64) -> Found {
    Found::Token {
        token: Box::new(token(access, expires_in, Some(refresh))),
        modified: in_minutes(modified),
    }
}

fn own(access: Option<(&str, i64)>) -> Own {
    Own {
        access: access.map(|(token, expires_in)| (token.into(), in_minutes(expires_in))),
        refresh_token: Some("ours".into()),
        alive: NOW,
        written: true,
        refused: false,
    }
}

fn file(folder: &tempfile::TempDir) -> TokenFile {
    TokenFile {
        path: token_cache::path(folder.path(), "acme"),
        start_url: "https://acme.awsapps.com/start".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
    }
}

#[test]
fn the_newer_token_wins() {
    let ours = own(Some(("a", 60)));
    for (found, expected) in [
        (found("a", 60, "ours", 0), Verdict::Leave),
        (found("b", 61, "theirs", 0), Verdict::Take),
        (found("b", 59, "theirs", 0), Verdict::Write),
        (Found::Unreadable, Verdict::Leave),
        (Found::Foreign, Verdict::Leave),
    ] {
        assert_eq!(judge(&found, Some(&ours), NOW), expected, "{found:?}");
    }
}

#[test]
fn a_file_that_is_gone_is_a_sign_out_once_it_was_there() {
    let mut ours = own(Some(("a", 60)));
    assert_eq!(judge(&Found::Nothing, Some(&ours), NOW), Verdict::SignOut);
    ours.written = false;
    assert_eq!(judge(&Found::Nothing, Some(&ours), NOW), Verdict::Write);
    assert_eq!(judge(&Found::Nothing, None, NOW), Verdict::Leave);
}

#[test]
fn after_a_start_the_last_writer_is_believed() {
    let ours = own(None);
    for (found, expected) in [
        (found("a", 10, "ours", -5), Verdict::Take),
        (found("a", -10, "ours", 5), Verdict::Leave),
        (found("b", 10, "theirs", 5), Verdict::Take),
        (found("b", -10, "theirs", 5), Verdict::Take),
        (found("b", 10, "theirs", -5), Verdict::Leave),
    ] {
        assert_eq!(judge(&found, Some(&ours), NOW), expected, "{found:?}");
    }
}

#[test]
fn a_refused_refresh_token_is_replaced_by_any_other() {
    let refused = Own {
        refused: true,
        ..own(Some(("a", 60)))
    };
    for (found, expected) in [
        (found("b", 10, "theirs", -5), Verdict::Take),
        (found("a", 10, "ours", 5), Verdict::Leave),
    ] {
        assert_eq!(judge(&found, Some(&refused), NOW), expected, "{found:?}");
    }
}

#[test]
fn a_sign_in_by_another_tool_is_taken_unless_it_is_over() {
    assert_eq!(
        judge(&found("b", 10, "theirs", 0), None, NOW),
        Verdict::Take
    );
    let over = Found::Token {
        token: Box::new(token("b", -1, None)),
        modified: NOW,
    };
    assert_eq!(judge(&over, None, NOW), Verdict::Leave);
}

#[test]
fn what_is_put_is_found_and_a_newer_one_comes_back_instead() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    assert!(matches!(file.find(), Found::Nothing));
    assert!(file.put(&token("a", 10, Some("r"))).unwrap().is_none());
    assert!(file.put(&token("b", 20, Some("r"))).unwrap().is_none());
    let Some(Found::Token { token: newer, .. }) = file.put(&token("c", 15, Some("r"))).unwrap()
    else {
        panic!("the newer one was overwritten")
    };
    assert_eq!(newer.access_token.expose_secret(), "b");
    file.remove();
    assert!(matches!(file.find(), Found::Nothing));
}

#[test]
fn the_token_of_another_portal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    let theirs = CachedToken {
        start_url: "https://other.awsapps.com/start".to_owned(),
        ..token("x", 1, None)
    };
    token_cache::write(&file.path, &theirs).unwrap();
    file.put(&token("a", 10, Some("r"))).unwrap();
    file.remove();
    let stands = token_cache::read(&file.path).unwrap().unwrap();
    assert_eq!(stands.access_token.expose_secret(), "x");
}

#[test]
fn no_token_is_shown_by_debug() {
    let shown = format!(
        "{:?} {:?}",
        found("very-secret", 1, "very-secret", 0),
        own(Some(("very-secret", 1)))
    );
    assert!(!shown.contains("very-secret"), "{shown}");
}
