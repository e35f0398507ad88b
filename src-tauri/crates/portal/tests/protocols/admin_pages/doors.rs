use axum::http::StatusCode;

use super::{administrator, house};

/// One page of every section.
const PAGES: [&str; 22] = [
    "/admin",
    "/admin/users",
    "/admin/users/new",
    "/admin/groups",
    "/admin/groups/new",
    "/admin/accounts",
    "/admin/accounts/new",
    "/admin/accounts/tree",
    "/admin/accounts/555566667777",
    "/admin/accounts/555566667777/change",
    "/admin/accounts/555566667777/move",
    "/admin/accounts/555566667777/close",
    "/admin/permission-sets",
    "/admin/permission-sets/new",
    "/admin/assignments",
    "/admin/assignments/new",
    "/admin/applications",
    "/admin/applications/new",
    "/admin/applications/new?provider=catalog/GitHub",
    "/admin/mfa",
    "/admin/settings",
    "/admin/audit",
];

#[tokio::test]
async fn every_page_is_there_for_an_administrator() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    for page in PAGES {
        let shown = browser.get(page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {shown:?}");
        assert!(shown.html.contains("aria-current=\"page\""), "{page}");
    }
    browser.get("/start").await.shows("href=\"/admin\"");
}

#[tokio::test]
async fn nobody_comes_in_without_a_session() {
    let house = house().await;
    for page in PAGES {
        let mut browser = house.browser();
        let target = browser.get(page).await.location().to_owned();
        let back: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        assert_eq!(target, format!("/signin?return_to={back}"));
        let posted = browser.post(page, &[("userName", "eve")]).await;
        assert_ne!(posted.status, StatusCode::OK, "{page}");
    }
    let mut browser = house.browser();
    house.set_password("admin", false).await;
    let fields = [
        ("username", "admin"),
        ("password", crate::browser::PASSWORD),
        ("return_to", "/admin/users?search=ada"),
    ];
    let signed_in = browser.submit("/signin", "/signin", &fields).await;
    signed_in.leads_to("/admin/users?search=ada");
}

