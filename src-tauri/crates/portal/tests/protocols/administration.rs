//! Who may use the administrative APIs, and who may not: signed requests through the router.

use axum::{body::Body, http::Request};
use portal::{
    access::{self, IssuedCredentials, Policy, ProvisionTarget},
    admin::{Service, keys},
    clock::Clock,
    directory::{self, UserKey},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use time::Duration;

use crate::{
    house::{Answer, House},
    signer::Signer,
};

const MANAGEMENT: &str = "111122223333";
const LIST: &str = "AWSIdentityStore.ListUsers";
const DELETE: &str = "AWSIdentityStore.DeleteUser";

struct Key {
    id: String,
    secret: SecretString,
}

impl Key {
    async fn new(house: &House) -> Self {
        let (id, secret) = house.perform(keys::create_key).await;
        Self { id, secret }
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            access_key_id: &self.id,
            secret_access_key: self.secret.expose_secret(),
            session_token: None,
            service: "identitystore",
            region: "us-east-1",
            target: Some(LIST),
        }
    }
}

fn role(credentials: &IssuedCredentials) -> Signer<'_> {
    Signer {
        target: Some(LIST),
        ..Signer::of(credentials, "identitystore")
    }
}

/// The input of an operation on the house's identity store.
fn input(house: &House, more: &str) -> String {
    let id = &house.portal.instance().identity_store_id;
    format!("{{\"IdentityStoreId\": \"{id}\"{more}}}")
}

async fn send(house: &House, headers: &[(&'static str, String)], body: &str) -> Answer {
    let mut request = Request::post("/")
        .body(Body::from(body.to_owned()))
        .expect("request");
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, value.parse().expect("header"));
    }
    house.call(request).await
}

async fn call(house: &House, signer: &Signer<'_>, body: &str) -> Answer {
    send(house, &signer.sign(body, house.clock.now()), body).await
}

#[track_caller]
fn is_refused(answer: &Answer, kind: &str) {
    assert_eq!(
        (answer.status.as_u16(), &answer.body["__type"]),
        (400, &json!(kind)),
        "{answer:?}"
    );
    assert_eq!(answer.headers["x-amzn-errortype"], kind);
    assert_eq!(answer.headers["x-amzn-requestid"], answer.text("RequestId"));
    assert!(!answer.text("Message").is_empty());
}

#[tokio::test]
async fn only_a_whole_and_true_signature_opens_anything() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let (own, body, now) = (key.signer(), input(&house, ""), house.clock.now());
    let answer = call(&house, &own, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["Users"].as_array().map(Vec::len), Some(5));

    let unsigned = [("x-amz-target", LIST.to_owned())];
    is_refused(
        &send(&house, &unsigned, &body).await,
        "MissingAuthenticationTokenException",
    );
    let other = Key::new(&house).await;
    let mixed = Signer {
        access_key_id: &other.id,
        ..own.clone()
    };
    is_refused(
        &call(&house, &mixed, &body).await,
        "InvalidSignatureException",
    );
    let altered = input(&house, ", \"MaxResults\": 1");
    is_refused(
        &send(&house, &own.sign(&body, now), &altered).await,
        "InvalidSignatureException",
    );
    let mut headers = own.sign(&body, now);
    headers.retain(|(name, _)| *name != "x-amz-target");
    headers.push(("x-amz-target", DELETE.to_owned()));
    is_refused(
        &send(&house, &headers, &body).await,
        "InvalidSignatureException",
    );
    let blank = Signer {
        target: None,
        ..own.clone()
    };
    let mut headers = blank.sign(&body, now);
    headers.push(("x-amz-target", LIST.to_owned()));
    is_refused(
        &send(&house, &headers, &body).await,
        "IncompleteSignatureException",
    );
    for (service, region) in [("sts", "us-east-1"), ("identitystore", "eu-west-1")] {
        let elsewhere = Signer {
            service,
            region,
            ..own.clone()
        };
        is_refused(
            &call(&house, &elsewhere, &body).await,
            "InvalidSignatureException",
        );
    }
    let unknown = Signer {
        access_key_id: "AKIAAAAAAAAAAAAAAAAA",
        ..own.clone()
    };
    is_refused(
        &call(&house, &unknown, &body).await,
        "UnrecognizedClientException",
    );
    let late = own.sign(&body, now - Duration::minutes(16));
    is_refused(
        &send(&house, &late, &body).await,
        "InvalidSignatureException",
    );

    let refusals = house
        .events()
        .await
        .into_iter()
        .filter(|(_, error)| error.is_some());
    assert_eq!(refusals.filter(|(name, _)| name == "ListUsers").count(), 8);
}

