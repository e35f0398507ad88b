//! Changes of the store: whole, or not at all.

use std::time::Duration;

use sqlx::AnyConnection;
use tokio::time::timeout;

use crate::house::House;

/// Far more than a change takes.
const SOON: Duration = Duration::from_secs(60);

async fn put(db: &mut AnyConnection, value: &str) {
    let statement = "INSERT INTO instance_settings (name, value) VALUES ($1, $1)";
    let put = sqlx::query(statement).bind(value).execute(db).await;
    put.expect("put");
}

async fn is_there(house: &House, value: &str) -> bool {
    let found: Option<String> =
        sqlx::query_scalar("SELECT value FROM instance_settings WHERE name = $1")
            .bind(value)
            .fetch_optional(house.portal.pool())
            .await
            .expect("read");
    found.is_some()
}

#[tokio::test]
async fn what_is_given_up_has_not_happened_and_holds_nobody_up() {
    let house = House::new().await;
    let beside = house.beside().await;
    for round in 0..3 {
        let (given_up, made) = (format!("given up {round}"), format!("made {round}"));
        let mut change = house.portal.write().await.expect("a turn");
        put(&mut change, &given_up).await;
        drop(change);
        for portal in [&beside, &house.portal] {
            let turn = timeout(SOON, portal.write()).await.expect("soon");
            let mut change = turn.expect("a turn");
            let value = format!("{made} by {:p}", portal);
            put(&mut change, &value).await;
            change.commit().await.expect("made");
            assert!(is_there(&house, &value).await);
        }
        assert!(!is_there(&house, &given_up).await);
    }
}

#[tokio::test]
async fn whoever_no_longer_waits_for_a_turn_holds_nobody_up() {
    let house = House::new().await;
    let beside = house.beside().await;
    let change = beside.write().await.expect("a turn");
    let given_up = timeout(Duration::from_millis(300), house.portal.write()).await;
    assert!(given_up.is_err(), "two had the turn");
    change.commit().await.expect("made");
    // Each turn may be the moment at which the other begins after all.
    for _ in 0..3 {
        let change = timeout(SOON, beside.write()).await.expect("soon");
        change.expect("a turn").commit().await.expect("made");
    }
    let change = timeout(SOON, house.portal.write()).await.expect("soon");
    change.expect("a turn").commit().await.expect("made");
}

#[tokio::test]
async fn what_the_store_refuses_spoils_nothing_after_it() {
    let house = House::new().await;
    let mut change = house.portal.write().await.expect("a turn");
    put(&mut change, "once").await;
    let refused = sqlx::query("INSERT INTO instance_settings (name, value) VALUES ('once', NULL)")
        .execute(&mut *change)
        .await;
    assert!(refused.is_err());
    drop(change);
    assert!(!is_there(&house, "once").await);
    let mut change = house.portal.write().await.expect("a turn");
    put(&mut change, "once").await;
    change.commit().await.expect("made");
    assert!(is_there(&house, "once").await);
}
