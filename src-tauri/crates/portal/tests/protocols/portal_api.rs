//! The portal API: accounts, roles, credentials, logout.

use crate::house::House;
use axum::{body::Body, http::Request};
use portal::{access, declaration, directory, example};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use time::Duration;

const MANAGEMENT: &str = "111122223333";
const SHOP: &str = "555566667777";

fn names(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|item| item[field].as_str().expect("text").to_owned())
        .collect()
}

#[tokio::test]
async fn finance_sees_exactly_the_bills_of_the_management_account() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    let accounts = house.get("/assignment/accounts", &token).await;
    assert_eq!(accounts.status, 200);
    assert_eq!(accounts.body["accountList"][0]["accountId"], MANAGEMENT);
    assert_eq!(accounts.body["accountList"][0]["accountName"], "Management");
    assert_eq!(
        accounts.body["accountList"][0]["emailAddress"],
        "aws+management@example.com"
    );
    assert_eq!(
        accounts.body["accountList"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(accounts.body["nextToken"], Value::Null);
    let roles = house
        .get(
            &format!("/assignment/roles?account_id={MANAGEMENT}"),
            &token,
        )
        .await;
    assert_eq!(names(&roles.body["roleList"], "roleName"), ["Billing"]);
    assert_eq!(roles.body["roleList"][0]["accountId"], MANAGEMENT);
}

#[tokio::test]
async fn listings_come_in_pages() {
    let house = House::new().await;
    let token = house.access_token("admin").await;
    let mut seen = Vec::new();
    let mut path = "/assignment/accounts?max_result=4".to_owned();
    let mut pages = 0;
    loop {
        let page = house.get(&path, &token).await;
        assert_eq!(page.status, 200, "{page:?}");
        seen.extend(names(&page.body["accountList"], "accountId"));
        pages += 1;
        let Some(next) = page.body["nextToken"].as_str() else {
            break;
        };
        path = format!("/assignment/accounts?next_token={next}&max_result=4");
    }
    assert_eq!(pages, 3);
    assert_eq!(seen.len(), 9);
    seen.dedup();
    assert_eq!(seen.len(), 9, "each account once");
}

#[tokio::test]
async fn roles_come_in_pages_too() {
    let house = House::new().await;
    let token = house.access_token("admin").await;
    let path = format!("/assignment/roles?account_id={SHOP}&max_result=1");
    let first = house.get(&path, &token).await;
    assert_eq!(
        names(&first.body["roleList"], "roleName"),
        ["AdministratorAccess"]
    );
    let next = first.text("nextToken");
    let second = house
        .get(&format!("{path}&next_token={next}"), &token)
        .await;
    assert_eq!(
        names(&second.body["roleList"], "roleName"),
        ["ReadOnlyAccess"]
    );
    assert_eq!(second.body["nextToken"], Value::Null);

    let elsewhere = format!("/assignment/accounts?next_token={next}");
    house
        .get(&elsewhere, &token)
        .await
        .is_error(400, "InvalidRequestException");
}

#[tokio::test]
async fn malformed_questions_are_told_apart() {
    let house = House::new().await;
    let token = house.access_token("admin").await;
    for path in [
        "/assignment/accounts?max_result=0",
        "/assignment/accounts?max_result=101",
        "/assignment/accounts?max_result=many",
        "/assignment/accounts?next_token=forged",
        "/assignment/roles",
        "/assignment/roles?account_id=123",
        "/federation/credentials?account_id=111122223333",
        "/federation/credentials?role_name=Billing",
    ] {
        let answer = house.get(path, &token).await;
        answer.is_error(400, "InvalidRequestException");
    }
}

#[tokio::test]
async fn credentials_speak_for_the_role_and_the_user() {
    let house = House::new().await;
    let token = house.access_token("storage").await;
    let path = "/federation/credentials?role_name=StorageAndDatabases&account_id=777788889999";
    let answer = house.get(path, &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let credentials = &answer.body["roleCredentials"];
    let text = |name: &str| credentials[name].as_str().expect("text").to_owned();
    assert_eq!(text("accessKeyId").len(), 20);
    assert!(text("accessKeyId").starts_with("ASIA"));
    assert_eq!(text("secretAccessKey").len(), 40);
    let in_an_hour = (house.portal.now() + Duration::HOUR).unix_timestamp() * 1000;
    assert_eq!(
        credentials["expiration"], in_an_hour,
        "the permission set says one hour"
    );

    let session_token = text("sessionToken").into();
    let opened = access::open_session_token(&house.portal, &text("accessKeyId"), &session_token);
    let (session, secret, _) = opened.expect("ours");
    let issued = access::issue(&house.portal, session.clone(), Duration::HOUR).expect("issued");
    let shown = format!("{issued:?}");
    assert!(
        !shown.contains(issued.secret_access_key.expose_secret()),
        "{shown}"
    );
    assert!(
        !shown.contains(issued.session_token.expose_secret()),
        "{shown}"
    );
    assert_eq!(secret.expose_secret(), text("secretAccessKey"));
    assert!(session.second_factor);
    let arn = session.arn("aws");
    let start = "arn:aws:sts::777788889999:assumed-role/AWSReservedSSO_StorageAndDatabases_";
    let rest = arn.strip_prefix(start).expect("the role's name");
    let (suffix, user) = rest.split_once('/').expect("a session name");
    assert!(suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(user, "storage");

    assert!(access::open_session_token(&house.portal, "ASIAOTHER", &session_token).is_err());
    house.pass(Duration::HOUR);
    let key = text("accessKeyId");
    assert!(access::open_session_token(&house.portal, &key, &session_token).is_err());
}

#[tokio::test]
async fn a_role_keeps_its_name_and_the_portal_may_shorten_its_sessions() {
    let house =
        House::with(|config| config.lifetimes.credentials = Some(Duration::seconds(40))).await;
    let token = house.access_token("admin").await;
    let path = format!("/federation/credentials?account_id={SHOP}&role_name=ReadOnlyAccess");
    let mut roles = Vec::new();
    for _ in 0..2 {
        let answer = house.get(&path, &token).await;
        let credentials = &answer.body["roleCredentials"];
        let expected = (house.portal.now() + Duration::seconds(40)).unix_timestamp() * 1000;
        assert_eq!(credentials["expiration"], expected);
        let key = credentials["accessKeyId"].as_str().expect("text");
        let session_token = credentials["sessionToken"].as_str().expect("text").into();
        let opened = access::open_session_token(&house.portal, key, &session_token);
        roles.push(opened.expect("ours").0.iam_role_name);
    }
    assert_eq!(roles[0], roles[1]);
}

#[tokio::test]
async fn what_is_not_assigned_is_forbidden() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    for path in [
        "/federation/credentials?account_id=111122223333&role_name=AdministratorAccess",
        "/federation/credentials?account_id=555566667777&role_name=Billing",
        "/federation/credentials?account_id=000000000000&role_name=Billing",
        "/assignment/roles?account_id=555566667777",
    ] {
        let answer = house.get(path, &token).await;
        answer.is_error(403, "ForbiddenException");
        assert_eq!(answer.text("message"), "No access");
    }
}

#[tokio::test]
async fn a_dead_token_is_unauthorized_everywhere() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    house.pass(Duration::HOUR);
    for token in [token.as_str(), "never issued", ""] {
        for path in [
            "/assignment/accounts",
            "/assignment/roles?account_id=111122223333",
            "/federation/credentials?account_id=111122223333&role_name=Billing",
        ] {
            let answer = house.get(path, token).await;
            answer.is_error(401, "UnauthorizedException");
            assert_eq!(answer.text("message"), "Session token not found or invalid");
        }
        house.pass(Duration::SECOND);
    }
    let bare = Request::get("/assignment/accounts").body(Body::empty());
    let answer = house.call(bare.expect("request")).await;
    answer.is_error(401, "UnauthorizedException");
}

#[tokio::test]
async fn logout_ends_the_session_for_every_client() {
    let house = House::new().await;
    let session = house.sign_in("admin").await;
    let (one, other) = (house.register().await, house.register().await);
    let first = house.device_sign_in(&one, &session).await;
    let second = house.device_sign_in(&other, &session).await;
    let bystander = house.access_token("finance").await;

    let request = Request::post("/logout")
        .header("x-amz-sso_bearer_token", first.text("accessToken"))
        .body(Body::empty());
    let answer = house.call(request.expect("request")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, Value::Null, "an empty body");

    for granted in [&first, &second] {
        let dead = house
            .get("/assignment/accounts", &granted.text("accessToken"))
            .await;
        dead.is_error(401, "UnauthorizedException");
    }
    let refreshed = house.refresh(&other, &second.text("refreshToken")).await;
    refreshed.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    assert_eq!(
        house.get("/assignment/accounts", &bystander).await.status,
        200
    );
}

#[tokio::test]
async fn each_session_has_its_own_rate() {
    let house = House::new().await;
    let token = house.access_token("admin").await;
    let other = house.access_token("finance").await;
    for _ in 0..20 {
        assert_eq!(house.get("/assignment/accounts", &token).await.status, 200);
    }
    let limited = house.get("/assignment/accounts", &token).await;
    limited.is_error(429, "TooManyRequestsException");
    assert_eq!(limited.headers["retry-after"], "1");
    assert_eq!(house.get("/assignment/accounts", &other).await.status, 200);
    house.pass(Duration::milliseconds(50));
    assert_eq!(house.get("/assignment/accounts", &token).await.status, 200);
    house
        .get("/assignment/accounts", &token)
        .await
        .is_error(429, "TooManyRequestsException");
}

#[tokio::test]
async fn the_rate_can_be_off() {
    let house = House::with(|config| config.rate_limit = None).await;
    let token = house.access_token("admin").await;
    for _ in 0..100 {
        assert_eq!(house.get("/assignment/accounts", &token).await.status, 200);
    }
}

#[tokio::test]
async fn membership_decides_at_once() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    let path = "/assignment/accounts";
    let before = house.get(path, &token).await;
    assert_eq!(names(&before.body["accountList"], "accountName").len(), 1);

    let mut organization = example::example().expect("the example");
    for group in &mut organization.groups {
        match group.name.as_str() {
            "Storage" => group.members.push("finance".to_owned()),
            "Finance" => group.members.clear(),
            _ => {}
        }
    }
    declaration::apply(
        &house.portal,
        &organization,
        &declaration::Options::default(),
    )
    .await
    .expect("applied");
    let after = house.get(path, &token).await;
    assert_eq!(
        names(&after.body["accountList"], "accountName"),
        ["Data Lake Production", "Data Lake Development"]
    );
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    let id = house.user_id("finance").await;
    house
        .perform(async |act| directory::set_enabled(act, &id, false).await)
        .await;
    let answer = house.get("/assignment/accounts", &token).await;
    answer.is_error(401, "UnauthorizedException");
    house
        .perform(async |act| directory::set_enabled(act, &id, true).await)
        .await;
    let answer = house.get("/assignment/accounts", &token).await;
    answer.is_error(401, "UnauthorizedException");
}

