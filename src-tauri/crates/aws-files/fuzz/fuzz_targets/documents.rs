//! Whatever bytes a file of `~/.aws` holds, edits end, settle and leave the user's bytes alone.
#![no_main]

use aws_files::profiles::{self, Wanted};
use aws_files::sso_session::{Endpoints, NativeProfile};
use aws_files::{Document, Profile, profile, reading};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let before = Document::parse(bytes);
    assert_eq!(before.as_bytes(), bytes);
    assert_eq!(
        reading::read(&before).is_err(),
        !reading::problems(&before).is_empty()
    );

    let wanted = [process(), native()];
    let (written, refused) = profiles::restore(&before, &wanted);
    let (again, still_refused) = profiles::restore(&written, &wanted);
    assert_eq!(again, written);
    assert!(still_refused.keys().eq(refused.keys()));

    let names = ["one".to_owned(), "two".to_owned()];
    let (removed, _) = profiles::remove(&written, &names);
    assert!(profile::repair(&removed, "/usr/bin/vestibule".as_ref()).is_ok());
    // Lines between markers count as ours whoever wrote them, and a named sign-in stays.
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    if !has(b"vestibule") && !has(b"ours") {
        assert_eq!(removed.as_bytes(), bytes);
        assert!(written.as_bytes().starts_with(bytes));
        if let (Ok(before), Ok(mut after)) = (reading::read(&before), reading::read(&written)) {
            for name in &names {
                after.profiles.remove(name);
                after.services.remove(&format!("vestibule-{name}"));
            }
            after.sso_sessions.remove("ours");
            let kept = |name: &String| !names.contains(name) && name != "ours";
            assert!(
                before
                    .profiles
                    .keys()
                    .filter(|name| kept(name))
                    .eq(after.profiles.keys())
            );
            assert_eq!(before.others, after.others);
        }
    }
});

fn process() -> Wanted {
    Wanted::Process(Profile {
        name: "one".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        session: "acme".into(),
        program: "/usr/bin/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: Some("http://localhost:1".into()),
    })
}

fn native() -> Wanted {
    Wanted::SsoSession(NativeProfile {
        name: "two".into(),
        session_name: "ours".into(),
        start_url: "https://acme.awsapps.com/start".into(),
        sso_region: "eu-west-1".into(),
        registration_scopes: "sso:account:access".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        region: None,
        endpoints: Endpoints::default(),
    })
}
