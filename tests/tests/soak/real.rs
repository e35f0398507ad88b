//! Minutes that take as long as they take, with the real programs: everything lives so short that
//! it is renewed all the time, and the session ends again and again.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::browser::Browser;
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::{Portal, rounds, story, vestibule};

use crate::{ALONE, growth::Growth};

const ACCOUNT: &str = "Sandbox";
const ROLE: &str = "ReadOnlyAccess";

/// Lives in seconds: of access tokens, of credentials, of a sign-in.
const LIVES: [&str; 6] = [
    "--access-token-seconds",
    "8",
    "--credentials-seconds",
    "12",
    "--session-seconds",
    "20",
];

#[test]
fn in_ten_minutes_no_call_fails_and_nothing_grows() {
    story(async |world| {
        let _alone = ALONE.lock().await;
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        let portal = Portal::start(world, &[&["--mfa", "never"], &LIVES[..]].concat()).await?;
        let browser = Browser::install_forms(world, portal.user()?)?;
        let mut agent = vestibule::command(world, &["agent"])?;
        let agent = vestibule::start_agent(world, &mut agent).await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;

        let long = Duration::from_secs(rounds(36, 600) as u64);
        let start = Instant::now();
        let mut growth = Growth::of(agent.id());
        let mut keys = std::collections::BTreeSet::new();
        while start.elapsed() < long {
            let answer = vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await;
            let answer = answer.with_context(|| format!("after {:?}", start.elapsed()))?;
            let answer: serde_json::Value = serde_json::from_str(&answer)?;
            keys.insert(answer["AccessKeyId"].as_str().context("a key")?.to_owned());
            growth.sample()?;
        }

        ensure!(keys.len() >= 3, "{} renewals", keys.len());
        ensure!(browser.opened().len() >= 2, "the session never ended");
        growth.is_none()
    });
}
