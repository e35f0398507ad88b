//! STS as a client meets it: signed requests through the router, XML answers.

mod assume_role;

use crate::{
    house::{House, PROXY},
    signer,
};
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use portal::{
    access::IssuedCredentials,
    clock::Clock,
    directory::{self, AttributeOperation},
    router,
};
use secrecy::SecretString;
use time::Duration;
use tower::ServiceExt;

const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

struct Xml {
    status: u16,
    text: String,
}

impl Xml {
    /// The text of the first element of this name.
    #[track_caller]
    fn get(&self, name: &str) -> &str {
        let after = self.text.split_once(&format!("<{name}>"));
        let (_, after) = after.unwrap_or_else(|| panic!("no {name} in {}", self.text));
        after.split('<').next().unwrap_or_default()
    }

    #[track_caller]
    fn is_error(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.get("Code")),
            (status, code),
            "{}",
            self.text
        );
        assert!(
            self.text
                .starts_with("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">")
        );
        assert!(!self.get("RequestId").is_empty() && !self.get("Message").is_empty());
    }
}

async fn storage(house: &House) -> IssuedCredentials {
    house
        .credentials("storage", "777788889999", "StorageAndDatabases")
        .await
}

async fn send(house: &House, headers: &[(&str, String)], body: &str) -> Xml {
    let mut request = Request::post("/")
        .extension(PROXY)
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(body.to_owned())).expect("request");
    let app = router::router(house.portal.clone());
    let (parts, body) = app.oneshot(request).await.expect("infallible").into_parts();
    let bytes = body.collect().await.expect("body").to_bytes();
    Xml {
        status: parts.status.as_u16(),
        text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
    }
}

async fn call(house: &House, credentials: &IssuedCredentials, body: &str) -> Xml {
    send(
        house,
        &signer::sign(credentials, "sts", body, house.clock.now()),
        body,
    )
    .await
}

fn assume(account: &str, role: &str, more: &str) -> String {
    format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=chain\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A{account}%3Arole%2F{role}{more}"
    )
}

#[tokio::test]
async fn credentials_prove_who_they_were_issued_to() {
    let house = House::new().await;
    let answer = call(&house, &storage(&house).await, IDENTITY).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.get("Account"), "777788889999");
    let arn = answer.get("Arn");
    let name = arn
        .strip_prefix("arn:aws:sts::777788889999:assumed-role/AWSReservedSSO_StorageAndDatabases_")
        .and_then(|rest| rest.strip_suffix("/storage"));
    let hex = name.unwrap_or_else(|| panic!("{arn}"));
    assert!(
        hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{arn}"
    );
    assert!(answer.get("UserId").starts_with("AROA") && answer.get("UserId").ends_with(":storage"));
    let trail = house.trail().await;
    let record = trail.last().expect("recorded").value();
    assert_eq!(record["eventName"], "GetCallerIdentity");
    assert_eq!(record["requestID"], answer.get("RequestId"));
}

#[tokio::test]
async fn an_altered_request_proves_nothing() {
    let house = House::new().await;
    let credentials = storage(&house).await;
    let good = signer::sign(&credentials, "sts", IDENTITY, house.clock.now());
    let altered = |name: &str, change: &dyn Fn(&str) -> String| {
        let mut headers = good.clone();
        let header = headers
            .iter_mut()
            .find(|header| header.0 == name)
            .expect("header");
        header.1 = change(&header.1);
        headers
    };
    let flip = |text: &str| match text.strip_suffix('0') {
        Some(start) => format!("{start}1"),
        None => format!("{}0", &text[..text.len() - 1]),
    };
    let refused = [
        send(&house, &altered("authorization", &flip), IDENTITY).await,
        send(
            &house,
            &altered("host", &|_| "localhost:9999".to_owned()),
            IDENTITY,
        )
        .await,
        send(&house, &good, &format!("{IDENTITY}&Extra=1")).await,
    ];
    for answer in &refused {
        answer.is_error(403, "SignatureDoesNotMatch");
    }
    let foreign = altered("x-amz-security-token", &|token| {
        token[..token.len() - 4].to_owned()
    });
    send(&house, &foreign, IDENTITY)
        .await
        .is_error(403, "InvalidClientTokenId");
    let unsigned: Vec<_> = good
        .iter()
        .filter(|header| header.0 != "authorization")
        .cloned()
        .collect();
    send(&house, &unsigned, IDENTITY)
        .await
        .is_error(403, "MissingAuthenticationToken");
    let cut = altered("authorization", &|text| {
        text.split(", Sig").next().expect("start").to_owned()
    });
    send(&house, &cut, IDENTITY)
        .await
        .is_error(400, "IncompleteSignature");
    assert_eq!(send(&house, &good, IDENTITY).await.status, 200);
}

