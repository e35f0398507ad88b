//! The organization's policies, declared: what they are attached to, and what cannot be.

use portal::declaration::{ApplyError, Kind, Options};

use crate::house::House;

const ACCOUNTS: &str = r#"
    policy_types = ["SERVICE_CONTROL_POLICY"]
    accounts = [
        { id = "100000000001", name = "Main", email = "main@example.com", management = true },
        { id = "100000000002", name = "Shop", email = "shop@example.com", unit = "*" },
    ]
"#;

/// Service control policies of these names, attached to the account Shop, beside the one of AWS's
/// own that allows everything.
fn policies(names: &[&str], allowed_in: &str) -> String {
    let mut text = ACCOUNTS.to_owned();
    for name in names {
        text += &format!(
            "[[policies]]\nname = \"{name}\"\ntype = \"SERVICE_CONTROL_POLICY\"\n\
             content = '{{\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"{name}:*\"}}]}}'\n\
             accounts = [\"Shop\"]\n"
        );
    }
    text + &format!(
        "[[policies]]\nname = \"FullAWSAccess\"\ntype = \"SERVICE_CONTROL_POLICY\"\n\
         units = [\"*\"]\naccounts = {allowed_in}\n"
    )
}

async fn apply(house: &House, text: &str, prune: &[Kind]) -> Result<Vec<String>, ApplyError> {
    let options = Options {
        prune: prune.iter().copied().collect(),
        ..Options::default()
    };
    house.declare(text, &options).await
}

#[tokio::test]
async fn a_full_target_exchanges_all_its_policies() {
    let house = House::without_organization(|_| {}).await;
    // Five is all that a target can have, and none is less than it must.
    let first = policies(&["a", "b", "c", "d"], r#"["*"]"#);
    apply(&house, &first, &[]).await.expect("applied");
    let second = policies(&["v", "w", "x", "y", "z"], r#"["Main"]"#);
    let changes = apply(&house, &second, &[Kind::Policies]).await;
    let changes = changes.expect("applied");
    let count = |sign: char| {
        let of_shop = |change: &&String| change.starts_with(sign) && change.ends_with("Shop");
        changes.iter().filter(of_shop).count()
    };
    assert_eq!((count('+'), count('-')), (5, 5), "{changes:#?}");
    let again = apply(&house, &second, &[Kind::Policies]).await;
    assert_eq!(again.expect("applied"), [""; 0]);
    let text = house.exported().await;
    assert!(text.contains("accounts = [\"100000000001\"]"), "{text}");
    assert!(!text.contains("name = \"a\""), "{text}");

    let elsewhere = House::without_organization(|_| {}).await;
    apply(&elsewhere, &text, &[]).await.expect("applied");
    assert_eq!(elsewhere.exported().await, text);
    let back = apply(&house, &first, &[Kind::Policies]).await;
    back.expect("applied");
    assert!(!house.exported().await.contains("name = \"v\""));
}

#[tokio::test]
async fn a_unit_that_is_called_like_all_of_them_is_one() {
    let house = House::without_organization(|_| {}).await;
    let text = policies(&["a"], r#"["*"]"#).replace("accounts = [\"Shop\"]", "units = ['\\*']");
    let changes = apply(&house, &text, &[]).await.expect("applied");
    let attached = "+ attachment of policy a to organizational unit *".to_owned();
    assert!(changes.contains(&attached), "{changes:#?}");
    assert!(!changes.iter().any(|change| change.ends_with("the root")));
    let text = house.exported().await;
    let elsewhere = House::without_organization(|_| {}).await;
    apply(&elsewhere, &text, &[]).await.expect("applied");
    assert_eq!(elsewhere.exported().await, text);
}

#[tokio::test]
async fn a_type_that_is_not_named_any_more_is_out_of_force() {
    let house = House::without_organization(|_| {}).await;
    let text = policies(&[], r#"["*"]"#);
    apply(&house, &text, &[]).await.expect("applied");
    let without = ACCOUNTS.replace("[\"SERVICE_CONTROL_POLICY\"]", "[]");
    let changes = apply(&house, &without, &[]).await.expect("applied");
    assert_eq!(changes, ["- policy type SERVICE_CONTROL_POLICY"]);
    assert!(!house.exported().await.contains("FullAWSAccess"));
}

#[tokio::test]
async fn what_cannot_be_says_why_and_changes_nothing() {
    let house = House::without_organization(|_| {}).await;
    let before = house.exported().await;
    let whole = policies(&["a"], r#"["*"]"#);
    for (from, to, problem) in [
        (
            "accounts = [\"Shop\"]",
            "accounts = [\"Nowhere\"]",
            r#"policy "a" names the account "Nowhere", which does not exist"#,
        ),
        (
            "accounts = [\"Shop\"]",
            "units = [\"No/where\"]",
            r#"policy "a" names the organizational unit "No/where", which does not exist"#,
        ),
        (
            "policy_types = [\"SERVICE_CONTROL_POLICY\"]",
            "policy_types = [\"NOTHING\"]",
            "policy type NOTHING: ",
        ),
        (
            "policy_types = [\"SERVICE_CONTROL_POLICY\"]",
            "",
            "SERVICE_CONTROL_POLICY is not enabled",
        ),
        (
            "name = \"FullAWSAccess\"",
            "name = \"FullAWSAccess\"\ncontent = \"{}\"",
            "it is AWS's own: say only what it is attached to",
        ),
        ("content = '{", "# '{", "policy a: say its content"),
        ("\"Effect\"", "\"effect\"", "policy a: "),
        (
            "name = \"FullAWSAccess\"",
            "name = \"a\"",
            r#"policy "a": it is declared twice"#,
        ),
        (
            "units = [\"*\"]\naccounts = [\"*\"]",
            "",
            "must keep one service control policy",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        let refused = apply(&house, &whole.replace(from, to), &[]).await;
        let refused = refused.expect_err(problem).to_string();
        assert!(refused.contains(problem), "{refused}");
        assert_eq!(house.exported().await, before);
    }
}
