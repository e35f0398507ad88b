//! Whoever is not signed in, whoever is no administrator, and forms that no page gave.

use axum::http::Method;

use super::{Crawl, Route, administrator, house, is_unchanged, routes, state};
use crate::browser::Page;

/// What anybody may ask: the way in, and what holds no secret. At `/federation` the address is one.
const OPEN: [&str; 11] = [
    "/assets/mark.svg",
    "/assets/portal.css",
    "/assets/portal.js",
    "/assets/webauthn.js",
    "/federation",
    "/forgot-password",
    "/healthz",
    "/readyz",
    "/set-password",
    "/signin",
    "/signout",
];

/// The rest of lists that are longer than anybody's here.
const LONGER: [&str; 3] = [
    "/admin/users/{id}/access",
    "/admin/users/{id}/memberships",
    "/admin/groups/{id}/access",
];

fn is_open(route: &Route) -> bool {
    OPEN.contains(&route.pattern.as_str())
}

/// Sent to the sign-in or refused; never served, never a fault.
#[track_caller]
fn is_turned_away(route: &Route, page: &Page) {
    match page.status.as_u16() {
        400 | 401 | 403 => {}
        303 => {
            let target = page.location();
            let way_in = target.starts_with("/signin") || target == "/start";
            assert!(way_in, "{route:?} {page:?}");
        }
        _ => panic!("{route:?} was served: {page:?}"),
    }
}

#[tokio::test]
async fn every_page_of_administration_and_security_is_led_to() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut browser).await;
    let routes = routes(&house, &crawl).await;
    let lost: Vec<&str> = routes
        .iter()
        .filter(|route| route.form.is_none() && !crawl.addresses.contains(&route.address))
        .map(|route| route.pattern.as_str())
        .filter(|pattern| pattern.starts_with("/admin") || pattern.starts_with("/security"))
        .filter(|pattern| !LONGER.contains(pattern))
        .collect();
    assert!(lost.is_empty(), "nothing leads to {lost:?}");
    for (address, page) in &crawl.pages {
        assert!(page.status.as_u16() < 400, "{address}: {page:?}");
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_nothing_and_changes_nothing() {
    let house = house().await;
    let crawl = Crawl::of(&house, &mut administrator(&house).await).await;
    let routes = routes(&house, &crawl).await;
    let mut stranger = house.browser();
    let own = stranger.get("/signin").await.value("csrf");
    let before = state(&house).await;
    for route in &routes {
        if route.takes(&Method::GET) {
            let page = stranger.get(&route.address).await;
            assert!(page.status.as_u16() < 500, "{route:?} {page:?}");
            if !is_open(route) {
                is_turned_away(route, &page);
            }
        }
        if route.takes(&Method::POST) {
            // The form an administrator would send, with a token that is the stranger's own.
            let mut fields = route.fields();
            fields.push(("csrf", &own));
            let page = stranger.post(&route.address, &fields).await;
            assert!(page.status.as_u16() < 500, "{route:?} {page:?}");
            if !is_open(route) {
                is_turned_away(route, &page);
            }
        }
    }
    is_unchanged(&before, &state(&house).await);
}

#[tokio::test]
async fn no_form_is_taken_that_this_browser_was_not_given() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut browser).await;
    let foreign = house.browser().get("/signin").await.value("csrf");
    let own = browser.get("/start").await.value("csrf");
    let altered = format!("{}{}", &own[1..], &own[..1]);
    let before = state(&house).await;
    for route in routes(&house, &crawl).await {
        if !route.is_form() {
            continue;
        }
        for token in [Some(foreign.as_str()), Some(&altered), Some(""), None] {
            let mut fields = route.fields();
            fields.extend(token.map(|token| ("csrf", token)));
            let page = browser.post(&route.address, &fields).await;
            let refused = matches!(page.status.as_u16(), 400 | 403);
            assert!(refused, "{route:?} with {token:?}: {page:?}");
        }
    }
    is_unchanged(&before, &state(&house).await);
}

#[tokio::test]
async fn administration_is_shut_to_whoever_has_less_than_all_of_it() {
    let house = house().await;
    let crawl = Crawl::of(&house, &mut administrator(&house).await).await;
    let routes = routes(&house, &crawl).await;
    // One reads everything everywhere, one has another role in the management account, one has none.
    for user in ["auditor", "finance", "developer"] {
        let mut browser = house.browser();
        browser.sign_in(user).await;
        let own = browser.get("/start").await.value("csrf");
        let before = state(&house).await;
        for route in routes.iter().filter(|it| it.pattern.starts_with("/admin")) {
            let mut pages = Vec::new();
            if route.takes(&Method::GET) {
                pages.push(browser.get(&route.address).await);
            }
            if route.takes(&Method::POST) {
                let mut fields = route.fields();
                fields.push(("csrf", &own));
                pages.push(browser.post(&route.address, &fields).await);
            }
            for page in pages {
                assert_eq!(page.status, 403, "{user} at {route:?}: {page:?}");
            }
        }
        is_unchanged(&before, &state(&house).await);
    }
}
