//! The audit trail: CloudTrail's form, and a chain that tells what was tampered with.

use portal::audit::{self, Event, Filter, Flaw, Record};
use serde_json::json;
use time::Duration;

use crate::house::{House, browser};

async fn flaws(house: &House) -> Vec<Flaw> {
    audit::verify(&house.portal).await.expect("store").flaws
}

async fn record(house: &House, name: &'static str, user: &str) {
    let event = Event::new(audit::PORTAL_API, name).user("id", user);
    audit::record(&house.portal, &browser(), event)
        .await
        .expect("stored");
}

/// A trail with a few records of known names.
async fn five() -> House {
    let house = House::new().await;
    for name in ["First", "Second", "Third", "Fourth", "Fifth"] {
        record(&house, name, "ana").await;
    }
    assert_eq!(flaws(&house).await, []);
    house
}

async fn place(house: &House, name: &str) -> i64 {
    let trail = house.trail().await;
    let found = trail.iter().find(|record| record.event_name == name);
    found.expect("a record").sequence
}

async fn tamper(house: &House, statement: &'static str, sequence: i64) {
    let changed = sqlx::query(statement)
        .bind(sequence)
        .execute(house.portal.pool())
        .await
        .expect("changed");
    assert!(changed.rows_affected() > 0);
}

#[tokio::test]
async fn a_record_has_the_form_of_cloudtrail() {
    let house = House::new().await;
    let token = house.access_token("storage").await;
    let accounts = house.get("/assignment/accounts", &token).await;
    let account = accounts.body["accountList"][0]["accountId"].clone();
    let account = account.as_str().expect("an account");
    let roles = house
        .get(&format!("/assignment/roles?account_id={account}"), &token)
        .await;
    let role = roles.body["roleList"][0]["roleName"].clone();
    let role = role.as_str().expect("a role");
    let path = format!("/federation/credentials?account_id={account}&role_name={role}");
    let answer = house.get(&path, &token).await;
    assert_eq!(answer.status, 200);

    let trail = house.trail().await;
    let last = trail.last().expect("a record");
    let value = last.value();
    assert_eq!(value["eventName"], "GetRoleCredentials");
    assert_eq!(value["eventSource"], "sso.amazonaws.com");
    assert_eq!(value["eventTime"], "2026-11-22T12:00:00Z");
    assert_eq!(value["awsRegion"], "us-east-1");
    assert_eq!(value["sourceIPAddress"], "127.0.0.1");
    assert_eq!(value["userIdentity"]["type"], "IdentityCenterUser");
    assert_eq!(value["userIdentity"]["userName"], "storage");
    assert_eq!(value["readOnly"], true);
    assert_eq!(
        value["serviceEventDetails"],
        json!({ "account_id": account, "role_name": role })
    );
    assert_eq!(
        value["requestID"],
        answer.headers["x-amzn-requestid"].to_str().expect("ASCII")
    );
    assert_eq!(value["recipientAccountId"].as_str().map(str::len), Some(12));
    let key = &answer.body["roleCredentials"];
    assert_eq!(
        value["additionalEventData"]["accessKeyId"],
        key["accessKeyId"]
    );
    for secret in ["secretAccessKey", "sessionToken"] {
        let secret = key[secret].as_str().expect("a secret");
        assert!(trail.iter().all(|record| !record.text.contains(secret)));
    }
    assert!(trail.iter().all(|record| !record.text.contains(&token)));
}

