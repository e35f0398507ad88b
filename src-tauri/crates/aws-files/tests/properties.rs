//! Whatever is in a file, an edit changes nothing but Vestibule's own lines.
#![allow(clippy::unwrap_used)]

mod corpus;

use std::path::Path;

use aws_files::profiles::{self, Refusals, Wanted};
use aws_files::sso_session::{self, Endpoints, NativeProfile};
use aws_files::static_keys::{self, StaticKeys};
use aws_files::{Document, Profile, profile, reading};
use proptest::prelude::*;
use time::OffsetDateTime;

fn document() -> impl Strategy<Value = Document> {
    corpus::documents().prop_map(Document::parse)
}

fn process(name: &'static str) -> impl Strategy<Value = Wanted> {
    (any::<bool>(), any::<bool>()).prop_map(move |(region, endpoint)| {
        Wanted::Process(Profile {
            name: name.into(),
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            session: "acme".into(),
            program: "/usr/bin/vestibule".into(),
            region: region.then(|| "us-east-1".into()),
            sts_endpoint: endpoint.then(|| "http://localhost:1".into()),
        })
    })
}

fn native(name: &'static str) -> impl Strategy<Value = Wanted> {
    (any::<bool>(), any::<bool>()).prop_map(move |(region, endpoint)| {
        let url = endpoint.then(|| "http://localhost:1".to_owned());
        Wanted::SsoSession(NativeProfile {
            name: name.into(),
            session_name: "ours".into(),
            start_url: "https://acme.awsapps.com/start".into(),
            sso_region: "eu-west-1".into(),
            registration_scopes: "sso:account:access".into(),
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            region: region.then(|| "us-east-1".into()),
            endpoints: Endpoints {
                sso: url.clone(),
                sso_oidc: url.clone(),
                sts: url,
            },
        })
    })
}

fn wanted(name: &'static str) -> impl Strategy<Value = Wanted> {
    prop_oneof![process(name), native(name)]
}

fn insert(document: &Document, wanted: &Wanted) -> Option<Document> {
    match wanted {
        Wanted::Process(profile) => profile::insert(document, profile).ok(),
        Wanted::SsoSession(profile) => sso_session::insert(document, profile).ok(),
    }
}

/// The corpus has markers of ours in it, too: these tests need to know which blocks they wrote.
fn has_marker(document: &Document) -> bool {
    String::from_utf8_lossy(document.as_bytes()).contains("vestibule")
}

