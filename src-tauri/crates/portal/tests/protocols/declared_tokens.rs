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
    assert_eq!(taken, ["- token issuer https://tokens.example.com"]);
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
            "actor policy of application Wiki: it is not JSON: ",
        ),
        (
            r#"tokens = { actor_policy = "[]" }"#,
            "actor policy of application Wiki: ",
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
