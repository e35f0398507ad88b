use super::*;

fn native(name: &str) -> NativeProfile {
    NativeProfile {
        name: name.into(),
        session_name: "acme".into(),
        start_url: "https://acme.awsapps.com/start".into(),
        sso_region: "eu-west-1".into(),
        registration_scopes: "sso:account:access".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        region: Some("eu-west-1".into()),
        endpoints: Endpoints::default(),
    }
}

fn document(text: &str) -> Document {
    Document::parse(text)
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(document.as_bytes()).unwrap()
}

const SESSION: &str = "\
# >>> vestibule sso-session acme
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
# Vestibule writes these lines and removes them with the last profile that names them.
# <<< vestibule
";
const ADMIN: &str = "\
# >>> vestibule admin
[profile admin]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Billing
region = eu-west-1
[services vestibule-admin]
# Vestibule writes these lines and removes them when the role is no longer kept refreshed.
# <<< vestibule
";

#[test]
fn profiles_share_one_session_that_goes_with_the_last() {
    let before = document("[default]\nregion = x\n");
    let one = insert(&before, &native("admin")).unwrap();
    assert_eq!(text(&one), format!("{}{SESSION}{ADMIN}", text(&before)));
    let two = insert(&one, &native("billing")).unwrap();
    assert_eq!(text(&two).matches("[sso-session acme]").count(), 1);
    assert_eq!(insert(&two, &native("admin")).unwrap(), two);
    let rest = remove(&two, "admin").unwrap();
    assert!(text(&rest).contains(SESSION) && !text(&rest).contains(ADMIN));
    assert_eq!(remove(&rest, "billing").unwrap(), before);
}

#[test]
fn a_session_that_a_profile_of_the_users_names_stays() {
    let mine = "[profile mine]\nsso_session = acme\n";
    let with = insert(&document(mine), &native("admin")).unwrap();
    let without = remove(&with, "admin").unwrap();
    assert_eq!(text(&without), format!("{mine}{SESSION}"));
}

#[test]
fn the_users_own_session_is_used_where_it_says_the_same() {
    let mine = "[sso-session \"acme\"]\nsso_region= eu-west-1\nsso_start_url =https://acme.awsapps.com/start/#/\n";
    let before = document(mine);
    let with = insert(&before, &native("admin")).unwrap();
    assert_eq!(text(&with), format!("{mine}{ADMIN}"));
    assert_eq!(remove(&with, "admin").unwrap(), before);
}

#[test]
fn the_users_own_session_of_another_portal_is_left_alone() {
    for other in [
        "sso_start_url = https://other.awsapps.com/start\nsso_region = eu-west-1",
        "sso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1",
        "sso_region = eu-west-1",
    ] {
        let before = document(&format!("\n[sso-session acme]\n{other}\n"));
        let refused = insert(&before, &native("admin"));
        let name = "acme".to_owned();
        assert_eq!(refused, Err(Refusal::OtherSession { line: 2, name }));
        let free = session_name(
            &before,
            "acme",
            "https://acme.awsapps.com/start",
            "eu-west-1",
        );
        assert_eq!(free, "acme-2");
    }
}

#[test]
fn a_session_of_ours_follows_its_portal() {
    let before = insert(&document(""), &native("admin")).unwrap();
    let moved = NativeProfile {
        sso_region: "us-east-1".into(),
        ..native("admin")
    };
    let after = insert(&before, &moved).unwrap();
    let expected = text(&before).replace("sso_region = eu-west-1", "sso_region = us-east-1");
    assert_eq!(text(&after), expected);
}

#[test]
fn a_portal_outside_aws_is_named_to_every_service() {
    let outside = NativeProfile {
        endpoints: Endpoints {
            sso: Some("http://localhost:1".into()),
            sso_oidc: Some("http://localhost:2".into()),
            sts: Some("http://localhost:3".into()),
        },
        ..native("admin")
    };
    let after = insert(&document(""), &outside).unwrap();
    let expected = "services = vestibule-admin\nregion = eu-west-1\n[services vestibule-admin]\n\
                    sts =\n  endpoint_url = http://localhost:3\nsso =\n  endpoint_url = http://localhost:1\n\
                    sso_oidc =\n  endpoint_url = http://localhost:2\n# Vest";
    assert!(text(&after).contains(expected), "{}", text(&after));
}

#[test]
fn a_profile_may_change_its_way() {
    let process = crate::Profile {
        name: "admin".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        session: "acme".into(),
        program: "/usr/bin/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: None,
    };
    let native_first = insert(&document("# mine\n"), &native("admin")).unwrap();
    let with_process = crate::profile::insert(&document("# mine\n"), &process).unwrap();
    assert_eq!(
        crate::profile::insert(&native_first, &process).unwrap(),
        with_process
    );
}

#[test]
fn what_a_line_cannot_hold_is_refused() {
    let broken = NativeProfile {
        role_name: "a\nrole_arn = b".into(),
        ..native("admin")
    };
    let text = broken.role_name.clone();
    assert_eq!(
        insert(&document(""), &broken),
        Err(Refusal::Unwritable { text })
    );
    let odd = NativeProfile {
        session_name: "a b".into(),
        ..native("admin")
    };
    let name = "a b".to_owned();
    assert_eq!(insert(&document(""), &odd), Err(Refusal::Name { name }));
}
