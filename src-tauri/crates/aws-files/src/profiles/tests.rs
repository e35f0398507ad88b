use super::*;
use crate::sso_session::Endpoints;

fn process(name: &str) -> Wanted {
    Wanted::Process(Profile {
        name: name.into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        session: "acme".into(),
        program: "/usr/bin/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: None,
    })
}

fn native(name: &str, session: &str) -> Wanted {
    Wanted::SsoSession(NativeProfile {
        name: name.into(),
        session_name: session.into(),
        start_url: "https://acme.awsapps.com/start".into(),
        sso_region: "eu-west-1".into(),
        registration_scopes: "sso:account:access".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        region: None,
        endpoints: Endpoints::default(),
    })
}

fn document(text: &str) -> Document {
    Document::parse(text)
}

#[test]
fn all_at_once_is_as_one_after_the_other() {
    let wanted = [
        process("a"),
        native("b", "acme"),
        process("c"),
        native("d", "acme"),
    ];
    let before = document("[default]\nregion = x");
    let (together, refused) = restore(&before, &wanted);
    assert_eq!(refused, Refusals::new());
    let session = together
        .sections()
        .position(|section| section.sso_session().is_some());
    assert_eq!(session, Some(1));
    let mut single = before.clone();
    for wanted in &wanted {
        single = match wanted {
            Wanted::Process(profile) => profile::insert(&single, profile).unwrap(),
            Wanted::SsoSession(profile) => sso_session::insert(&single, profile).unwrap(),
        };
    }
    assert_eq!(own(&together), own(&single));
    assert_eq!(together.as_bytes().len(), single.as_bytes().len());
    assert_eq!(
        restore(&together, &wanted),
        (together.clone(), Refusals::new())
    );
    let names: Vec<_> = wanted
        .iter()
        .map(|wanted| wanted.name().to_owned())
        .collect();
    assert_eq!(remove(&together, &names), (before, Refusals::new()));
}

#[test]
fn what_others_overwrote_stands_again_and_theirs_stays() {
    let wanted = [process("a"), native("b", "acme")];
    let (written, _) = restore(&document("[default]\nregion = x\n"), &wanted);
    let text = std::str::from_utf8(written.as_bytes()).unwrap();

    // An editor saved what it had read before.
    let saved = document("[default]\nregion = y\n");
    let (mended, _) = restore(&saved, &wanted);
    let expected = text.replace("region = x", "region = y");
    assert_eq!(mended.as_bytes(), expected.as_bytes());

    // Another tool rewrote our settings, and added one.
    let changed = text
        .replace(
            "sso_role_name = Billing",
            "sso_role_name=Other\noutput = json",
        )
        .replace("credential_process = ", "credential_process = x ");
    let (mended, _) = restore(&document(&changed), &wanted);
    let expected = text.replace(
        "sso_role_name = Billing",
        "sso_role_name = Billing\noutput = json",
    );
    assert_eq!(mended.as_bytes(), expected.as_bytes());
}

#[test]
fn what_stands_there_says_whose_it_is() {
    let all = [process("a"), native("b", "acme")];
    let (document, _) = insert(&document("[profile mine]\nregion = x\n"), &all);
    let (document, _) = restore(&document, &[process("c")]);
    let source = |delivery| {
        Some(Source {
            delivery,
            session: "acme".into(),
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
        })
    };
    let found = |name: &str, kept, delivery| Own {
        name: name.into(),
        kept,
        source: source(delivery),
    };
    let expected = [
        found("a", false, Delivery::Process),
        found("b", false, Delivery::SsoSession),
        found("c", true, Delivery::Process),
    ];
    assert_eq!(own(&document), expected);
    let (document, _) = restore(&document, &[process("a")]);
    assert_eq!(own(&document)[0], found("a", true, Delivery::Process));
    let text = String::from_utf8_lossy(document.as_bytes()).into_owned();
    assert_eq!(text.matches("# Vestibule").count(), 4, "{text}");
}

#[test]
fn one_that_is_refused_keeps_no_other_from_being_written() {
    let before = document("[profile a]\n[sso-session theirs]\nsso_region = x\n");
    let wanted = [
        process("a"),
        native("b", "theirs"),
        native("c", "acme"),
        process("d"),
    ];
    let (after, refused) = restore(&before, &wanted);
    let left: Vec<_> = own(&after).into_iter().map(|own| own.name).collect();
    assert_eq!(left, ["c", "d"]);
    assert_eq!(refused.into_keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone_with_all_its_profiles() {
    let before = document("[default]\nregion = x\nwhat is this\n");
    let (after, refused) = restore(&before, &[process("a"), native("b", "acme")]);
    assert_eq!(after, before);
    let message = "line 3, column 1: this is neither a [section] nor a setting with =";
    let messages: Vec<_> = refused.values().map(ToString::to_string).collect();
    assert_eq!(messages, [message, message]);
}
