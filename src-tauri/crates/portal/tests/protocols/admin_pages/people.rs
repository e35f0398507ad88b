use axum::http::StatusCode;
use portal::directory;

use super::{administrator, house};
use crate::browser::PASSWORD;

const EMMA: [(&str, &str); 5] = [
    ("userName", "emma"),
    ("emails", "emma@example.com"),
    ("name.givenName", "Emma"),
    ("name.familyName", "Example"),
    ("password", "invitation"),
];

#[tokio::test]
async fn a_user_is_created_and_invited() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let made = browser.fill("/admin/users/new", &EMMA).await;
    made.shows("emma@example.com");
    let link = made.text("secret");
    let token = link.split_once("token=").expect("a token").1.to_owned();

    // Whoever has the link sets the password and signs in.
    let path = format!("/set-password?token={token}");
    let mut guest = house.browser();
    let passwords = [
        ("token", token.as_str()),
        ("password", PASSWORD),
        ("repeated", PASSWORD),
    ];
    let set = guest.submit(&path, "/set-password", &passwords).await;
    assert!(
        set.status.is_success() || set.status.is_redirection(),
        "{set:?}"
    );
    let mut guest = house.browser();
    guest
        .give_password("emma", PASSWORD)
        .await
        .leads_to("/start");
    let emma = directory::user_by_name(house.portal.pool(), "emma").await;
    assert_eq!(
        emma.expect("store").expect("emma").display_name,
        "Emma Example"
    );
    let events = house.events().await;
    for event in ["CreateUser", "InviteUser"] {
        assert!(events.contains(&(event.to_owned(), None)), "{events:?}");
    }
}

#[tokio::test]
async fn a_one_time_password_works_once() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let user = house.user_id("developer").await;
    let path = format!("/admin/users/{user}/password");
    let reset = browser.fill(&path, &[("way", "one-time")]).await;
    let password = reset.text("secret");
    let mut developer = house.browser();
    let signed_in = developer.give_password("developer", &password).await;
    signed_in.leads_to("/signin/password");
}

#[tokio::test]
async fn whoever_lost_a_link_is_sent_another() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    browser.fill("/admin/users/new", &EMMA).await;
    let emma = house.user_id("emma").await;
    let (page, password) = (
        format!("/admin/users/{emma}"),
        format!("/admin/users/{emma}/password"),
    );
    browser.get(&page).await.shows("None yet");
    let again = browser.fill(&password, &[("way", "link")]).await;
    again.shows("until 2026-11-29");
    house.set_password("emma", false).await;
    browser.get(&page).await.shows("Set 2026-11-22");
    for _ in 0..2 {
        let reset = browser.fill(&password, &[("way", "link")]).await;
        reset.shows("/set-password?token=");
    }
    browser.get(&page).await.shows("Taken away 2026-11-22");
    browser.fill(&password, &[("way", "one-time")]).await;
    browser.get(&page).await.shows("One-time: the next sign-in");
}

#[tokio::test]
async fn everything_that_is_missing_is_said_at_once() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let refused = browser.fill("/admin/users/new", &[]).await;
    for field in ["userName", "emails"] {
        let beside = format!("-{field}-problem\" role=\"alert\">It is needed.");
        assert!(refused.html.contains(&beside), "{field}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let with = |name: &'static str, value: &'static str| {
        EMMA.map(|(field, typed)| (field, if field == name { value } else { typed }))
    };
    for (field, value, problem) in [
        ("userName", "", "It is needed."),
        (
            "userName",
            "developer",
            "Another user has this name already.",
        ),
        (
            "userName",
            "DEVELOPER",
            "Another user has this name already.",
        ),
        ("userName", "em ma", "It holds a character"),
        ("emails", "", "It is needed."),
        ("emails", "emma", "It is no email address"),
        (
            "emails",
            "Developer@Example.com",
            "Another user has this address already.",
        ),
    ] {
        let refused = browser.fill("/admin/users/new", &with(field, value)).await;
        refused.refuses(field, problem);
        assert!(refused.html.contains("value=\"Example\""), "{refused:?}");
    }
    let found = directory::user_by_name(house.portal.pool(), "emma").await;
    assert_eq!(found.expect("store"), None);
    let group = browser
        .fill("/admin/groups/new", &[("displayName", "finance")])
        .await;
    group.refuses("displayName", "Another group has this name already.");
    let group = browser
        .fill("/admin/groups/new", &[("displayName", "")])
        .await;
    group.refuses("displayName", "It is needed.");
}

