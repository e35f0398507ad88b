//! Permission sets, the roles provisioned from them, and who has them: what every door does, on
//! whatever store.

use portal::{
    access::{
        self, AccessControlAttribute, AccountAssignment, CustomerPolicy, NewPermissionSet,
        PermissionSetChange, Policy, Principal, ProvisionTarget, ProvisioningStatus, RequestKind,
        RequestStatus, Tag,
    },
    act::{Act, Actor, Refusal},
    applications::{self, AccessScope, AuthorizedIssuer, Grant, TrustedTokenIssuer},
    organization,
};
use serde_json::json;
use time::Duration;

use crate::house::House;

const SANDBOX: &str = "999900001111";
const SHOP: &str = "555566667777";
const S3: &str = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
const SQS: &str = "arn:aws:iam::aws:policy/AmazonSQSFullAccess";

#[tokio::test]
async fn a_role_is_what_was_provisioned_last() {
    let house = House::new().await;
    let (user, set) = (house.user_id("finance").await, permission_set(&house).await);
    for account in [SANDBOX, SHOP] {
        assign(&house, account, &set, &user).await;
    }
    let first = role(&house, &user, SANDBOX).await;
    assert_eq!(
        first,
        (
            Duration::hours(1),
            None,
            vec![Policy::Managed(S3.to_owned())]
        )
    );

    let relay = "https://console.aws.amazon.com/sqs/";
    let change = PermissionSetChange {
        session: Some(Duration::hours(3)),
        relay_state: Some(relay),
        ..PermissionSetChange::default()
    };
    house
        .perform(async |act| {
            access::attach_managed_policy(act, &set, SQS).await?;
            access::update_permission_set(act, &set, &change).await
        })
        .await;
    assert_eq!(
        role(&house, &user, SANDBOX).await,
        first,
        "until it is provisioned"
    );
    assert_eq!(outdated(&house, &set).await, [SHOP, SANDBOX]);

    let target = ProvisionTarget::Account(SANDBOX.to_owned());
    house
        .perform(async |act| access::provision_permission_set(act, &set, &target).await)
        .await;
    let policies = vec![
        Policy::Managed(S3.to_owned()),
        Policy::Managed(SQS.to_owned()),
    ];
    let second = (Duration::hours(3), Some(relay.to_owned()), policies);
    assert_eq!(role(&house, &user, SANDBOX).await, second);
    assert_eq!(role(&house, &user, SHOP).await, first);
    assert_eq!(outdated(&house, &set).await, [SHOP]);

    let everywhere = ProvisionTarget::AllProvisionedAccounts;
    house
        .perform(async |act| access::provision_permission_set(act, &set, &everywhere).await)
        .await;
    assert_eq!(role(&house, &user, SHOP).await, second);
    assert!(outdated(&house, &set).await.is_empty());
}

#[tokio::test]
async fn an_assignment_in_a_suspended_account_fails_with_the_reason() {
    let house = House::new().await;
    let (user, set) = (house.user_id("finance").await, permission_set(&house).await);
    house
        .perform(async |act| organization::close_account(act, SANDBOX).await)
        .await;
    // After those by which the example was assigned.
    house.pass(Duration::SECOND);
    let request = assign(&house, SANDBOX, &set, &user).await;
    assert_eq!(request.status, RequestStatus::Failed);
    let reason = request.failure_reason.clone().expect("a reason");
    assert!(reason.contains(SANDBOX), "{reason}");
    let other = assign(&house, SHOP, &set, &user).await;
    let failed = Some(RequestStatus::Failed);
    let pool = house.portal.pool();
    let kind = RequestKind::AssignmentCreation;
    let found = access::requests(pool, kind, failed, "", 10)
        .await
        .expect("store");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, request.id);
    let newest = access::requests(pool, kind, None, "", 2)
        .await
        .expect("store");
    assert!(newest.contains(&request) && newest.contains(&other));
    let second = access::requests(pool, kind, None, &newest[0].key(), 1)
        .await
        .expect("store");
    assert_eq!(second, newest[1..]);
}

