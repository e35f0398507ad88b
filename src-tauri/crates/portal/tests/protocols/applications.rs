//! Applications in the portal: who sees them, and where they open.

use portal::{
    access::{AccessError, Principal},
    act::Act,
    applications::{
        self, ApplicationAssignment, ApplicationChange, NewApplication, Provider, SignIn,
        SignInOrigin,
    },
    config::MfaMode,
};

use crate::house::House;

const ADDRESS: &str = "https://wiki.example.com/?from=portal";

#[tokio::test]
async fn an_assigned_application_opens_from_the_portal_and_no_other() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    let id = wiki(&house, true).await;
    let open = format!("/start/application?id={id}");

    let mut owner = house.browser();
    owner.sign_in("finance").await;
    let page = owner.get("/start").await;
    assert!(page.html.contains("Wiki &#60;b&#62;"), "{}", page.html);
    assert!(
        page.html.contains(&format!("href=\"{open}\"")),
        "{}",
        page.html
    );
    owner.get(&open).await.leads_to(ADDRESS);
    let searched = owner.get("/start?search=nothing").await;
    assert!(!searched.html.contains("Wiki"), "{}", searched.html);

    let mut other = house.browser();
    other.sign_in("auditor").await;
    assert!(!other.get("/start").await.html.contains("Wiki"));
    assert_eq!(other.get(&open).await.status, 403);
    assert_eq!(other.get("/start/application?id=apl-0").await.status, 403);

    let events = house.events().await;
    let opened = ("Federate".to_owned(), None);
    let refused = ("Federate".to_owned(), Some("ForbiddenException".to_owned()));
    assert_eq!(events.iter().filter(|event| **event == opened).count(), 1);
    assert_eq!(events.iter().filter(|event| **event == refused).count(), 2);
}

#[tokio::test]
async fn an_application_without_an_address_says_what_it_lacks() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    let id = wiki(&house, true).await;
    let change = ApplicationChange {
        sign_in: Some(None),
        ..ApplicationChange::default()
    };
    house
        .perform(async |act| applications::update_application(act, &id, &change).await)
        .await;
    let mut owner = house.browser();
    owner.sign_in("finance").await;
    let page = owner.get(&format!("/start/application?id={id}")).await;
    assert_eq!(page.status, 404);
    assert!(
        page.html.contains("It has no start URL yet."),
        "{}",
        page.html
    );
    let error = Some("ResourceNotFoundException".to_owned());
    let refused = ("Federate".to_owned(), error);
    assert!(house.events().await.contains(&refused));
}

#[tokio::test]
async fn a_stranger_signs_in_before_an_application_opens() {
    let house = House::new().await;
    let id = wiki(&house, true).await;
    let open = format!("/start/application?id={id}");
    let answer = house.browser().get(&open).await;
    let back = format!("/signin?return_to=%2Fstart%2Fapplication%3Fid%3D{id}");
    answer.leads_to(&back);
}

#[tokio::test]
async fn clients_list_the_applications_of_their_user() {
    let house = House::new().await;
    let id = wiki(&house, true).await;
    wiki(&house, false).await;
    let list = "/instance/appinstances";
    let answer = house.get(list, &house.access_token("finance").await).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let found = &answer.body["result"];
    assert_eq!(
        found.as_array().map(Vec::len),
        Some(1),
        "a disabled one is not shown"
    );
    assert_eq!(found[0]["id"], id);
    assert_eq!(found[0]["name"], "Wiki <b>");
    let start = format!("http://localhost:8123/start/application?id={id}");
    assert_eq!(found[0]["startUrl"], start);

    let other = house.get(list, &house.access_token("auditor").await).await;
    assert_eq!(other.body["result"].as_array().map(Vec::len), Some(0));
    house
        .get(list, "nobody")
        .await
        .is_error(401, "UnauthorizedException");
}

/// An application for the group Finance; returns its id.
pub(crate) async fn wiki(house: &House, enabled: bool) -> String {
    house.perform(async |act| create(act, enabled).await).await
}

async fn create(act: &mut Act<'_>, enabled: bool) -> Result<String, AccessError> {
    let new = NewApplication {
        name: "Wiki <b>",
        provider: Provider::CustomSaml,
        description: None,
        enabled,
        visible: true,
        sign_in: Some(SignIn {
            origin: SignInOrigin::Application,
            url: Some(ADDRESS.to_owned()),
        }),
        client_token: None,
    };
    let application_id = applications::create_application(act, &new, &[]).await?.id;
    let group = sqlx::query_scalar("SELECT id FROM groups WHERE display_name = 'Finance'")
        .fetch_one(act.db())
        .await?;
    let assignment = ApplicationAssignment {
        application_id,
        principal: Principal::Group(group),
    };
    applications::create_application_assignment(act, &assignment).await?;
    Ok(assignment.application_id)
}
