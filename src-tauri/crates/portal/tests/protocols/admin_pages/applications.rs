use axum::http::StatusCode;
use portal::applications;

use super::{administrator, house};
use crate::{browser::Browser, house::House};

const URL: &str = "portalOptions.signInOptions.applicationUrl";
const START: &str = "https://wiki.example.com/";

/// Adds an application of the house's own, assigns it to the developer and returns its page.
async fn add_wiki(house: &House, browser: &mut Browser<'_>) -> String {
    let fields = [
        ("provider", "custom-saml"),
        ("name", "Wiki"),
        ("description", "Notes"),
        (URL, START),
        ("visible", "yes"),
    ];
    let new = "/admin/applications/new?provider=custom-saml";
    let path = browser.fill(new, &fields).await.target();
    let user = house.user_id("developer").await;
    let fields = [("kind", "USER"), ("principal", user.as_str())];
    browser
        .fill(&format!("{path}/assign"), &fields)
        .await
        .target();
    path
}

#[tokio::test]
async fn an_application_of_the_catalogue_is_set_up_and_assigned() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let here = "/admin/applications/new?provider=catalog/GitHub";
    let guide = browser.get(here).await;
    guide.shows("Authentication security");
    let fields = [
        ("provider", "catalog/GitHub"),
        ("name", "Code"),
        (URL, "https://github.com/orgs/{organization}/sso"),
        ("visible", "yes"),
    ];
    let refused = browser.fill(here, &fields).await;
    refused.refuses(URL, "Put your own in the place of {organization}.");
    let address = "https://github.com/orgs/example/sso";
    let fields = fields.map(|(name, value)| (name, if name == URL { address } else { value }));
    let path = browser.fill(here, &fields).await.target();

    let mut developer = house.browser();
    developer.sign_in("developer").await;
    developer.get("/start").await.does_not_show(address);
    let user = house.user_id("developer").await;
    let assign = format!("{path}/assign");
    let fields = [("kind", "USER"), ("principal", user.as_str())];
    browser.submit(&assign, &assign, &fields).await.target();
    // Twice, as by two administrators at once.
    browser.submit(&assign, &assign, &fields).await.target();
    let nobody = [
        ("kind", "USER"),
        ("principal", "00000000-0000-4000-8000-000000000000"),
    ];
    let answer = browser.submit(&assign, &assign, &nobody).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    developer.get("/start").await.shows("Code");

    let removal = format!("{path}/removal");
    let fields = [("kind", "USER"), ("principal", user.as_str())];
    browser.submit(&path, &removal, &fields).await.target();
    developer.get("/start").await.does_not_show("Code");
    browser.fill(&format!("{path}/delete"), &[]).await.target();
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_application_is_hidden_shown_and_loses_what_is_left_empty() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let path = add_wiki(&house, &mut browser).await;
    let change = format!("{path}/change");
    let mut developer = house.browser();
    developer.sign_in("developer").await;
    developer.get("/start").await.shows("Notes");

    let shown = browser.get(&change).await;
    assert_eq!(shown.html.matches(" checked").count(), 2, "{shown:?}");
    let fields = [("name", "Wiki"), (URL, START), ("enabled", "yes")];
    browser.fill(&change, &fields).await.target();
    developer.get("/start").await.does_not_show("Wiki");
    browser.get("/admin/applications").await.shows("Hidden");

    let fields = [("name", "Wiki"), ("enabled", "yes"), ("visible", "yes")];
    browser.fill(&change, &fields).await.target();
    let start = developer.get("/start").await;
    start.shows("It has no start URL yet");
    start.does_not_show("Notes");
    let refused = browser.fill(&change, &[("name", ""), (URL, START)]).await;
    refused.refuses("name", "It is needed.");
}

#[tokio::test]
async fn attribute_mappings_are_added_changed_and_removed_one_by_one() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let path = add_wiki(&house, &mut browser).await;
    let id = path.rsplit('/').next().expect("an id");
    let mappings = format!("{path}/mappings");
    let stored = async || {
        let found = applications::attribute_mappings(house.portal.pool(), id).await;
        let found = found.expect("store").into_iter();
        found
            .map(|mapping| [mapping.name, mapping.source, mapping.format].join(" "))
            .collect::<Vec<_>>()
    };
    let mapping = |before, name, source| {
        [
            ("before", before),
            ("name", name),
            ("source", source),
            ("format", "basic"),
        ]
    };
    let team = mapping("", "team", "${user:title}");
    browser.fill(&mappings, &team).await.target();
    let subject = mapping("", "Subject", "${user:email}");
    browser.fill(&mappings, &subject).await.target();
    browser.get(&path).await.shows("Email address");
    for (fields, field, problem) in [
        (mapping("", "team", "x"), "name", "It must be given once."),
        (mapping("", "", "x"), "name", "It is needed."),
        (mapping("team", "team", ""), "source", "It is needed."),
    ] {
        browser
            .fill(&mappings, &fields)
            .await
            .refuses(field, problem);
    }

    let shown = browser.get(&format!("{mappings}?change=team")).await;
    shown.shows("value=\"${user:title}\"");
    let renamed = mapping("team", "crew", "${user:groups}");
    browser.fill(&mappings, &renamed).await.target();
    let both = ["Subject ${user:email} basic", "crew ${user:groups} basic"];
    assert_eq!(stored().await, both);
    let removal = format!("{mappings}/removal");
    browser
        .submit(&mappings, &removal, &[("name", "Subject")])
        .await
        .leads_to(&format!("{mappings}?done=mapping-removed"));
    assert_eq!(stored().await, ["crew ${user:groups} basic"]);
}