#[tokio::test]
async fn an_assigned_permission_set_stays_and_a_forgotten_principal_has_nothing() {
    let house = House::new().await;
    let (user, set) = (house.user_id("finance").await, permission_set(&house).await);
    assign(&house, SANDBOX, &set, &user).await;
    let actor = Actor::machine();
    let mut act = Act::begin(&house.portal, &actor).await.expect("begun");
    let refused = access::delete_permission_set(&mut act, &set)
        .await
        .expect_err("assigned");
    assert_eq!(refused.code(), "ConflictException");
    drop(act);
    house
        .perform(async |act| {
            access::forget_principal(act.db(), &Principal::User(user.clone())).await?;
            access::delete_permission_set(act, &set).await
        })
        .await;
    let left = access::account_roles(house.portal.pool(), &user, SANDBOX, "", 10).await;
    assert!(left.expect("store").is_empty());
}

#[tokio::test]
async fn what_else_is_kept_comes_back_as_it_was() {
    let house = House::new().await;
    let set = permission_set(&house).await;
    let tag = Tag {
        key: "Team".to_owned(),
        value: "Ärzte".to_owned(),
    };
    let attribute = AccessControlAttribute {
        key: "login".to_owned(),
        source: "${path:userName}".to_owned(),
    };
    let customer = CustomerPolicy::parse("/teams/Deploy");
    house
        .perform(async |act| {
            access::tag_resource(act, &set, std::slice::from_ref(&tag)).await?;
            access::attach_customer_policy(act, &set, &customer).await?;
            access::put_inline_policy(act, &set, r#"{"Statement":[]}"#).await?;
            access::create_attributes(act, std::slice::from_ref(&attribute)).await?;
            access::rename_instance(act, "Workforce").await?;
            access::add_region(act, "eu-central-1").await
        })
        .await;
    let mut db = house.portal.pool().acquire().await.expect("store");
    assert_eq!(
        access::tags(&mut *db, &set, "", 9).await.expect("store"),
        [tag]
    );
    assert_eq!(
        access::policies(&mut *db, &set).await.expect("store"),
        [
            Policy::Managed(S3.to_owned()),
            Policy::Customer(customer),
            Policy::Inline(r#"{"Statement":[]}"#.to_owned()),
        ]
    );
    let attributes = access::attributes(&mut db).await.expect("store");
    assert_eq!(attributes, Some(vec![attribute]));
    let name = access::instance_name(&mut *db).await.expect("store");
    assert_eq!(name.as_deref(), Some("Workforce"));
    assert_eq!(
        access::added_regions(&mut db).await.expect("store").len(),
        1
    );
}

#[tokio::test]
async fn a_policy_that_was_not_there_is_taken_away_without_a_change() {
    let house = House::new().await;
    let (user, set) = (house.user_id("finance").await, permission_set(&house).await);
    assign(&house, SANDBOX, &set, &user).await;
    house
        .perform(async |act| access::delete_inline_policy(act, &set).await)
        .await;
    assert!(outdated(&house, &set).await.is_empty());
}

#[tokio::test]
async fn one_client_token_makes_one_token_issuer() {
    let house = House::new().await;
    let issuer = issuer();
    let machine = Actor::machine();
    let create = async |issuer: &TrustedTokenIssuer, token: &str| {
        let mut act = Act::begin(&house.portal, &machine).await.expect("begun");
        let made = applications::create_token_issuer(&mut act, issuer, Some(token), &[]).await;
        act.commit().await.expect("store");
        made
    };
    let made = create(&issuer, "once").await.expect("made");
    assert_eq!(create(&issuer, "once").await.expect("the same"), made);
    let other = TrustedTokenIssuer {
        issuer_url: "https://other.example.com".to_owned(),
        ..issuer
    };
    let refused = create(&other, "once").await.expect_err("another");
    assert_eq!(refused.code(), "ConflictException");
    let refused = create(&other, "a space").await.expect_err("no token");
    assert_eq!(refused.code(), "ValidationException");
    create(&other, "twice").await.expect("made");
}

#[tokio::test]
async fn an_application_keeps_its_scopes_and_grants() {
    let house = House::new().await;
    let issuer = issuer();
    let policy = json!({ "Statement": { "Effect": "Allow", "Action": "sso-oauth:*" } });
    let scope = AccessScope {
        scope: "q:read".to_owned(),
        authorized_targets: Vec::new(),
    };
    let application = crate::applications::wiki(&house, true).await;
    let grant = house
        .perform(async |act| {
            let issuer = applications::create_token_issuer(act, &issuer, None, &[]).await?;
            let grant = Grant::JwtBearer {
                issuers: vec![AuthorizedIssuer {
                    issuer_arn: format!(
                        "arn:aws:sso::111122223333:trustedTokenIssuer/x/{}",
                        issuer.id
                    ),
                    audiences: vec!["wiki".to_owned()],
                }],
            };
            applications::put_grant(act, &application, &grant).await?;
            applications::put_access_scope(act, &application, &scope).await?;
            applications::put_actor_policy(act, &application, &policy).await?;
            applications::put_assignment_required(act, &application, false).await?;
            Ok::<_, access::AccessError>(grant)
        })
        .await;
    let mut db = house.portal.pool().acquire().await.expect("store");
    let grants = applications::grants(&mut *db, &application)
        .await
        .expect("store");
    assert_eq!(grants, [grant]);
    let scopes = applications::access_scopes(&mut *db, &application, "", 9).await;
    assert_eq!(scopes.expect("store"), [scope]);
    let actors = applications::actor_policy(&mut db, &application).await;
    assert_eq!(actors.expect("there"), Some(policy));
    let required = applications::assignment_required(&mut db, &application).await;
    assert!(!required.expect("there"));
    drop(db);
    let anybody = house.user_id("auditor").await;
    let open = applications::assigned(house.portal.pool(), &anybody).await;
    assert_eq!(open.expect("store").len(), 1);
}

fn issuer() -> TrustedTokenIssuer {
    TrustedTokenIssuer {
        id: String::new(),
        name: "Elsewhere".to_owned(),
        issuer_url: "https://elsewhere.example.com".to_owned(),
        claim_attribute_path: "email".to_owned(),
        identity_store_attribute_path: "emails.value".to_owned(),
    }
}

/// A permission set with S3 for an hour.
async fn permission_set(house: &House) -> String {
    let new = NewPermissionSet {
        name: "Provisioned",
        description: None,
        session: Duration::HOUR,
        relay_state: None,
    };
    house
        .perform(async |act| {
            let id = access::create_permission_set(act, &new, &[]).await?.id;
            access::attach_managed_policy(act, &id, S3).await?;
            Ok::<_, access::AccessError>(id)
        })
        .await
}

async fn assign(house: &House, account: &str, set: &str, user: &str) -> access::AccessRequest {
    let wanted = AccountAssignment {
        account_id: account.to_owned(),
        permission_set_id: set.to_owned(),
        principal: Principal::User(user.to_owned()),
    };
    house
        .perform(async |act| access::create_account_assignment(act, &wanted).await)
        .await
}

/// Session length, relay state and policies of the role in an account.
async fn role(house: &House, user: &str, account: &str) -> (Duration, Option<String>, Vec<Policy>) {
    let pool = house.portal.pool();
    let role = access::assigned_role(pool, user, account, "Provisioned").await;
    let role = role.expect("store").expect("assigned");
    let policies = access::role_policies(pool, account, &role.iam_role_name).await;
    (role.session, role.relay_state, policies.expect("store"))
}

/// The accounts whose role is out of date.
async fn outdated(house: &House, set: &str) -> Vec<String> {
    let status = Some(ProvisioningStatus::OutOfDate);
    let found = access::provisioned_accounts(house.portal.pool(), set, status, "", 10).await;
    found.expect("store")
}
