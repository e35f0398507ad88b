//! What is another user's.

use axum::http::Method;

use super::{Crawl, administrator, house, routes};
use crate::house::House;

/// All that is a user's own: password, factors, sessions that live, places.
async fn own(house: &House, user_name: &str) -> Vec<String> {
    let id = house.user_id(user_name).await;
    let mut own = Vec::new();
    for statement in [
        "SELECT COALESCE(password_hash, '') FROM users WHERE id = $1",
        "SELECT id || label || secret FROM factors WHERE user_id = $1 ORDER BY id",
        "SELECT id FROM portal_sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id",
        "SELECT kind || place_hash FROM known_places WHERE user_id = $1 ORDER BY kind, place_hash",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(statement)
            .bind(&id)
            .fetch_all(house.portal.pool())
            .await
            .expect("store");
        own.extend(rows);
    }
    own
}

#[tokio::test]
async fn no_form_reaches_what_another_user_looks_after() {
    let house = house().await;
    let mut owner = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut owner).await;
    let routes = routes(&house, &crawl).await;
    let before = own(&house, "admin").await;
    assert!(before.len() >= 6, "{before:?}");

    let mut thief = house.browser();
    thief.sign_in("developer").await;
    let mut reached = 0;
    for route in routes
        .iter()
        .filter(|it| it.pattern.starts_with("/security/"))
    {
        let form = route.form.as_ref().filter(|_| route.takes(&Method::POST));
        let Some(form) = form else { continue };
        let csrf = thief.get("/start").await.value("csrf");
        let mut fields = form.sent();
        fields.push(("csrf", &csrf));
        let page = thief.post(&route.address, &fields).await;
        assert!(page.status.as_u16() < 500, "{route:?}: {page:?}");
        assert_eq!(own(&house, "admin").await, before, "{route:?}");
        reached += 1;
    }
    assert!(reached >= 8, "{reached}");
}

#[tokio::test]
async fn no_address_opens_what_is_assigned_to_another_user() {
    let house = house().await;
    let crawl = Crawl::of(&house, &mut administrator(&house).await).await;
    let mut thief = house.browser();
    thief.sign_in("finance").await;
    let mut refused = 0;
    for address in crawl
        .addresses
        .iter()
        .filter(|it| it.starts_with("/start/console?"))
    {
        assert_eq!(thief.get(address).await.status, 403, "{address}");
        refused += 1;
    }
    for form in crawl
        .forms
        .iter()
        .filter(|it| it.action == "/start/access-keys")
    {
        let page = thief.submit("/start", &form.action, &form.sent()).await;
        assert_eq!(page.status, 403, "{form:?}");
        assert!(!page.html.contains("AWS_SECRET_ACCESS_KEY"));
        refused += 1;
    }
    assert!(refused > 2, "{refused}");
}
