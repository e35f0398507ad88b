//! The organization, beyond what its API's own proof shows.

use portal::{
    act::{Actor, perform},
    organization::{self, OrganizationError},
};
use serde_json::Value;

use crate::house::House;

#[tokio::test]
async fn a_closed_account_is_gone_from_users_at_once() {
    let house = House::new().await;
    let token = house.access_token("storage").await;
    let listed = house.get("/assignment/accounts", &token).await;
    assert_eq!(listed.body["accountList"].as_array().map(Vec::len), Some(2));
    let actor = Actor::machine();
    let closed = perform(
        &house.portal,
        &actor,
        organization::SOURCE,
        "CloseAccount",
        Value::Null,
        async |act| organization::close_account(act, "777788889999").await,
    );
    closed.await.expect("closed");
    let listed = house.get("/assignment/accounts", &token).await;
    let accounts = listed.body["accountList"].as_array().expect("a list");
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0]["accountId"], "888899990000");
    let credentials =
        "/federation/credentials?account_id=777788889999&role_name=StorageAndDatabases";
    house
        .get(credentials, &token)
        .await
        .is_error(403, "ForbiddenException");
}

#[tokio::test]
async fn a_refused_act_changes_nothing_and_is_recorded() {
    let house = House::new().await;
    let actor = Actor::machine();
    let refused = perform(
        &house.portal,
        &actor,
        organization::SOURCE,
        "CloseAccount",
        Value::Null,
        async |act| {
            organization::close_account(act, "777788889999").await?;
            organization::close_account(act, "111122223333").await
        },
    );
    let error = refused.await.expect_err("the management account");
    assert!(
        matches!(error, OrganizationError::Constraint { .. }),
        "{error}"
    );
    let mut db = house.portal.pool().acquire().await.expect("connection");
    let account = organization::account(&mut db, "777788889999").await;
    assert!(!account.expect("there").is_suspended);
    let expected = (
        "CloseAccount".to_owned(),
        Some("ConstraintViolationException".to_owned()),
    );
    assert_eq!(house.events().await, [expected]);
}

#[tokio::test]
async fn a_store_from_before_gets_a_root_that_its_units_name() {
    let house = House::new().await;
    let pool = house.portal.pool();
    for statement in [
        "DELETE FROM organization_policies",
        "DELETE FROM organizations",
        "UPDATE organizational_units SET path = ''",
    ] {
        sqlx::query(statement).execute(pool).await.expect("store");
    }
    let house = house.reopened().await;
    let mut db = house.portal.pool().acquire().await.expect("connection");
    let found = organization::organization(&mut db).await.expect("founded");
    let root = found.root_id.replace("r-", "ou-");
    let units = organization::all_units(&mut db).await.expect("store");
    assert_eq!(units.len(), 6);
    for unit in &units {
        assert!(unit.id.starts_with(&root), "{unit:?}");
        assert!(unit.path.ends_with(&unit.id), "{unit:?}");
    }
    let account = organization::account(&mut db, "555566667777").await;
    let account = account.expect("there");
    let names: Vec<&str> = account
        .unit_path
        .split('/')
        .filter_map(|id| units.iter().find(|unit| unit.id == id))
        .map(|unit| unit.name.as_str())
        .collect();
    assert_eq!(names, ["Workloads", "Production"]);
}