#[tokio::test]
async fn the_trail_keeps_its_order_when_the_clock_is_set_back() {
    let house = House::new().await;
    house.register().await;
    house.pass(Duration::hours(-1));
    let house = house.reopened().await;
    let nameless = json!({ "clientName": "", "clientType": "public" });
    house.post("/client/register", nameless).await;
    let refused = house
        .events()
        .await
        .into_iter()
        .map(|(_, error)| error.is_some());
    assert_eq!(refused.collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn the_trail_names_every_token_credential_and_refusal() {
    let house = House::new().await;
    let token = house.access_token("finance").await;
    let credentials = "/federation/credentials?account_id=111122223333&role_name=";
    house.get(&format!("{credentials}Billing"), &token).await;
    house
        .get(&format!("{credentials}AdministratorAccess"), &token)
        .await;
    house.get(&format!("{credentials}Billing"), "stolen").await;
    house
        .post(
            "/client/register",
            json!({ "clientName": "", "clientType": "public" }),
        )
        .await;
    let events = house.events().await;
    let expected = [
        ("RegisterClient", None),
        ("StartDeviceAuthorization", None),
        ("DeviceAuthorization", None),
        ("CreateToken", None),
        ("GetRoleCredentials", None),
        ("GetRoleCredentials", Some("ForbiddenException")),
        ("Authenticate", Some("UnauthorizedException")),
        ("RegisterClient", Some("InvalidClientMetadataException")),
    ]
    .map(|(name, error)| (name.to_owned(), error.map(str::to_owned)));
    assert_eq!(events, expected);
    let trail = house.trail().await;
    let text: String = trail.into_iter().map(|record| record.text).collect();
    assert!(!text.contains(&token) && !text.contains("stolen"));
}
