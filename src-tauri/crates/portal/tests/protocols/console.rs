//! From the portal or from credentials into the (stand-in) console.

use crate::{browser::Page, house::House};
use axum::http::StatusCode;
use portal::config::MfaMode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use time::Duration;
use url::form_urlencoded::Serializer;

const ACCOUNT: &str = "777788889999";

async fn house() -> House {
    House::with(|config| config.mfa = Some(MfaMode::Never)).await
}

/// The `Session` parameter for credentials of the storage engineer's role.
async fn session_parameter(house: &House) -> String {
    let credentials = house
        .credentials("storage", ACCOUNT, "StorageAndDatabases")
        .await;
    json!({
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key.expose_secret(),
        "sessionToken": credentials.session_token.expose_secret(),
    })
    .to_string()
}

fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn token_of(page: &Page) -> String {
    let body: Value = serde_json::from_str(&page.html).expect("JSON");
    body["SigninToken"].as_str().expect("a token").to_owned()
}

async fn signin_token(house: &House, more: &[(&str, &str)]) -> Page {
    let session = session_parameter(house).await;
    let fields = [("Action", "getSigninToken"), ("Session", session.as_str())];
    house
        .browser()
        .post("/federation", &[&fields, more].concat())
        .await
}

fn login(destination: &str, token: &str) -> String {
    let pairs = [
        ("Action", "login"),
        ("Issuer", "http://localhost:8123/start"),
        ("Destination", destination),
        ("SigninToken", token),
    ];
    format!("/federation?{}", query(&pairs))
}