/// What follows the target's block, whose last line is that of `written`.
fn behind_target<'a>(document: &'a Document, written: &[u8]) -> &'a [u8] {
    let find = |bytes: &[u8], what: &[u8]| {
        bytes
            .windows(what.len())
            .rposition(|window| window == what)
            .unwrap()
    };
    let last_line = &written[find(written, b"# <<< vestibule")..];
    let bytes = document.as_bytes();
    let block = &bytes[find(bytes, b"# >>> vestibule target")..];
    let at = block
        .windows(last_line.len())
        .position(|window| window == last_line);
    &block[at.unwrap() + last_line.len()..]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_document_is_its_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let document = Document::parse(bytes.clone());
        prop_assert_eq!(document.as_bytes(), &bytes[..]);
        prop_assert_eq!(profile::repair(&document, Path::new("/x")).unwrap(), document.clone());
        prop_assert_eq!(profiles::restore(&document, &[]), (document, Refusals::new()));
    }

    #[test]
    fn removing_undoes_inserting(before in document(), wanted in wanted("target")) {
        prop_assume!(!has_marker(&before));
        let Some(after) = insert(&before, &wanted) else { return Ok(()) };
        prop_assert!(after.as_bytes().starts_with(before.as_bytes()));
        let removed = profile::remove(&after, "target").unwrap();
        prop_assert_eq!(removed.as_bytes(), before.as_bytes());
    }

    #[test]
    fn updating_changes_nothing_outside_the_markers(
        above in document(),
        first in wanted("target"),
        second in wanted("target"),
        below in document(),
    ) {
        prop_assume!(!has_marker(&above) && !has_marker(&below));
        let Some(written) = insert(&above, &first) else { return Ok(()) };
        let document = Document::parse([written.as_bytes(), below.as_bytes()].concat());
        if let Some(updated) = insert(&document, &second) {
            prop_assert!(updated.as_bytes().starts_with(above.as_bytes()));
            // A sign-in that no profile named before goes to the very end, below everything.
            let added = matches!((first, second), (Wanted::Process(_), Wanted::SsoSession(_)));
            let rest = behind_target(&updated, written.as_bytes());
            prop_assert!(rest.starts_with(below.as_bytes()));
            prop_assert!(added || rest.len() == below.as_bytes().len());
        }
        if let Ok(removed) = profile::remove(&document, "target") {
            let ended_by_us = !below.as_bytes().is_empty() && !above.as_bytes().ends_with(b"\n");
            prop_assert!(removed.as_bytes().starts_with(above.as_bytes()));
            prop_assert!(removed.as_bytes().ends_with(below.as_bytes()));
            let outside = above.as_bytes().len() + below.as_bytes().len();
            let line_end = if ended_by_us { 2 } else { 0 };
            prop_assert!(removed.as_bytes().len() - outside <= line_end);
        }
    }

    #[test]
    fn profiles_come_and_go_in_any_order(
        before in document(),
        one in wanted("one"),
        two in wanted("two"),
        last_first in any::<bool>(),
    ) {
        prop_assume!(!has_marker(&before));
        let Some(both) = insert(&before, &one).and_then(|one| insert(&one, &two)) else { return Ok(()) };
        prop_assert_eq!(insert(&both, &one), Some(both.clone()));
        prop_assert_eq!(profiles::restore(&both, &[two, one]), (both.clone(), Refusals::new()));
        let order = if last_first { ["two", "one"] } else { ["one", "two"] };
        let neither = order.iter().fold(both, |document, name| profile::remove(&document, name).unwrap());
        prop_assert_eq!(neither.as_bytes(), before.as_bytes());
    }

    #[test]
    fn what_aws_tools_read_of_the_users_stays(before in document(), wanted in wanted("target")) {
        prop_assume!(!has_marker(&before));
        let Ok(read_before) = reading::read(&before) else { return Ok(()) };
        let Some(after) = insert(&before, &wanted) else { return Ok(()) };
        let mut read_after = reading::read(&after).unwrap();
        let ours = read_after.profiles.remove("target").unwrap();
        prop_assert!(ours.contains_key("credential_process") || ours.contains_key("sso_session"));
        read_after.services.remove("vestibule-target");
        read_after.sso_sessions.remove("ours");
        prop_assert_eq!(read_after, read_before);
    }

    #[test]
    fn keys_come_and_go(before in document(), seconds in 0_i64..4_000_000_000) {
        prop_assume!(!has_marker(&before));
        let expiration = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let keys = StaticKeys {
            profile: "target".into(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: "secret".into(),
            session_token: "token".into(),
            expiration,
            region: None,
        };
        let Ok(after) = static_keys::insert(&before, &keys) else { return Ok(()) };
        prop_assert_eq!(static_keys::expiration(&after, "target"), Some(expiration));
        prop_assert_eq!(static_keys::insert(&after, &keys), Ok(after.clone()));
        prop_assert_eq!(static_keys::remove(&after, "target"), Ok(before));
    }

    /// Files with markers in them, whole and halved, are edited without a panic and read the same
    /// after the same edit was made twice.
    #[test]
    fn edits_settle(before in document(), wanted in wanted("target")) {
        if let Some(once) = insert(&before, &wanted) {
            prop_assert_eq!(insert(&once, &wanted), Some(once));
        }
        if let Ok(once) = profile::remove(&before, "target") {
            prop_assert!(profile::remove(&once, "target").is_ok());
        }
    }
}