#[tokio::test]
async fn a_revoked_key_is_nobodys() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let body = input(&house, "");
    assert_eq!(call(&house, &key.signer(), &body).await.status, 200);
    house
        .perform(async |act| keys::revoke_key(act, &key.id).await)
        .await;
    is_refused(
        &call(&house, &key.signer(), &body).await,
        "UnrecognizedClientException",
    );
}

#[tokio::test]
async fn a_keys_secret_is_kept_sealed() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let kept: String = sqlx::query_scalar("SELECT secret FROM admin_keys WHERE access_key_id = $1")
        .bind(&key.id)
        .fetch_one(house.portal.pool())
        .await
        .expect("store");
    assert!(!kept.contains(key.secret.expose_secret()));
    // Nor does it open in another key's row.
    let other = Key::new(&house).await;
    sqlx::query("UPDATE admin_keys SET secret = $2 WHERE access_key_id = $1")
        .bind(&other.id)
        .bind(&kept)
        .execute(house.portal.pool())
        .await
        .expect("store");
    let moved = Signer {
        access_key_id: &other.id,
        ..key.signer()
    };
    let answer = call(&house, &moved, &input(&house, "")).await;
    is_refused(&answer, "UnrecognizedClientException");
    let trail = house.trail().await;
    assert!(
        trail
            .iter()
            .all(|record| !format!("{record:?}").contains(key.secret.expose_secret()))
    );
}

#[tokio::test]
async fn who_proves_nothing_does_not_fill_the_trail() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let body = input(&house, "");
    let other = Signer {
        secret_access_key: "guessed",
        ..key.signer()
    };
    for _ in 0..20 {
        is_refused(
            &call(&house, &other, &body).await,
            "InvalidSignatureException",
        );
    }
    is_refused(&call(&house, &other, &body).await, "ThrottlingException");
    assert_eq!(call(&house, &key.signer(), &body).await.status, 200);
    let refused = house.events().await;
    let refused = refused.iter().filter(|(_, error)| error.is_some());
    assert_eq!(refused.count(), 20);
}