#[tokio::test]
async fn clocks_may_differ_by_fifteen_minutes_but_not_by_sixteen() {
    let house = House::new().await;
    let credentials = storage(&house).await;
    let at = async |minutes| {
        let when = house.clock.now() + Duration::minutes(minutes);
        send(
            &house,
            &signer::sign(&credentials, "sts", IDENTITY, when),
            IDENTITY,
        )
        .await
    };
    assert_eq!((at(15).await.status, at(-15).await.status), (200, 200));
    at(16).await.is_error(403, "SignatureDoesNotMatch");
    at(-16).await.is_error(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn credentials_end_when_they_said() {
    let house = House::new().await;
    let credentials = storage(&house).await;
    house.pass(Duration::minutes(59));
    assert_eq!(call(&house, &credentials, IDENTITY).await.status, 200);
    house.pass(Duration::minutes(1));
    call(&house, &credentials, IDENTITY)
        .await
        .is_error(403, "ExpiredToken");
}

#[tokio::test]
async fn keys_of_others_and_signatures_for_others_are_refused() {
    let (house, other) = (House::new().await, House::new().await);
    let foreign = storage(&other).await;
    call(&house, &foreign, IDENTITY)
        .await
        .is_error(403, "InvalidClientTokenId");
    let own = storage(&house).await;
    let mixed = IssuedCredentials {
        session_token: storage(&house).await.session_token,
        ..own.clone()
    };
    call(&house, &mixed, IDENTITY)
        .await
        .is_error(403, "InvalidClientTokenId");
    let wrong_key = IssuedCredentials {
        secret_access_key: SecretString::from("x".repeat(40)),
        ..own.clone()
    };
    call(&house, &wrong_key, IDENTITY)
        .await
        .is_error(403, "SignatureDoesNotMatch");
    let s3 = signer::sign(&own, "s3", IDENTITY, house.clock.now());
    send(&house, &s3, IDENTITY)
        .await
        .is_error(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn what_is_not_offered_is_said_so() {
    let house = House::new().await;
    let credentials = storage(&house).await;
    let unknown = call(
        &house,
        &credentials,
        "Action=GetFederationToken&Version=2011-06-15",
    )
    .await;
    unknown.is_error(400, "InvalidAction");
    call(&house, &credentials, "Version=2011-06-15")
        .await
        .is_error(400, "MissingAction");
    let request = Request::post("/")
        .header("x-amz-target", "SWBExternalService.DeleteInstance")
        .body(Body::from("{}"))
        .expect("request");
    let answer = house.call(request).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(
        answer.headers["x-amzn-errortype"],
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn a_users_name_is_never_more_of_an_arn() {
    let house = House::new().await;
    let id = house.user_id("storage").await;
    // It would end an ARN that the role ReadLogs trusts.
    let name = "x:assumed-role/Investigation/y";
    let rename = [AttributeOperation::set("userName", name)];
    house
        .perform(async |act| directory::update_user(act, &id, None, &rename).await)
        .await;
    let own = house
        .credentials(name, "777788889999", "StorageAndDatabases")
        .await;
    let arn = call(&house, &own, IDENTITY).await;
    assert!(arn.get("Arn").ends_with("/x-assumed-role-Investigation-y"));
    let body = assume("222233334444", "ReadLogs", "&ExternalId=case-files");
    let denied = call(&house, &own, &body).await;
    denied.is_error(403, "AccessDenied");
}

#[tokio::test]
async fn who_proves_nothing_does_not_fill_the_trail() {
    let house = House::new().await;
    let own = storage(&house).await;
    let now = house.clock.now();
    for _ in 0..100 {
        let altered = signer::sign(&own, "sts", "Action=Other", now);
        let answer = send(&house, &altered, IDENTITY).await;
        assert!(["SignatureDoesNotMatch", "Throttling"].contains(&answer.get("Code")));
    }
    let refused = house.events().await;
    let refused = refused.iter().filter(|(name, _)| name == "Authenticate");
    assert_eq!(refused.count(), 20, "as many as a second allows");
    // Whoever proves it is answered all along.
    assert_eq!(call(&house, &own, IDENTITY).await.status, 200);
    house.pass(Duration::SECOND);
    let altered = signer::sign(&own, "sts", "Action=Other", house.clock.now());
    let answer = send(&house, &altered, IDENTITY).await;
    answer.is_error(403, "SignatureDoesNotMatch");
}