#[tokio::test]
async fn attributes_change_and_can_go() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let user = house.user_id("developer").await;
    let path = format!("/admin/users/{user}/attributes");
    let department = "aws:identitystore:enterprise.department";
    let fields = [
        ("userName", "developer"),
        ("displayName", "Someone Else"),
        ("emails", "else@example.com"),
        ("title", "Engineer"),
        (department, "Shop"),
    ];
    browser
        .fill(&path, &fields)
        .await
        .leads_to(&format!("/admin/users/{user}?done=user-changed"));
    let shown = browser.get(&format!("/admin/users/{user}")).await;
    for text in ["Someone Else", "else@example.com", "Engineer", "Shop"] {
        shown.shows(text);
    }
    let fields = [
        ("userName", "developer"),
        ("displayName", "D"),
        ("emails", "else@example.com"),
    ];
    browser.fill(&path, &fields).await.target();
    let shown = browser.get(&format!("/admin/users/{user}")).await;
    shown.does_not_show("Engineer");
    let taken = [
        ("userName", "developer"),
        ("displayName", "D"),
        ("emails", "admin@example.com"),
    ];
    browser
        .fill(&path, &taken)
        .await
        .refuses("emails", "Another user has this address");
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_a_deleted_one_for_good() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let mut developer = house.browser();
    developer.sign_in("developer").await;
    let user = house.user_id("developer").await;
    let path = |act: &str| format!("/admin/users/{user}/{act}");

    browser
        .get(&path("disable"))
        .await
        .shows("Disable developer?");
    assert_eq!(
        developer.get("/start").await.status,
        StatusCode::OK,
        "asking does nothing"
    );
    browser.fill(&path("disable"), &[]).await.target();
    assert_ne!(developer.get("/start").await.status, StatusCode::OK);
    let refused = developer.give_password("developer", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    browser.fill(&path("enable"), &[]).await.target();
    developer
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    let sessions = browser.get(&format!("/admin/users/{user}")).await;
    let session = sessions.value("session");
    let here = format!("/admin/users/{user}");
    let end = path("end-session");
    browser
        .submit(&here, &end, &[("session", &session)])
        .await
        .target();
    assert_ne!(developer.get("/start").await.status, StatusCode::OK);

    browser
        .fill(&path("delete"), &[])
        .await
        .leads_to("/admin/users?done=user-deleted");
    let found = directory::user_by_name(house.portal.pool(), "developer").await;
    assert_eq!(found.expect("store"), None);
    assert_eq!(browser.get(&here).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn factors_are_reset() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    house.enrol("developer").await;
    let user = house.user_id("developer").await;
    let page = format!("/admin/users/{user}");
    browser.get(&page).await.shows("Authenticator app");
    browser.fill(&format!("{page}/factors"), &[]).await.target();
    browser.get(&page).await.does_not_show("Authenticator app");
}

#[tokio::test]
async fn whoever_joins_a_group_has_its_accounts_and_whoever_leaves_has_not() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let mut finance = house.browser();
    finance.sign_in("finance").await;
    finance
        .get("/start")
        .await
        .does_not_show("Web Shop Staging");

    browser
        .get("/admin/groups?search=dev")
        .await
        .shows("Developers");
    let by_name = directory::GroupKey::Name("Developers");
    let id = directory::group_id(house.portal.pool(), by_name).await;
    let path = format!("/admin/groups/{}", id.expect("store").expect("group"));

    let user = house.user_id("finance").await;
    let members = format!("{path}/members");
    let found = browser.get(&format!("{members}?search=fin")).await;
    found.shows("Add finance to Developers");
    // The search stays, for namesakes.
    let fields = [("user", user.as_str()), ("search", "fin")];
    browser
        .submit(&members, &members, &fields)
        .await
        .leads_to(&format!("{members}?search=fin&done=member-added"));
    finance.get("/start").await.shows("Web Shop Staging");
    let effective = browser.get(&format!("/admin/users/{user}")).await;
    effective.shows("Web Shop Staging");

    let removal = format!("{path}/removal");
    browser
        .submit(&path, &removal, &[("user", &user)])
        .await
        .target();
    finance
        .get("/start")
        .await
        .does_not_show("Web Shop Staging");

    let change = [("displayName", "Makers"), ("description", "")];
    browser
        .fill(&format!("{path}/change"), &change)
        .await
        .target();
    browser.get("/admin/groups").await.shows("Makers");
    browser
        .fill(&format!("{path}/delete"), &[])
        .await
        .leads_to("/admin/groups?done=group-deleted");
    browser.get("/admin/groups").await.does_not_show("Makers");
}
