//! How a portal that nobody administers yet gets its first administrator.

use axum::http::StatusCode;
use portal::{
    config::MfaMode,
    directory::{self, GroupKey, UserAttributes},
    enabling,
};
use secrecy::ExposeSecret;

use crate::{browser::PASSWORD, house::House};

async fn house() -> House {
    House::without_organization(|config| config.mfa = Some(MfaMode::Never)).await
}

#[tokio::test]
async fn a_new_portal_says_how_its_first_administrator_comes_in() {
    let house = house().await;
    let mut browser = house.browser();
    for page in ["/start", "/admin"] {
        let sent = browser.get(page).await.location().to_owned();
        let told = browser.get(&sent).await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(
            told.text("enable").starts_with("vestibule-portal enable"),
            "{told:?}"
        );
    }
    let ana = UserAttributes::new("ana", "Ana", "ana@example.com");
    let link = house
        .perform(async |act| enabling::enable(act, &ana).await)
        .await;
    assert!(
        browser
            .get("/signin")
            .await
            .html
            .contains("id=\"password\"")
    );

    let token = link
        .url
        .expose_secret()
        .split_once("token=")
        .expect("one")
        .1;
    let path = format!("/set-password?token={token}");
    let passwords = [
        ("token", token),
        ("password", PASSWORD),
        ("repeated", PASSWORD),
    ];
    browser
        .submit(&path, "/set-password", &passwords)
        .await
        .leads_to("/start");
    let start = browser.get("/start").await;
    assert!(start.html.contains("Management"), "{start:?}");
    let admin = browser.get("/admin").await;
    assert!(admin.html.contains("First steps"), "{admin:?}");
}

#[tokio::test]
async fn who_left_nobody_to_administer_learns_where_somebody_is_let_in() {
    let house = house().await;
    let ana = UserAttributes::new("ana", "Ana", "ana@example.com");
    house
        .perform(async |act| enabling::enable(act, &ana).await)
        .await;
    let mut browser = house.browser();
    browser.sign_in("ana").await;

    let by_name = GroupKey::Name("Administrators");
    let group = directory::group_id(house.portal.pool(), by_name).await;
    let path = format!("/admin/groups/{}", group.expect("store").expect("group"));
    let user = house.user_id("ana").await;
    browser
        .submit(&path, &format!("{path}/removal"), &[("user", &user)])
        .await
        .target();
    let told = browser.get("/admin").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(
        told.html.contains("vestibule-portal admin assign"),
        "{told:?}"
    );
}
