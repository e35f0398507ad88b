//! Guessing is held up, and nobody else is.

use crate::{
    browser::{Browser, PASSWORD},
    house::House,
};
use axum::http::StatusCode;
use portal::config::MfaMode;
use time::Duration;

async fn house(mode: MfaMode) -> House {
    let house = House::with(|config| config.mfa = Some(mode)).await;
    house.set_password("developer", false).await;
    house.enrol("developer").await;
    house
}

/// Types wrong passwords until no right one would be accepted.
async fn guess(browser: &mut Browser<'_>) {
    for _ in 0..10 {
        let page = browser.give_password("developer", "wrong").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let page = browser.give_password("developer", PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

/// Fails at more names than one host may.
async fn guess_everywhere(house: &House, address: &str) {
    for index in 0..110 {
        let mut browser = house.browser_at(address);
        let user = format!("user{index}");
        browser.give_password(&user, "wrong").await;
    }
}

#[tokio::test]
async fn guessing_is_held_up_for_the_whole_address_and_for_no_neighbour() {
    let house = house(MfaMode::Never).await;
    guess_everywhere(&house, "203.0.113.9").await;
    let mut guesser = house.browser_at("203.0.113.9");
    let page = guesser.give_password("developer", PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let mut neighbour = house.browser_at("203.0.113.77");
    let page = neighbour.give_password("developer", PASSWORD).await;
    page.leads_to("/start");
}

#[tokio::test]
async fn a_strangers_guesses_leave_the_users_own_browser_alone() {
    let house = house(MfaMode::ContextAware).await;
    let mut own = house.browser();
    own.give_password("developer", PASSWORD).await;
    own.give_code(&house.code()).await.leads_to("/start");
    own.submit("/start", "/signout", &[]).await;

    guess(&mut house.browser_at("203.0.113.9")).await;
    let page = own.give_password("Developer", PASSWORD).await;
    page.leads_to("/start");
    own.submit("/start", "/signout", &[]).await;
    guess(&mut own).await;
}

#[tokio::test]
async fn wrong_codes_are_held_up() {
    let house = house(MfaMode::Always).await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(
            browser.give_code("000000").await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(
        browser.give_code(&house.code()).await.status,
        StatusCode::FORBIDDEN
    );
    house.pass(Duration::minutes(16));
    browser.give_password("developer", PASSWORD).await;
    browser.give_code(&house.code()).await.leads_to("/start");
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_nobody_up_for_longer() {
    let house = house(MfaMode::Never).await;
    house.pass(Duration::days(365));
    let mut browser = house.browser();
    guess(&mut browser).await;
    house.pass(Duration::days(-365));
    let page = browser.give_password("developer", PASSWORD).await;
    page.leads_to("/start");
}

#[tokio::test]
async fn one_host_locks_nobody_out_elsewhere() {
    let house = house(MfaMode::Never).await;
    house.set_password("auditor", false).await;
    // All the failures that one host is allowed, spread over everybody.
    let mut guesser = house.browser_at("203.0.113.9");
    for index in 0..100 {
        let user = ["developer", "auditor"][index % 2];
        guesser.give_password(user, "wrong").await;
    }
    for user in ["developer", "auditor"] {
        let mut elsewhere = house.browser_at("198.51.100.1");
        let page = elsewhere.give_password(user, PASSWORD).await;
        page.leads_to("/start");
    }
}

#[tokio::test]
async fn a_neighbours_guesses_leave_the_users_own_browser_alone() {
    let house = house(MfaMode::ContextAware).await;
    let mut own = house.browser_at("203.0.113.9");
    own.give_password("developer", PASSWORD).await;
    own.give_code(&house.code()).await.leads_to("/start");
    own.submit("/start", "/signout", &[]).await;
    guess_everywhere(&house, "203.0.113.9").await;
    let page = own.give_password("developer", PASSWORD).await;
    page.leads_to("/start");
}

#[tokio::test]
async fn ones_own_browser_needs_no_second_factor_and_outlives_a_change_of_the_password() {
    let house = house(MfaMode::Never).await;
    let mut own = house.browser_at("203.0.113.9");
    own.give_password("developer", PASSWORD).await;
    let next = "another horse battery staple";
    let change = [
        ("current", PASSWORD),
        ("password", next),
        ("repeated", next),
    ];
    let page = own.submit("/security/password", "/security/password", &change);
    page.await.leads_to("/security?done=password");
    guess_everywhere(&house, "203.0.113.9").await;
    let confirmation = [("password", next), ("next", "/security")];
    let page = own.submit("/security/confirm", "/security/confirm", &confirmation);
    page.await.leads_to("/security");
    own.submit("/start", "/signout", &[]).await;
    own.give_password("Developer", next)
        .await
        .leads_to("/start");
    own.submit("/start", "/signout", &[]).await;
    let mut neighbour = house.browser_at("203.0.113.9");
    let page = neighbour.give_password("developer", next).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_browser_is_its_users_own_and_of_their_present_password_alone() {
    let house = house(MfaMode::Never).await;
    house.set_password("auditor", false).await;
    let mut own = house.browser_at("203.0.113.9");
    own.give_password("developer", PASSWORD).await;
    own.submit("/start", "/signout", &[]).await;
    guess_everywhere(&house, "203.0.113.9").await;
    let page = own.give_password("auditor", PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    house.pass(Duration::SECOND);
    house.set_password("developer", false).await;
    let page = own.give_password("developer", PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ones_own_wrong_codes_hold_up_no_neighbour() {
    let house = house(MfaMode::Always).await;
    house.set_password("auditor", false).await;
    house.enrol("auditor").await;
    let mut guesser = house.browser_at("203.0.113.9");
    guesser.give_password("auditor", PASSWORD).await;
    for _ in 0..110 {
        let page = guesser.give_code("000000").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let mut neighbour = house.browser_at("203.0.113.9");
    neighbour.give_password("developer", PASSWORD).await;
    neighbour.give_code(&house.code()).await.leads_to("/start");
}

#[tokio::test]
async fn a_neighbours_guesses_keep_nobody_from_giving_a_code() {
    let house = house(MfaMode::Always).await;
    let mut own = house.browser_at("203.0.113.9");
    own.give_password("developer", PASSWORD).await;
    own.give_code(&house.code()).await.leads_to("/start");
    own.submit("/start", "/signout", &[]).await;
    guess_everywhere(&house, "203.0.113.9").await;
    let page = own.give_password("developer", PASSWORD).await;
    page.leads_to("/signin/code");
    house.pass(Duration::MINUTE);
    own.give_code(&house.code()).await.leads_to("/start");
}

#[tokio::test]
async fn many_hosts_are_held_up_too() {
    let house = house(MfaMode::Never).await;
    for index in 0..50 {
        let mut guesser = house.browser_at(&format!("203.0.{index}.9"));
        guesser.give_password("developer", "wrong").await;
    }
    let mut another = house.browser_at("198.51.100.1");
    let page = another.give_password("developer", PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}