#[tokio::test]
async fn nobody_comes_in_who_is_no_administrator() {
    let house = house().await;
    let mut browser = house.browser();
    // Reads everything, everywhere; changes nothing.
    browser.sign_in("auditor").await;
    browser.get("/start").await.does_not_show("/admin");
    for page in PAGES {
        let refused = browser.get(page).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
        assert!(refused.html.contains("AdministratorAccess"), "{page}");
        assert!(refused.html.contains("Ask whoever"), "{page}");
    }
    let csrf = browser.get("/start").await.value("csrf");
    let fields = [("displayName", "Intruders"), ("csrf", csrf.as_str())];
    let refused = browser.post("/admin/groups/new", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refusals = house.events().await;
    let code = Some("AccessDeniedException".to_owned());
    assert!(refusals.contains(&("OpenAdministration".to_owned(), code)));
    administrator(&house)
        .await
        .get("/admin/groups")
        .await
        .does_not_show("Intruders");
}

#[tokio::test]
async fn a_form_of_another_browser_changes_nothing() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let foreign = house.browser().get("/signin").await.value("csrf");
    let user = house.user_id("developer").await;
    for (path, fields) in [
        ("/admin/groups/new", vec![("displayName", "Intruders")]),
        (&*format!("/admin/users/{user}/delete"), vec![]),
        (
            "/admin/settings/address",
            vec![("alias", "intruders"), ("confirmed", "yes")],
        ),
        ("/admin/mfa", vec![("mode", "never")]),
    ] {
        let mut forged = fields.clone();
        forged.push(("csrf", &foreign));
        assert_eq!(
            browser.post(path, &forged).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
        assert_eq!(
            browser.post(path, &fields).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    browser
        .get("/admin/groups")
        .await
        .does_not_show("Intruders");
    browser.get("/admin/users").await.shows("developer");
}

#[tokio::test]
async fn access_is_lost_with_the_assignment() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let admin = house.user_id("admin").await;
    let groups = browser.get(&format!("/admin/users/{admin}")).await;
    let group = groups.value("group");
    let leave = format!("/admin/users/{admin}/leave");
    let here = format!("/admin/users/{admin}");
    let left = browser.submit(&here, &leave, &[("group", &group)]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/admin").await.status, StatusCode::FORBIDDEN);
}

/// Whatever an administrator can type, as pages show it: never as markup.
#[tokio::test]
async fn what_is_typed_is_shown_and_never_read_as_markup() {
    const MARKUP: &str = "<img src=x onerror=alert(1)>\"'{{7*7}}%0d%0aSet-Cookie:x=y";
    let house = house().await;
    let mut browser = administrator(&house).await;
    let group = [("displayName", MARKUP), ("description", MARKUP)];
    let group = browser.fill("/admin/groups/new", &group).await.target();
    let user = [
        ("userName", "<b>eve</b>"),
        ("displayName", MARKUP),
        ("emails", "eve@example.com"),
        ("name.givenName", MARKUP),
        ("password", "one-time"),
    ];
    let made = browser.fill("/admin/users/new", &user).await;
    let account = [
        ("AccountName", MARKUP),
        ("Email", "markup@example.com"),
        ("AccountId", "123123123123"),
    ];
    browser.fill("/admin/accounts/new", &account).await.target();
    let unit = browser
        .fill("/admin/accounts/units/new", &[("Name", MARKUP)])
        .await;
    let application = [
        ("provider", "custom-saml"),
        ("name", MARKUP),
        ("description", MARKUP),
        (
            "portalOptions.signInOptions.applicationUrl",
            "https://example.com/",
        ),
    ];
    let application = browser
        .fill("/admin/applications/new?provider=custom-saml", &application)
        .await
        .target();
    let searched = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect::<String>();
    let eve = house.user_id("<b>eve</b>").await;
    for page in [
        "/admin/users",
        "/admin/groups",
        "/admin/accounts",
        "/admin/accounts/123123123123",
        "/admin/accounts/tree",
        "/admin/applications",
        "/admin/audit",
        &group,
        &application,
        unit.location(),
        &format!("/admin/users/{eve}"),
        &format!("/admin/users?search={searched}"),
        &format!("/admin/audit?user={searched}&event={searched}"),
        &format!("/admin/assignments/new?search={searched}&step=accounts"),
        &format!("{group}?done={searched}"),
    ] {
        let shown = browser.get(page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {shown:?}");
        assert!(!shown.html.contains("<img src=x"), "{page}");
        assert!(!shown.html.contains("<b>eve"), "{page}");
    }
    assert!(!made.html.contains("<b>eve"));
    // A value that its field cannot hold comes back as it was typed, and no more.
    let set = [("name", MARKUP), ("sessionDuration", "1")];
    let refused = browser.fill("/admin/permission-sets/new", &set).await;
    refused.refuses("name", "It");
    assert!(refused.html.contains("&#60;img src=x"), "{refused:?}");
    assert!(!refused.html.contains("<img src=x"));
}

#[tokio::test]
async fn sql_is_text_wherever_it_is_typed() {
    const SQL: &str = "x'; DROP TABLE users; --%_\\";
    let house = house().await;
    let mut browser = administrator(&house).await;
    let sought = url::form_urlencoded::byte_serialize(SQL.as_bytes()).collect::<String>();
    for list in [
        "/admin/users",
        "/admin/groups",
        "/admin/accounts",
        "/admin/permission-sets",
        "/admin/applications",
        "/admin/assignments",
        "/admin/audit",
        "/admin/accounts/tree",
    ] {
        for query in ["search", "after", "user", "event", "done", "after_unit"] {
            let page = browser.get(&format!("{list}?{query}={sought}")).await;
            assert_eq!(page.status, StatusCode::OK, "{list} {query}: {page:?}");
        }
    }
    let group = browser
        .fill("/admin/groups/new", &[("displayName", SQL)])
        .await;
    browser.get(&group.target()).await.shows("DROP TABLE");
    // `%` and `_` stand for themselves.
    browser
        .get("/admin/permission-sets?search=%25")
        .await
        .does_not_show("Billing");
    browser
        .get("/admin/permission-sets?search=bill")
        .await
        .shows("Billing");
    browser.get("/admin/users").await.shows("developer");
}
