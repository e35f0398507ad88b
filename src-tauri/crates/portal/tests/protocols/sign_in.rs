//! Signing in at the portal's pages: passwords and second factors.

use crate::{
    browser::{Browser, PASSWORD},
    house::{DEVICE, House},
};
use axum::http::StatusCode;
use portal::{config::MfaMode, directory, mfa};
use time::Duration;

async fn house(mode: MfaMode) -> House {
    let house = House::with(|config| config.mfa = Some(mode)).await;
    house.set_password("developer", false).await;
    house.enrol("developer").await;
    house
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/start").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_password_alone_opens_the_portal_where_no_factor_is_ever_asked_for() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser
        .get("/start")
        .await
        .leads_to("/signin?return_to=%2Fstart");
    browser
        .give_password(" Developer", PASSWORD)
        .await
        .leads_to("/start");
    let portal = browser.get("/start").await;
    assert!(portal.html.contains("Web Shop Staging"), "{}", portal.html);
    assert!(!portal.html.contains("Data Lake"), "{}", portal.html);
    let device = browser.cookie("vestibule_device");
    assert!(device.is_none(), "a password alone makes no device known");
}

#[tokio::test]
async fn where_a_factor_is_always_asked_for_a_known_browser_owes_it_too() {
    let house = house(MfaMode::Always).await;
    let mut browser = house.browser();
    for _ in 0..2 {
        browser
            .give_password("developer", PASSWORD)
            .await
            .leads_to("/signin/code");
        assert!(!is_signed_in(&mut browser).await);
        browser.give_code(&house.code()).await.leads_to("/start");
        assert!(is_signed_in(&mut browser).await);
        browser.submit("/start", "/signout", &[]).await;
        assert!(!is_signed_in(&mut browser).await);
        house.pass(Duration::MINUTE);
    }
}

#[tokio::test]
async fn a_factor_is_asked_for_once_for_each_device_and_each_network() {
    let house = house(MfaMode::ContextAware).await;
    let mut known = house.browser();
    known
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
    known.give_code(&house.code()).await.leads_to("/start");
    known.submit("/start", "/signout", &[]).await;
    known
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");

    let mut other_device = house.browser();
    other_device
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
    known.submit("/start", "/signout", &[]).await;
    let mut other_network = known.moved_to("203.0.113.9");
    other_network
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
}

#[tokio::test]
async fn a_code_works_once() {
    let house = house(MfaMode::Always).await;
    let code = house.code();
    let (mut first, mut second) = (house.browser(), house.browser());
    first.give_password("developer", PASSWORD).await;
    second.give_password("developer", PASSWORD).await;
    first.give_code(&code).await.leads_to("/start");
    let refused = second.give_code(&code).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!is_signed_in(&mut second).await);
    house.pass(Duration::MINUTE);
    second.give_code(&house.code()).await.leads_to("/start");
}

#[tokio::test]
async fn a_code_that_comes_many_times_at_once_is_accepted_once() {
    let house = house(MfaMode::Always).await;
    let (id, code) = (house.user_id("developer").await, house.code());
    let once = || mfa::verify_totp(&house.portal, &id, &code);
    let answers = tokio::join!(once(), once(), once(), once());
    let accepted = <[_; 4]>::from(answers).map(|accepted| accepted.expect("store"));
    assert_eq!(accepted.iter().filter(|accepted| **accepted).count(), 1);
}

#[tokio::test]
async fn a_code_is_accepted_by_one_of_several_processes() {
    let house = house(MfaMode::Always).await;
    let others = [house.beside().await, house.beside().await];
    let (id, code) = (house.user_id("developer").await, house.code());
    let once = |portal| mfa::verify_totp(portal, &id, &code);
    let answers = tokio::join!(once(&house.portal), once(&others[0]), once(&others[1]));
    let accepted = <[_; 3]>::from(answers).map(|accepted| accepted.expect("store"));
    assert_eq!(accepted.iter().filter(|accepted| **accepted).count(), 1);
}

#[tokio::test]
async fn an_authenticator_added_by_two_clicks_is_one_whose_codes_work_once() {
    let house = house(MfaMode::Always).await;
    house.enrol("developer").await;
    let id = house.user_id("developer").await;
    let accepted = async || mfa::verify_totp(&house.portal, &id, &house.code()).await;
    assert!(accepted().await.expect("store"));
    assert!(!accepted().await.expect("store"));
}

