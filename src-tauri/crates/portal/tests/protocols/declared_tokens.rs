//! Trusted token issuers and what applications may do with tokens, declared.

use portal::declaration::{Kind, Options};

use crate::house::House;

const ISSUER: &str = r#"
    [[token_issuers]]
    name = "corporate"
    issuer_url = "https://tokens.example.com"
    claim_attribute_path = "email"
    identity_store_attribute_path = "emails.value"
"#;

/// An application that brings the issuer's tokens.
const BRINGS: &str = r#"
    [[applications]]
    name = "Wiki"
    provider = "custom"
    tokens = { refresh = true, issuers = [{ url = "https://tokens.example.com", audiences = ["wiki"] }] }
"#;

#[tokio::test]
async fn an_issuer_that_is_taken_away_takes_its_grants_along() {
    let house = House::new().await;
    let both = format!("{ISSUER}{BRINGS}");
    let none = Options::default();
    assert_eq!(
        house.declare(&both, &none).await.expect("applied"),
        [
            "+ token issuer https://tokens.example.com",
            "+ application Wiki",
            "+ grant refresh_token of application Wiki",
            "+ grant urn:ietf:params:oauth:grant-type:jwt-bearer of application Wiki",
        ]
    );
    let without = BRINGS.replace(
        ", issuers = [{ url = \"https://tokens.example.com\", audiences = [\"wiki\"] }]",
        "",
    );
    let pruned = Options {
        prune: [Kind::TokenIssuers].into(),
        ..Options::default()
    };
    let taken = house.declare(&without, &pruned).await.expect("applied");
    assert_eq!(
        taken,
        [
            "- token issuer https://tokens.example.com",
            "- grant urn:ietf:params:oauth:grant-type:jwt-bearer of application Wiki",
        ]
    );
    assert_eq!(
        house.declare(&without, &none).await.expect("applied"),
        [""; 0]
    );
    assert!(!house.exported().await.contains("tokens.example.com"));

    // Another of the same address is not the one that was trusted.
    let again = house.declare(&both, &none).await.expect("applied");
    assert_eq!(
        again,
        [
            "+ token issuer https://tokens.example.com",
            "+ grant urn:ietf:params:oauth:grant-type:jwt-bearer of application Wiki",
        ]
    );
}

/// Its ARNs carry another account from then on.
#[tokio::test]
async fn an_organization_that_comes_later_changes_no_grant() {
    let house = House::without_organization(|_| {}).await;
    let none = Options::default();
    let scopes = "scopes = [{ name = \"wiki:read\", targets = [\"application Wiki\"] }], issuers";
    let tokens = format!("{ISSUER}{}", BRINGS.replace("issuers", scopes));
    house.declare(&tokens, &none).await.expect("applied");
    let accounts = r#"
        accounts = [{ id = "300000000001", name = "Main", email = "main@example.com", management = true }]
    "#;
    let both = format!("{accounts}{tokens}");
    let organized = house.declare(&both, &none).await.expect("applied");
    assert!(
        organized.iter().all(|change| !change.contains("Wiki")),
        "{organized:#?}"
    );
    let exported = house.exported().await;
    for kept in [
        "url = \"https://tokens.example.com\"",
        "\"application Wiki\"",
    ] {
        assert!(exported.contains(kept), "{kept}: {exported}");
    }
}

#[tokio::test]
async fn a_target_elsewhere_is_the_whole_of_its_arn() {
    let house = House::new().await;
    let none = Options::default();
    let targets = |account: &str| {
        let arn = format!(
            "arn:aws:sso::{account}:application/ssoins-0123456789abcdef/apl-0123456789abcdef"
        );
        format!(
            "[[applications]]\nname = \"Wiki\"\nprovider = \"custom\"\n\
             tokens = {{ scopes = [{{ name = \"wiki:read\", targets = [\"{arn}\"] }}] }}"
        )
    };
    let first = targets("111122223333");
    house.declare(&first, &none).await.expect("applied");
    let second = targets("444455556666");
    let changed = house.declare(&second, &none).await.expect("applied");
    assert_eq!(changed, ["~ scope wiki:read of application Wiki"]);
    assert!(house.exported().await.contains("444455556666"));
}

#[tokio::test]
async fn an_actor_or_a_target_that_cannot_be_is_named() {
    let house = House::new().await;
    let tokens = r#"tokens = { refresh = true, issuers = [{ url = "https://tokens.example.com", audiences = ["wiki"] }] }"#;
    for (declared, expected) in [
        (
            tokens,
            r#"application Wiki names the token issuer "https://tokens.example.com", which does not exist"#,
        ),
        (
            r#"tokens = { actor_policy = "{" }"#,
            r#"application "Wiki": actor_policy is not a JSON object"#,
        ),
        (
            r#"tokens = { actor_policy = "[]" }"#,
            r#"application "Wiki": actor_policy is not a JSON object"#,
        ),
        (
            r#"tokens = { scopes = [{ name = "wiki:read", targets = ["application Nowhere"] }] }"#,
            r#"scope wiki:read of application Wiki: the target "application Nowhere" is neither"#,
        ),
        (
            r#"tokens = { scopes = [{ name = "wiki:read" }, { name = "wiki:read" }] }"#,
            r#"application "Wiki": the scope "wiki:read" is declared twice"#,
        ),
        (
            r#"tokens = { scopes = [{ name = "a b" }] }"#,
            "scope a b of application Wiki: ",
        ),
    ] {
        let text = BRINGS.replace(tokens, declared);
        let refused = house.declare(&text, &Options::default()).await;
        let refused = refused.expect_err(expected).to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }
    let twice = house
        .declare(&ISSUER.repeat(2), &Options::default())
        .await
        .expect_err("twice");
    assert_eq!(
        twice.to_string(),
        r#"token issuer "https://tokens.example.com": it is declared twice"#
    );
}
