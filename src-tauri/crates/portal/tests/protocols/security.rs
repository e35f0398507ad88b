//! What users look after themselves, and what others cannot do in their name.

use axum::http::StatusCode;
use portal::{
    config::MfaMode,
    mfa::{self, PlaceKind, WithoutFactor},
    sessions,
};
use time::Duration;

use crate::{
    browser::PASSWORD,
    house::{DEVICE, House},
};

const NEW: &str = "plum violin under glass";

async fn house(mode: MfaMode) -> House {
    let house = House::with(|config| config.mfa = Some(mode)).await;
    house.set_password("developer", false).await;
    house
}

#[tokio::test]
async fn none_of_it_is_there_without_a_session() {
    let house = house(MfaMode::Never).await;
    let pages = [
        "/security",
        "/security/password",
        "/security/confirm",
        "/security/authenticator",
        "/security/security-key",
        "/security/recovery-codes",
        "/security/factor?id=x",
    ];
    for page in pages {
        let answer = house.browser().get(page).await;
        answer.leads_to("/signin?return_to=%2Fsecurity");
    }
    for form in [
        "/security/session/end",
        "/security/sessions/end",
        "/security/device/removal",
        "/security/network/removal",
        "/security/places/removal",
        "/security/factor/removal",
        "/security/recovery-codes",
    ] {
        let answer = house
            .browser()
            .submit("/signin", form, &[("id", "x")])
            .await;
        answer.leads_to("/signin?return_to=%2Fsecurity");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_says_what_is_wrong_where() {
    let house = house(MfaMode::Never).await;
    let (mut own, mut other) = (house.browser(), house.browser());
    own.sign_in("developer").await;
    other
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    for (current, password, repeated, field) in [
        ("wrong", NEW, NEW, "current"),
        (PASSWORD, NEW, "something else", "repeated"),
        (PASSWORD, "qwertyuiop", "qwertyuiop", "password"),
        (PASSWORD, PASSWORD, PASSWORD, "password"),
    ] {
        let fields = [
            ("current", current),
            ("password", password),
            ("repeated", repeated),
        ];
        let page = own
            .submit("/security/password", "/security/password", &fields)
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let tag = page
            .html
            .split(&format!("id=\"{field}\""))
            .nth(1)
            .expect("field");
        let tag = tag.split('>').next().expect("a tag");
        assert!(tag.contains("aria-invalid=\"true\""), "{field}: {tag}");
        assert_eq!(
            page.html.matches("aria-invalid").count(),
            1,
            "{}",
            page.html
        );
    }
    let fields = [("current", PASSWORD), ("password", NEW), ("repeated", NEW)];
    let changed = own
        .submit("/security/password", "/security/password", &fields)
        .await;
    changed.leads_to("/security?done=password");
    assert_eq!(own.get("/start").await.status, StatusCode::OK);
    assert_ne!(other.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_app_is_added_named_renamed_and_removed() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let (unnamed, _) = browser.add_app(&house, "  ").await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unnamed.problem().contains("Give it a name"),
        "{}",
        unnamed.html
    );
    let (added, secret) = browser.add_app(&house, "Phone").await;
    added.shows_codes_before("/security?done=factor-added");

    let id = house.user_id("developer").await;
    let factors = mfa::factors(house.portal.pool(), &id).await.expect("store");
    let [factor] = &factors[..] else {
        panic!("one factor: {factors:?}");
    };
    let code = house.code_of(&secret);
    let spent = mfa::verify_totp(&house.portal, &id, &code)
        .await
        .expect("store");
    assert!(!spent, "the code that added the app signs nobody in");

    let page = format!("/security/factor?id={}", factor.id);
    let fields = [("id", factor.id.as_str()), ("label", "Old phone")];
    let renamed = browser
        .submit(&page, "/security/factor/name", &fields)
        .await;
    renamed.leads_to("/security?done=factor-renamed");
    assert!(browser.get("/security").await.html.contains("Old phone"));

    let fields = [("id", factor.id.as_str())];
    let removed = browser
        .submit(&page, "/security/factor/removal", &fields)
        .await;
    removed.leads_to("/security?done=factor-removed");
    let gone = browser
        .submit("/security", "/security/factor/removal", &fields)
        .await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn factors_change_only_soon_after_the_password_was_given() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    house.pass(Duration::minutes(16));
    let confirm = "/security/confirm?next=/security/authenticator";
    browser
        .get("/security/authenticator")
        .await
        .leads_to(confirm);
    for form in ["/security/factor/removal", "/security/recovery-codes"] {
        let answer = browser.submit("/security", form, &[("id", "x")]).await;
        assert!(answer.location().starts_with("/security/confirm"), "{form}");
    }
    let mut give = async |password: &str, next: &str| {
        let fields = [("password", password), ("next", next)];
        browser.submit(confirm, "/security/confirm", &fields).await
    };
    let wrong = give("wrong", "/security/authenticator").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    give(PASSWORD, "https://evil.example/")
        .await
        .leads_to("/security");
    let right = give(PASSWORD, "/security/authenticator").await;
    right.leads_to("/security/authenticator");
    let page = browser.get("/security/authenticator").await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_reaches_another_users_factors_sessions_and_places() {
    let house = house(MfaMode::Always).await;
    house.enrol("developer").await;
    let mut owner = house.browser();
    owner.give_password("developer", PASSWORD).await;
    owner.give_code(&house.code()).await.leads_to("/start");
    let id = house.user_id("developer").await;
    let factor = mfa::factors(house.portal.pool(), &id)
        .await
        .expect("store")
        .remove(0);
    let session = sessions::of_user(&house.portal, &id, 10)
        .await
        .expect("store")
        .remove(0);
    let device = mfa::places(house.portal.pool(), &id, PlaceKind::Device, 10).await;
    let device = device.expect("store").remove(0);

    house
        .set_policy(|policy| policy.without_factor = WithoutFactor::Allow)
        .await;
    let mut thief = house.browser();
    thief.sign_in("auditor").await;
    let page = thief
        .get(&format!("/security/factor?id={}", factor.id))
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    for (form, id) in [
        ("/security/factor/name", &factor.id),
        ("/security/factor/removal", &factor.id),
        ("/security/session/end", &session.id),
        ("/security/device/removal", &device.id),
    ] {
        let fields = [("id", id.as_str()), ("label", "mine")];
        let answer = thief.submit("/security", form, &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{form}");
    }
    assert_eq!(owner.get("/start").await.status, StatusCode::OK);
    let left = mfa::factors(house.portal.pool(), &id).await.expect("store");
    assert_eq!(left, [factor]);
    let refused = (
        "DeleteSession".to_owned(),
        Some("ResourceNotFoundException".to_owned()),
    );
    assert!(house.events().await.contains(&refused));
    let trail = house.trail().await;
    let mut sources = trail
        .iter()
        .filter(|record| record.event_name == "DeleteSession")
        .map(|record| record.value()["eventSource"].clone());
    assert!(sources.all(|source| source == "sso.amazonaws.com"));
}

#[tokio::test]
async fn an_offered_secret_is_for_the_user_it_was_offered_to() {
    let house = house(MfaMode::Never).await;
    let (mut developer, mut auditor) = (house.browser(), house.browser());
    developer.sign_in("developer").await;
    auditor.sign_in("auditor").await;
    let page = auditor.get("/security/authenticator").await;
    let secret = page.text("totp-secret").replace(' ', "");
    let code = house.code_of(&secret);
    let fields = [
        ("offer", page.value("offer")),
        ("code", code),
        ("label", "theirs".to_owned()),
    ];
    let fields = fields
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let answer = developer
        .submit("/security", "/security/authenticator", &fields)
        .await;
    answer.leads_to("/security/authenticator");
    let id = house.user_id("developer").await;
    let factors = mfa::factors(house.portal.pool(), &id).await.expect("store");
    assert_eq!(factors, []);
}

#[tokio::test]
async fn a_session_that_is_ended_takes_its_programs_along_and_leaves_the_others() {
    let house = house(MfaMode::Never).await;
    let (mut here, mut there) = (house.browser(), house.browser());
    there.sign_in("developer").await;
    let client = house.register().await;
    let started = house.start_device(&client).await;
    let code = started.text("userCode");
    let fields = [("user_code", code.as_str()), ("decision", "allow")];
    there
        .submit(&format!("/device?user_code={code}"), "/device", &fields)
        .await;
    let fields = serde_json::json!({ "deviceCode": started.text("deviceCode") });
    let token = house
        .token(&client, DEVICE, fields)
        .await
        .text("accessToken");

    house.pass(Duration::MINUTE);
    here.give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    let other = here.get("/security").await.html;
    let (_, form) = other
        .split_once("/security/session/end")
        .expect("another session");
    let (_, id) = form.split_once("name=\"id\" value=\"").expect("its id");
    let id = id.split('"').next().expect("an id");
    let ended = here
        .submit("/security", "/security/session/end", &[("id", id)])
        .await;
    ended.leads_to("/security?done=session-ended");
    assert_eq!(here.get("/start").await.status, StatusCode::OK);
    assert_ne!(there.get("/start").await.status, StatusCode::OK);
    house
        .get("/assignment/accounts", &token)
        .await
        .is_error(401, "UnauthorizedException");
}

#[tokio::test]
async fn a_place_that_is_forgotten_is_met_as_new() {
    let house = house(MfaMode::ContextAware).await;
    house.enrol("developer").await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    browser.give_code(&house.code()).await.leads_to("/start");
    for form in ["/security/network/removal", "/security/device/removal"] {
        let page = browser.get("/security").await;
        assert!(page.html.contains("198.51.100.0/24"), "{}", page.html);
        let (_, after) = page.html.split_once(form).expect("a form");
        let (_, id) = after.split_once("name=\"id\" value=\"").expect("its id");
        let id = id.split('"').next().expect("an id");
        let forgotten = browser.submit("/security", form, &[("id", id)]).await;
        forgotten.leads_to("/security?done=place-forgotten");
        browser.submit("/start", "/signout", &[]).await;
        let signed_in = browser.give_password("developer", PASSWORD).await;
        signed_in.leads_to("/signin/code");
        house.pass(Duration::MINUTE);
        browser.give_code(&house.code()).await.leads_to("/start");
    }
}

#[tokio::test]
async fn what_users_call_their_things_is_text() {
    const HOSTILE: &str = "\"><script>alert(1)</script>{{7*7}}";
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let (added, _) = browser.add_app(&house, HOSTILE).await;
    added.shows_codes_before("/security?done=factor-added");
    let id = house.user_id("developer").await;
    let factor = mfa::factors(house.portal.pool(), &id)
        .await
        .expect("store")
        .remove(0);
    let query = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    for page in [
        "/security".to_owned(),
        format!("/security/factor?id={}", factor.id),
        format!("/security?done={query}"),
    ] {
        let page = browser.get(&page).await;
        assert!(!page.html.contains("<script>"), "{}", page.html);
        assert!(page.html.contains("{{7*7}}"), "{}", page.html);
    }
    let (refused, _) = browser.add_app(&house, "two\nlines").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