#[tokio::test]
async fn a_permissions_boundary_limits_administrators_too() {
    let house = House::new().await;
    let held = house
        .credentials("admin", MANAGEMENT, "AdministratorAccess")
        .await;
    let nobody = input(&house, &format!(", \"UserId\": \"{}\"", uuid()));
    let write = Signer {
        target: Some(DELETE),
        ..role(&held)
    };
    assert_eq!(call(&house, &write, &nobody).await.status, 200);
    let set = access::permission_set_by_name(house.portal.pool(), "AdministratorAccess").await;
    let set = set.expect("store").expect("set").id;
    let boundary = Policy::ManagedBoundary("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
    house
        .perform(async |act| access::put_permissions_boundary(act, &set, &boundary).await)
        .await;
    let everywhere = ProvisionTarget::AllProvisionedAccounts;
    // Once it is provisioned.
    assert_eq!(call(&house, &write, &nobody).await.status, 200);
    house
        .perform(async |act| access::provision_permission_set(act, &set, &everywhere).await)
        .await;
    is_refused(
        &call(&house, &write, &nobody).await,
        "AccessDeniedException",
    );
    let read = input(&house, "");
    assert_eq!(call(&house, &role(&held), &read).await.status, 200);
}

#[tokio::test]
async fn roles_do_what_their_policies_say_and_only_in_the_management_account() {
    let house = House::new().await;
    let (read, nobody) = (input(&house, ""), uuid());
    let delete = input(&house, &format!(", \"UserId\": \"{nobody}\""));
    let cases = [
        ("admin", MANAGEMENT, "AdministratorAccess", true, true),
        ("admin", MANAGEMENT, "ReadOnlyAccess", true, false),
        ("admin", "222233334444", "AdministratorAccess", false, false),
        ("finance", MANAGEMENT, "Billing", false, false),
        (
            "storage",
            "777788889999",
            "StorageAndDatabases",
            false,
            false,
        ),
    ];
    for (user, account, name, may_read, may_write) in cases {
        let credentials = house.credentials(user, account, name).await;
        let reading = role(&credentials);
        let writing = Signer {
            target: Some(DELETE),
            ..reading.clone()
        };
        for (signer, body, may) in [(reading, &read, may_read), (writing, &delete, may_write)] {
            let answer = call(&house, &signer, body).await;
            match may {
                true => assert_eq!(answer.status, 200, "{user} {account} {name}: {answer:?}"),
                false => is_refused(&answer, "AccessDeniedException"),
            }
        }
    }
}

#[tokio::test]
async fn a_role_counts_for_as_long_as_it_is_assigned_to_somebody_enabled() {
    let house = House::new().await;
    let body = input(&house, "");
    let held = house
        .credentials("admin", MANAGEMENT, "AdministratorAccess")
        .await;
    assert_eq!(call(&house, &role(&held), &body).await.status, 200);
    let id = house.user_id("admin").await;
    house
        .perform(async |act| directory::set_enabled(act, &id, false).await)
        .await;
    is_refused(
        &call(&house, &role(&held), &body).await,
        "AccessDeniedException",
    );
    house
        .perform(async |act| directory::set_enabled(act, &id, true).await)
        .await;
    assert_eq!(call(&house, &role(&held), &body).await.status, 200);
    let group = directory::GroupKey::Name("Administrators");
    let group = directory::group_id(house.portal.pool(), group).await;
    let group = group.expect("store").expect("group");
    house
        .perform(async |act| directory::delete_group(act, &group, None).await)
        .await;
    is_refused(
        &call(&house, &role(&held), &body).await,
        "AccessDeniedException",
    );
    house.pass(Duration::hours(13));
    is_refused(
        &call(&house, &role(&held), &body).await,
        "ExpiredTokenException",
    );
}

#[tokio::test]
async fn whoever_is_deleted_is_out_at_once_and_leaves_nothing_behind() {
    let house = House::new().await;
    let token = house.access_token("storage").await;
    let id = house.user_id("storage").await;
    assert_eq!(house.get("/assignment/accounts", &token).await.status, 200);
    house
        .perform(async |act| directory::delete_user(act, &id, None).await)
        .await;
    let answer = house.get("/assignment/accounts", &token).await;
    answer.is_error(401, "UnauthorizedException");
    let found =
        directory::user_id(house.portal.pool(), UserKey::Email("storage@example.com")).await;
    assert_eq!(found.expect("store"), None);
    for table in ["memberships", "portal_sessions", "emails"] {
        let statement = match table {
            "memberships" => "SELECT COUNT(*) FROM memberships WHERE user_id = $1",
            "portal_sessions" => "SELECT COUNT(*) FROM portal_sessions WHERE user_id = $1",
            _ => "SELECT COUNT(*) FROM emails WHERE user_id = $1",
        };
        let left: i64 = sqlx::query_scalar(statement)
            .bind(&id)
            .fetch_one(house.portal.pool())
            .await
            .expect("store");
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn every_operation_offered_is_answered_and_nothing_unreadable_breaks_it() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let prefixes = [
        "SWBExternalService",
        "AWSIdentityStore",
        "AWSOrganizationsV20161128",
    ];
    let names = ["sso", "identitystore", "organizations"];
    for (service, (prefix, name)) in Service::ALL
        .into_iter()
        .zip(prefixes.into_iter().zip(names))
    {
        for operation in service.operations() {
            let target = format!("{prefix}.{operation}");
            let signer = Signer {
                target: Some(&target),
                service: name,
                ..key.signer()
            };
            for body in ["[", "[]", "\"x\"", "{\"MaxResults\": {}}"] {
                let answer = call(&house, &signer, body).await;
                assert!(
                    answer.status.as_u16() <= 400,
                    "{operation} {body}: {answer:?}"
                );
                assert_ne!(
                    answer.body["__type"], "UnknownOperationException",
                    "{operation}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_call_is_found_in_the_trail_by_the_id_of_its_answer() {
    let house = House::new().await;
    let held = house
        .credentials("storage", "777788889999", "StorageAndDatabases")
        .await;
    let answer = call(&house, &role(&held), &input(&house, "")).await;
    is_refused(&answer, "AccessDeniedException");
    let trail = house.trail().await;
    let record = trail.last().expect("recorded").value();
    assert_eq!(record["eventName"], "ListUsers");
    assert_eq!(record["requestID"], answer.text("RequestId"));
}

#[tokio::test]
async fn a_body_without_measure_is_not_read() {
    let house = House::new().await;
    let key = Key::new(&house).await;
    let body = "x".repeat(1024 * 1024);
    let answer = call(&house, &key.signer(), &body).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    let announced = Request::post("/")
        .header("x-amz-target", LIST)
        .header("content-length", 100 * 1024 * 1024)
        .body(Body::empty())
        .expect("request");
    assert_eq!(house.call(announced).await.status, 413);
}

fn uuid() -> String {
    portal::random::uuid()
}