#[tokio::test]
async fn credentials_open_the_console_of_their_account_and_role() {
    let house = house().await;
    let token = token_of(&signin_token(&house, &[]).await);
    let mut browser = house.browser();
    let destination = "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1";
    browser
        .get(&login(destination, &token))
        .await
        .leads_to("/console");
    let console = browser.get("/console").await;
    for (id, text) in [
        ("account-id", ACCOUNT),
        ("account-name", "Data Lake Production"),
        ("role-name", "StorageAndDatabases"),
        ("user-name", "storage"),
        ("partition", "aws"),
        ("region", "eu-west-1"),
        ("destination", destination),
        ("expires", "2026-11-22T13:00:00Z"),
    ] {
        assert_eq!(console.text(id), text, "{id}");
    }
    assert!(console.text("stand-in").contains("stand-in"));
    for name in ["GetSigninToken", "ConsoleLogin"] {
        let event = (name.to_owned(), None);
        assert!(house.events().await.contains(&event), "{name}");
    }
    house.pass(Duration::hours(1));
    assert_eq!(
        browser.get("/console").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_sign_in_token_may_be_asked_for_by_get() {
    let house = house().await;
    let session = session_parameter(&house).await;
    let pairs = [("Action", "getSigninToken"), ("Session", session.as_str())];
    let page = house
        .browser()
        .get(&format!("/federation?{}", query(&pairs)))
        .await;
    assert!(!token_of(&page).is_empty());
}

#[tokio::test]
async fn a_sign_in_token_is_good_for_a_quarter_of_an_hour_and_only_unaltered() {
    let house = house().await;
    let token = token_of(&signin_token(&house, &[]).await);
    house.pass(Duration::minutes(14));
    house
        .browser()
        .get(&login("", &token))
        .await
        .leads_to("/console");
    let (start, end) = token.split_at(token.len() / 2);
    let other = if end.starts_with('A') { "B" } else { "A" };
    let altered = format!("{start}{other}{}", &end[1..]);
    assert_eq!(
        house.browser().get(&login("", &altered)).await.status,
        StatusCode::FORBIDDEN
    );
    house.pass(Duration::minutes(2));
    let mut late = house.browser();
    assert_eq!(
        late.get(&login("", &token)).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(late.get("/console").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_may_be_asked_to_last_15_minutes_to_12_hours() {
    let house = house().await;
    for refused in ["899", "43201", "long", "-900"] {
        let page = signin_token(&house, &[("SessionDuration", refused)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{refused}");
    }
    for (asked, until) in [
        ("900", "2026-11-22T12:15:00Z"),
        ("43200", "2026-11-23T00:00:00Z"),
    ] {
        let token = token_of(&signin_token(&house, &[("SessionDuration", asked)]).await);
        let mut browser = house.browser();
        browser.get(&login("", &token)).await;
        assert_eq!(browser.get("/console").await.text("expires"), until);
    }
}

#[tokio::test]
async fn only_whole_and_living_credentials_get_a_token() {
    let house = house().await;
    let session = session_parameter(&house).await;
    let mut altered: Value = serde_json::from_str(&session).expect("JSON");
    altered["sessionKey"] = json!("another key");
    for (session, status) in [("{}", 400), ("", 400), (altered.to_string().as_str(), 403)] {
        let fields = [("Action", "getSigninToken"), ("Session", session)];
        assert_eq!(
            house.browser().post("/federation", &fields).await.status,
            status
        );
    }
    house.pass(Duration::hours(2));
    let fields = [("Action", "getSigninToken"), ("Session", session.as_str())];
    assert_eq!(
        house.browser().post("/federation", &fields).await.status,
        403
    );
    let events = house.events().await;
    let refusals = events
        .iter()
        .filter(|(name, error)| name == "GetSigninToken" && error.is_some());
    assert_eq!(refusals.count(), 4);
}

#[tokio::test]
async fn a_destination_outside_the_consoles_is_refused() {
    let house = house().await;
    let token = token_of(&signin_token(&house, &[]).await);
    let mut browser = house.browser();
    let page = browser.get(&login("https://evil.example/", &token)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        browser.get("/console").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_shortcut_link_opens_the_console_after_signing_in() {
    let house = house().await;
    let mut browser = house.browser();
    let pairs = [
        ("account_id", ACCOUNT),
        ("role_name", "StorageAndDatabases"),
        ("destination", "https://console.aws.amazon.com/rds/"),
    ];
    let shortcut = format!("/start/console?{}", query(&pairs));
    let sign_in = browser.get(&shortcut).await.location().to_owned();
    assert_eq!(browser.get(&sign_in).await.value("return_to"), shortcut);
    browser.sign_in("storage").await;
    let login = browser.get(&shortcut).await.location().to_owned();
    let login = login
        .strip_prefix("http://localhost:8123")
        .expect("this portal");
    browser.get(login).await.leads_to("/console");
    let console = browser.get("/console").await;
    assert_eq!(console.text("account-id"), ACCOUNT);
    assert_eq!(
        console.text("destination"),
        "https://console.aws.amazon.com/rds/"
    );
    assert_eq!(console.text("user-name"), "storage");
    assert!(
        house
            .events()
            .await
            .contains(&("Federate".to_owned(), None))
    );
}

#[tokio::test]
async fn without_a_destination_the_permission_set_says_where_to_land() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("storage").await;
    let start = browser.get("/start").await;
    let (_, link) = start
        .html
        .split_once("console\" href=\"")
        .expect("a console's link");
    let link = link
        .split('"')
        .next()
        .expect("its end")
        .replace("&#38;", "&");
    let login = browser.get(&link).await.location().to_owned();
    browser
        .get(
            login
                .strip_prefix("http://localhost:8123")
                .expect("this portal"),
        )
        .await;
    let console = browser.get("/console").await;
    assert_eq!(
        console.text("destination"),
        "https://console.aws.amazon.com/s3/"
    );
}

#[tokio::test]
async fn a_role_that_is_not_assigned_opens_nothing() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("storage").await;
    let target = format!("/start/console?account_id={ACCOUNT}&role_name=AdministratorAccess");
    assert_eq!(browser.get(&target).await.status, StatusCode::FORBIDDEN);
    let fields = [
        ("account_id", ACCOUNT),
        ("role_name", "AdministratorAccess"),
    ];
    let keys = browser
        .submit("/start", "/start/access-keys", &fields)
        .await;
    assert_eq!(keys.status, StatusCode::FORBIDDEN);
    let refused = Some("ForbiddenException".to_owned());
    let events = house.events().await;
    for name in ["Federate", "GetRoleCredentials"] {
        assert!(
            events.contains(&(name.to_owned(), refused.clone())),
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn signing_out_of_the_console_leaves_the_portal_session_alone() {
    let house = house().await;
    let token = token_of(&signin_token(&house, &[]).await);
    let mut browser = house.browser();
    browser.sign_in("storage").await;
    for (redirect_uri, status) in [
        ("https://evil.example/", StatusCode::OK),
        ("http://localhost:8123/start", StatusCode::SEE_OTHER),
    ] {
        browser.get(&login("", &token)).await.leads_to("/console");
        let pairs = [("Action", "logout"), ("redirect_uri", redirect_uri)];
        let page = browser.get(&format!("/oauth?{}", query(&pairs))).await;
        assert_eq!(page.status, status);
        assert_eq!(
            browser.get("/console").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(browser.get("/start").await.status, StatusCode::OK);
}
