use axum::http::StatusCode;

use super::{administrator, house};

#[tokio::test]
async fn an_account_is_added_moved_renamed_and_closed() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let new = [("AccountName", "Games"), ("Email", "aws+games@example.com")];
    let path = browser.fill("/admin/accounts/new", &new).await.target();
    browser.get(&path).await.shows("Games");

    let unit = browser
        .fill("/admin/accounts/units/new", &[("Name", "Studio")])
        .await;
    let unit = unit.location().to_owned();
    let id = unit
        .split_once("unit=")
        .expect("a unit")
        .1
        .split('&')
        .next()
        .expect("an id");
    let relocation = format!("{path}/move");
    browser
        .submit(
            &format!("{relocation}?unit={id}"),
            &relocation,
            &[("unit", id)],
        )
        .await
        .target();
    browser.get(&path).await.shows("Studio");
    browser
        .get(&format!("/admin/accounts/tree?unit={id}"))
        .await
        .shows("Games");
    // What is in use stays.
    let kept = browser
        .fill(&format!("/admin/accounts/units/{id}/delete"), &[])
        .await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kept.problem().contains("not empty"), "{kept:?}");
    browser
        .fill(
            &format!("/admin/accounts/units/{id}/name"),
            &[("Name", "Atelier")],
        )
        .await;
    browser.get(&path).await.shows("Atelier");

    let change = [("AccountName", "Play"), ("Email", "aws+play@example.com")];
    browser
        .fill(&format!("{path}/change"), &change)
        .await
        .target();
    browser
        .get("/admin/accounts?search=pla")
        .await
        .shows("aws+play@example.com");
    browser.fill(&format!("{path}/close"), &[]).await.target();
    browser.get(&path).await.shows("Closed");
    for event in [
        "CreateAccount",
        "MoveAccount",
        "CloseAccount",
        "CreateOrganizationalUnit",
    ] {
        let events = house.events().await;
        assert!(
            events.contains(&(event.to_owned(), None)),
            "{event} in {events:?}"
        );
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_says_why_beside_its_field() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    for (name, email, id, field, problem) in [
        ("", "a@example.com", "", "AccountName", "It is needed."),
        ("A", "nobody", "", "Email", "It "),
        (
            "A",
            "aws+sandbox@example.com",
            "",
            "Email",
            "Another account has this address",
        ),
        (
            "A",
            "a@example.com",
            "12",
            "AccountId",
            "It is twelve digits.",
        ),
        (
            "A",
            "a@example.com",
            "999900001111",
            "AccountId",
            "There is an account",
        ),
    ] {
        let fields = [("AccountName", name), ("Email", email), ("AccountId", id)];
        browser
            .fill("/admin/accounts/new", &fields)
            .await
            .refuses(field, problem);
    }
    let known = [
        ("AccountName", "Old"),
        ("Email", "old@example.com"),
        ("AccountId", "123412341234"),
    ];
    browser
        .fill("/admin/accounts/new", &known)
        .await
        .leads_to("/admin/accounts/123412341234?done=account-created");
    let management = browser.get("/admin/accounts/111122223333/close").await;
    assert_eq!(management.status, StatusCode::OK);
    let refused = browser
        .fill("/admin/accounts/111122223333/close", &[])
        .await;
    assert!(
        refused.problem().contains("management account"),
        "{refused:?}"
    );
    for page in ["000000000000", "12", "ou-none"] {
        let page = browser.get(&format!("/admin/accounts/{page}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}