#[tokio::test]
async fn what_an_unknown_user_typed_as_a_name_is_not_kept() {
    let house = house(MfaMode::Never).await;
    house.browser().give_password(PASSWORD, "oops").await;
    house.browser().give_password("developer", "wrong").await;
    let trail = house.trail().await;
    let names: Vec<_> = trail
        .into_iter()
        .filter(|event| event.event_name == "CredentialVerification")
        .filter_map(|event| event.user_name)
        .collect();
    assert_eq!(names, ["HIDDEN_DUE_TO_SECURITY_REASONS", "developer"]);
}

#[tokio::test]
async fn the_password_page_cannot_be_skipped() {
    let house = house(MfaMode::Always).await;
    let mut browser = house.browser();
    browser.get("/signin/code").await.leads_to("/signin");
    browser
        .submit("/signin", "/signin/code", &[("code", &house.code())])
        .await
        .leads_to("/signin");
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn unknown_user_wrong_password_disabled_user_and_too_many_tries_look_the_same() {
    let house = house(MfaMode::Never).await;
    let told = async |user: &str, password: &str| {
        let page = house.browser().give_password(user, password).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        page.problem()
    };
    let wrong = told("developer", "wrong").await;
    assert_eq!(wrong, told("nobody", "wrong").await);
    house.set_password("auditor", false).await;
    house.disable("auditor").await;
    assert_eq!(wrong, told("auditor", PASSWORD).await);
    for _ in 0..9 {
        told("developer", "wrong").await;
    }
    assert_eq!(wrong, told("developer", PASSWORD).await);
    house.pass(Duration::minutes(16));
    house
        .browser()
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
}

#[tokio::test]
async fn an_unknown_user_costs_as_much_work_as_a_wrong_password() {
    let house = house(MfaMode::Never).await;
    // The shortest of a few: what else the machine does, makes each longer.
    let fastest = async |user: &str| {
        let mut fastest = std::time::Duration::MAX;
        for _ in 0..5 {
            let begun = std::time::Instant::now();
            let password = "wrong".into();
            directory::verify_password(house.portal.pool(), user, &password)
                .await
                .expect("store");
            fastest = fastest.min(begun.elapsed());
        }
        fastest
    };
    let (known, unknown) = (fastest("developer").await, fastest("nobody").await);
    assert!(
        unknown * 10 > known && known * 10 > unknown,
        "{known:?} and {unknown:?}"
    );
}

#[tokio::test]
async fn a_user_who_is_disabled_is_signed_out_at_once() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    let token = house.access_token("developer").await;
    house.disable("developer").await;
    assert!(!is_signed_in(&mut browser).await);
    house
        .get("/assignment/accounts", &token)
        .await
        .is_error(401, "UnauthorizedException");
}

#[tokio::test]
async fn a_first_password_is_only_good_for_setting_another() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    house.set_password("developer", true).await;
    let mut browser = house.browser();
    browser
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/password");
    assert!(!is_signed_in(&mut browser).await);
    let mut set = async |password: &str, repeated: &str| {
        let fields = [("password", password), ("repeated", repeated)];
        browser
            .submit("/signin/password", "/signin/password", &fields)
            .await
    };
    for (password, repeated) in [
        ("short", "short"),
        ("one long word", "other"),
        (PASSWORD, PASSWORD),
    ] {
        let again = set(password, repeated).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
    }
    set("a much better one", "a much better one")
        .await
        .leads_to("/start");
    assert_eq!(
        house
            .browser()
            .give_password("developer", PASSWORD)
            .await
            .status,
        403
    );
    house
        .browser()
        .give_password("developer", "a much better one")
        .await
        .leads_to("/start");
}

#[tokio::test]
async fn a_password_that_need_not_change_is_not_changed_without_the_second_factor() {
    let house = house(MfaMode::Always).await;
    let mut thief = house.browser();
    thief
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
    let fields = [
        ("password", "mine from now on"),
        ("repeated", "mine from now on"),
    ];
    let answer = thief
        .submit("/signin/password", "/signin/password", &fields)
        .await;
    answer.leads_to("/signin/code");
    let mut owner = house.browser();
    owner
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
}