#[tokio::test]
async fn records_are_found_by_user_event_time_and_outcome() {
    let house = House::new().await;
    record(&house, "First", "ana").await;
    house.pass(Duration::minutes(1));
    let later = house.portal.now();
    record(&house, "First", "ben").await;
    let refused = Event::new(audit::PORTAL_API, "Second")
        .user("id", "ana")
        .role("123456789012", "Write")
        .not_assigned();
    audit::record(&house.portal, &browser(), refused)
        .await
        .expect("stored");
    let found = async |filter: Filter| -> Vec<String> {
        let forwards = filter
            .after(house.portal.pool(), 0, 10)
            .await
            .expect("store");
        let mut backwards = filter
            .before(house.portal.pool(), i64::MAX, 10)
            .await
            .expect("store");
        backwards.reverse();
        assert_eq!(forwards, backwards);
        let name = |record: Record| {
            format!(
                "{} {}",
                record.event_name,
                record.user_name.unwrap_or_default()
            )
        };
        forwards.into_iter().map(name).collect()
    };
    let all = Filter::default();
    let of_ana = Filter {
        user_name: Some("ana".to_owned()),
        ..all.clone()
    };
    assert_eq!(found(of_ana.clone()).await, ["First ana", "Second ana"]);
    let first = Filter {
        event_name: Some("First".to_owned()),
        ..all.clone()
    };
    assert_eq!(found(first).await, ["First ana", "First ben"]);
    let since = Filter {
        since: Some(later),
        ..all.clone()
    };
    assert_eq!(found(since.clone()).await, ["First ben", "Second ana"]);
    let until = Filter {
        until: Some(later),
        ..of_ana.clone()
    };
    assert_eq!(found(until).await, ["First ana"]);
    let failed = Filter {
        failed: true,
        account_id: Some("123456789012".to_owned()),
        ..since
    };
    assert_eq!(found(failed).await, ["Second ana"]);
}

#[tokio::test]
async fn a_changed_record_is_named() {
    let house = five().await;
    let third = place(&house, "Third").await;
    let change = "UPDATE audit_records SET record = REPLACE(record, 'ana', 'ben') \
                  WHERE sequence = $1";
    tamper(&house, change, third).await;
    let found = flaws(&house).await;
    assert!(
        matches!(&found[..], [Flaw::Changed { sequence, .. }] if *sequence == third),
        "{found:?}"
    );
    assert!(found[0].to_string().contains("Third"), "{}", found[0]);
}

#[tokio::test]
async fn a_missing_record_is_named() {
    let house = five().await;
    let third = place(&house, "Third").await;
    tamper(
        &house,
        "DELETE FROM audit_records WHERE sequence = $1",
        third,
    )
    .await;
    assert_eq!(flaws(&house).await, [Flaw::Missing(third, third)]);
}

#[tokio::test]
async fn missing_last_records_are_named() {
    let house = five().await;
    let fourth = place(&house, "Fourth").await;
    tamper(
        &house,
        "DELETE FROM audit_records WHERE sequence >= $1",
        fourth,
    )
    .await;
    assert_eq!(flaws(&house).await, [Flaw::Missing(fourth, fourth + 1)]);
    // Nor does a new end hide it, without the master key.
    tamper(
        &house,
        "UPDATE audit_head SET sequence = $1 - 1, \
         hash = (SELECT hash FROM audit_records WHERE sequence = $1 - 1)",
        fourth,
    )
    .await;
    assert_eq!(flaws(&house).await, [Flaw::Head]);
}

#[tokio::test]
async fn records_that_changed_places_are_named() {
    let house = five().await;
    let third = place(&house, "Third").await;
    for statement in [
        "UPDATE audit_records SET sequence = -1 WHERE sequence = $1",
        "UPDATE audit_records SET sequence = sequence - 1 WHERE sequence = $1 + 1",
        "UPDATE audit_records SET sequence = $1 + 1 WHERE sequence = -1",
    ] {
        tamper(&house, statement, third).await;
    }
    let found = flaws(&house).await;
    assert!(
        matches!(&found[..], [Flaw::Changed { sequence, .. }, ..] if *sequence == third),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_record_listed_under_another_name_is_named() {
    let house = five().await;
    let third = place(&house, "Third").await;
    let change = "UPDATE audit_records SET user_name = 'ben' WHERE sequence = $1";
    tamper(&house, change, third).await;
    assert_eq!(flaws(&house).await, [Flaw::Misfiled(third)]);
}

#[tokio::test]
async fn events_of_many_requests_at_once_form_one_chain() {
    let house = House::new().await;
    let before = house.trail().await.len();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let portal = house.portal.clone();
        running.spawn(async move {
            let event = Event::new(audit::PORTAL_API, "Parallel");
            audit::record(&portal, &browser(), event).await
        });
    }
    for stored in running.join_all().await {
        stored.expect("stored");
    }
    assert_eq!(house.trail().await.len(), before + 300);
    assert_eq!(flaws(&house).await, []);
    let house = house.reopened().await;
    assert_eq!(flaws(&house).await, []);
}
