//! The portal's users at their own sign-in, in a real browser with virtual security keys, and an
//! administrator who looks after one.

use anyhow::{Context, Result, ensure};
use e2e::{Portal, axe, browser, story};
use serde_json::{Value, json};

/// Every step of the script's, in order.
const STEPS: [&str; 13] = [
    "one-time password replaced",
    "invitation accepted",
    "passkey enrolled",
    "authenticator app added",
    "recovery codes made",
    "signed in with the passkey",
    "a replayed answer refused",
    "signed in with a key that only asks for a touch",
    "a strange key refused",
    "each recovery code works once",
    "places forgotten",
    "password changed",
    "factors removed",
];

/// Declares people who have neither password nor factor.
const NEWCOMERS: &str = r#"
[[users]]
user_name = "newcomer"
display_name = "New Comer"
email = "newcomer@example.com"

[[users]]
user_name = "latecomer"
display_name = "Late Comer"
email = "latecomer@example.com"
"#;

/// Every step of the administrator's, in order.
const CARE: [&str; 9] = [
    "one's own session ended",
    "user found",
    "session ended",
    "disabled",
    "enabled",
    "password reset",
    "factors reset",
    "recovery codes kept",
    "deleted",
];

#[test]
fn an_administrator_looks_after_a_user_who_feels_it_at_once() {
    story(async |world| {
        let portal = Portal::start(world, &["--mfa", "never"]).await?;
        let person = |name: &str| {
            let user = portal
                .facts
                .users
                .iter()
                .find(|user| user.user_name == name);
            let user = user.with_context(|| format!("the example has no {name}"))?;
            anyhow::Ok(json!({ "user_name": user.user_name, "password": user.password }))
        };
        let task = json!({
            "origin": portal.origin(),
            "administrator": person("admin")?,
            "user": person("developer")?,
            "new_password": "plum violin under glass",
            "axe": axe::script(),
        });
        let told = browser::drive(world, "administrator.cjs", &task).await?;
        all_done(&told, &CARE)
    });
}

#[test]
fn a_newcomer_sets_a_password_adds_keys_and_signs_in_with_each() {
    story(async |world| {
        let portal = Portal::start(world, &["--mfa", "always"]).await?;
        portal.apply(world, NEWCOMERS).await?;
        let one_time_password = portal.one_time_password(world, "latecomer").await?;
        let invitation = portal.invite(world, "newcomer").await?;
        let task = json!({
            "origin": portal.origin(),
            "one_time": { "user_name": "latecomer", "password": one_time_password },
            "invitation": invitation,
            "user_name": "newcomer",
            "password": "plum violin under glass",
            "axe": axe::script(),
        });
        let told = browser::drive(world, "security.cjs", &task).await?;
        all_done(&told, &STEPS)
    });
}

/// Every step was told, and no flaw of a page.
fn all_done(told: &[Value], wanted: &[&str]) -> Result<()> {
    let steps: Vec<&str> = told
        .iter()
        .filter_map(|line| line.as_object()?.keys().next())
        .map(String::as_str)
        .collect();
    for step in wanted {
        ensure!(steps.contains(step), "{step} is missing in {steps:?}");
    }
    let flaws = told.last().context("a last line")?;
    ensure!(flaws["flaws"] == json!([]), "found {flaws:#}");
    Ok(())
}