#[tokio::test]
async fn a_sign_in_under_way_ends_with_the_password_it_began_with() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Always)).await;
    house.set_password("developer", false).await;
    let mut thief = house.browser();
    thief
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/enrol");
    house.pass(Duration::MINUTE);
    house.set_password("developer", true).await;
    for page in ["/signin/password", "/signin/enrol", "/signin/code"] {
        thief.get(page).await.leads_to("/signin");
    }
}

#[tokio::test]
async fn who_has_no_authenticator_adds_one_on_the_way_in() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Always)).await;
    house.set_password("developer", false).await;
    let mut browser = house.browser();
    browser
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/enrol");
    let page = browser.get("/signin/enrol").await;
    let secret = page.text("totp-secret").replace(' ', "");
    assert!(page.html.contains("<svg"), "{}", page.html);

    let wrong = browser
        .submit("/signin/enrol", "/signin/enrol", &[("code", "000000")])
        .await;
    assert_eq!(
        wrong.text("totp-secret").replace(' ', ""),
        secret,
        "the secret on offer stays"
    );
    let code = house.code_of(&secret);
    let added = browser
        .submit("/signin/enrol", "/signin/enrol", &[("code", &code)])
        .await;
    added.shows_codes_before("/start");
    assert!(is_signed_in(&mut browser).await);

    let mut other = house.browser();
    other
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/signin/code");
    assert_eq!(
        other.give_code(&code).await.status,
        403,
        "the code was spent when it was added"
    );
}

#[tokio::test]
async fn a_password_alone_adds_no_second_authenticator() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Always)).await;
    house.set_password("developer", false).await;
    let mut thief = house.browser();
    thief.give_password("developer", PASSWORD).await;
    let page = thief.get("/signin/enrol").await;
    let secret = page.text("totp-secret").replace(' ', "");
    // The owner adds the real one while the thief holds an offer.
    house.enrol("developer").await;
    let code = house.code_of(&secret);
    let csrf = page.value("csrf");
    let fields = [("code", code.as_str()), ("csrf", csrf.as_str())];
    let answer = thief.post("/signin/enrol", &fields).await;
    answer.leads_to("/signin/code");
    assert_eq!(thief.give_code(&code).await.status, StatusCode::FORBIDDEN);
    thief.get("/signin/enrol").await.leads_to("/signin/code");
    assert!(!is_signed_in(&mut thief).await);
}

#[tokio::test]
async fn signing_out_ends_what_was_approved_in_that_session() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    let client = house.register().await;
    let started = house.start_device(&client).await;
    let code = started.text("userCode");
    let page = format!("/device?user_code={code}");
    let fields = [("user_code", code.as_str()), ("decision", "allow")];
    let approved = browser.submit(&page, "/device", &fields).await;
    assert_eq!(approved.text("message"), "Request approved");
    let fields = serde_json::json!({ "deviceCode": started.text("deviceCode") });
    let token = house
        .token(&client, DEVICE, fields)
        .await
        .text("accessToken");
    assert_eq!(house.get("/assignment/accounts", &token).await.status, 200);

    browser.submit("/start", "/signout", &[]).await;
    house
        .get("/assignment/accounts", &token)
        .await
        .is_error(401, "UnauthorizedException");
    assert!(browser.cookie("vestibule_session").is_none());
}

#[tokio::test]
async fn every_sign_in_and_refusal_is_an_event() {
    let house = house(MfaMode::Always).await;
    let mut browser = house.browser();
    browser.give_password("developer", "wrong").await;
    browser.give_password("developer", PASSWORD).await;
    browser.give_code("000000").await;
    browser.give_code(&house.code()).await;
    browser.submit("/start", "/signout", &[]).await;
    let events = house.events().await;
    let denied = Some("AccessDenied".to_owned());
    let expected = [
        ("CredentialVerification", denied.clone()),
        ("CredentialVerification", None),
        ("CredentialVerification", denied),
        ("CredentialVerification", None),
        ("UserAuthentication", None),
        ("Logout", None),
    ]
    .map(|(name, error)| (name.to_owned(), error));
    assert_eq!(events[events.len() - expected.len()..], expected);
}
