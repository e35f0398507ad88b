//! The agent under many callers, across restarts and after refusals; without a desktop.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::process::{failure_of, text_of};
use e2e::world::built;
use e2e::{Portal, World, eventually, rounds, story, vestibule};
use serde_json::Value;

const ACCOUNT: &str = "Web Shop Production";
const ROLE: &str = "AdministratorAccess";

/// Callers at the same time.
const CALLERS: usize = 100;

/// Lifetime of a portal session that is to end during a test.
const SHORT_SESSION: Duration = Duration::from_secs(20);

#[test]
fn a_hundred_callers_with_an_ended_session_share_one_tab_and_one_call() {
    for _ in 0..rounds(1, 100) {
        story(async |world| {
            let seconds = SHORT_SESSION.as_secs().to_string();
            let mut portal = Portal::start(world, &["--session-seconds", &seconds]).await?;
            let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
            vestibule::add(world, &portal).await?;
            vestibule::run(world, &["login"]).await?;
            let signed_in = Instant::now();
            browser.page(1).await?;
            eventually("the session's end passes", async || {
                Ok((signed_in.elapsed() > SHORT_SESSION).then_some(()))
            })
            .await?;
            // From now on sessions are as long as usual.
            portal.program().kill()?;
            let portal = Portal::start(world, &[]).await?;
            let before = credential_calls(world, &portal).await?;

            let answers = call_at_once(world, CALLERS).await?;

            ensure!(answers.len() == CALLERS);
            let first = &answers[0]["AccessKeyId"];
            ensure!(
                first.as_str().is_some_and(|key| key.starts_with("ASIA")),
                "{first}"
            );
            ensure!(answers.iter().all(|answer| answer["AccessKeyId"] == *first));
            ensure!(browser.opened().len() == 2, "tabs: {:?}", browser.opened());
            let calls = credential_calls(world, &portal).await? - before;
            ensure!(calls == 1, "{calls} calls of GetRoleCredentials");
            Ok(())
        });
    }
}

#[test]
fn a_killed_agent_is_replaced_and_the_sign_in_kept() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        let portal = Portal::start(world, &[]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;

        for _ in 0..rounds(3, 300) {
            world.kill(&built("vestibule")?).await?;

            let answer = credentials(world).await?;
            ensure!(answer["AccountId"] == "555566667777", "{answer}");
        }
        vestibule::session_is(world, "signed_in").await?;
        ensure!(
            browser.opened().len() == 1,
            "signed in anew: {:?}",
            browser.opened()
        );
        Ok(())
    });
}

#[test]
fn after_a_refusal_no_caller_opens_a_browser_until_the_user_asks() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let denying = Browser::install(world, portal.user()?, Consent::Deny)?;
        vestibule::add(world, &portal).await?;

        for _ in 0..3 {
            let (code, said) = failure_of(credentials_command(world)?).await?;
            ensure!(code == 3, "exit code {code}: {said}");
            vestibule::ensure_clear(&said, &["vestibule login"])?;
        }
        ensure!(denying.opened().len() == 1, "tabs: {:?}", denying.opened());

        denying.page(1).await?;
        let allowing = Browser::install(world, portal.user()?, Consent::Allow)?;
        // The browser is the agent's; it was started with the denying one's environment, which
        // names the same script.
        vestibule::run(world, &["login"]).await?;
        credentials(world).await?;
        ensure!(
            allowing.opened().len() == 2,
            "tabs: {:?}",
            allowing.opened()
        );
        Ok(())
    });
}

#[test]
fn a_role_out_of_reach_gets_the_nearest_names_and_its_own_exit_code() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::accounts_are(world, portal.facts.accounts.len()).await?;

        let (code, said) =
            vestibule::fails(world, &vestibule::credentials("Web Shop Prodution", ROLE)).await?;
        ensure!(code == 4, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[ACCOUNT])?;
        let (code, said) =
            vestibule::fails(world, &vestibule::credentials(ACCOUNT, "AdminAccess")).await?;
        ensure!(code == 4, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[ROLE])?;
        Ok(())
    });
}

#[test]
fn one_agent_serves_a_user_however_many_are_started() {
    story(async |world| {
        let mut agents = (0..5)
            .map(|_| start_agent(world))
            .collect::<Result<Vec<_>>>()?;
        eventually("one agent is left", async || {
            let running = agents
                .iter_mut()
                .filter_map(|agent| agent.still_runs().ok())
                .count();
            Ok((running == 1).then_some(()))
        })
        .await?;
        vestibule::run(world, &["status"]).await?;
        ensure!(world.runs(&built("vestibule")?), "it is gone");
        Ok(())
    });
}

fn start_agent(world: &World) -> Result<e2e::process::Process> {
    world.start("agent", &mut vestibule::command(world, &["agent"])?)
}

fn credentials_command(world: &World) -> Result<std::process::Command> {
    vestibule::command(world, &vestibule::credentials(ACCOUNT, ROLE))
}

async fn credentials(world: &World) -> Result<Value> {
    let text = text_of(credentials_command(world)?).await?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}

/// So many `vestibule credentials` that all run at once; what each answered.
async fn call_at_once(world: &World, callers: usize) -> Result<Vec<Value>> {
    let running = (0..callers)
        .map(|_| Ok(tokio::spawn(text_of(credentials_command(world)?))))
        .collect::<Result<Vec<_>>>()?;
    let mut answers = Vec::new();
    for caller in running {
        answers.push(serde_json::from_str(&caller.await??)?);
    }
    Ok(answers)
}

async fn credential_calls(world: &World, portal: &Portal) -> Result<usize> {
    let audit = portal.audit(world).await?;
    Ok(audit
        .iter()
        .filter(|event| event["eventName"] == "GetRoleCredentials")
        .count())
}
