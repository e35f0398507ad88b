//! A keyring that is locked, and a session bus that goes and comes back. (A desktop without a
//! keyring is every other test here.)

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::process::Process;
use e2e::{Portal, World, eventually, story, vestibule};
use tokio::time::timeout;

use crate::house::{self, House, NO_CODE};

#[test]
fn a_locked_keyring_is_told_and_the_sign_in_lives_in_memory() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        Keyring::unlocked(world, &bus).await?.stop()?;
        let _locked = Keyring::locked(world, &bus).await?;
        let portal = Portal::start(world, &NO_CODE).await?;
        let house = house::sign_in(world, portal, house::agent).await?;

        house::works(world, &house).await?;
        memory_only_is_told(&house.agent).await
    });
}

/// What is renewed meanwhile is put into the keyring as soon as it opens.
#[test]
fn a_keyring_locked_in_the_middle_is_told_and_caught_up_with() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        let keyring = Keyring::unlocked(world, &bus).await?;
        let short = ["--access-token-seconds", "6"];
        let mut house = house::signed_in(world, &short).await?;
        house::works(world, &house).await?;

        keyring.lock().await?;
        the_token_is_renewed(world, &house).await?;
        memory_only_is_told(&house.agent).await?;
        house::works(world, &house).await?;

        keyring.unlock().await?;
        survives_a_restart(world, &mut house).await
    });
}

#[test]
fn a_restarted_bus_and_keyring_are_found_again() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        let keyring = Keyring::unlocked(world, &bus).await?;
        let short = ["--access-token-seconds", "6"];
        let mut house = house::signed_in(world, &short).await?;

        keyring.stop()?;
        drop(bus);
        house::works(world, &house).await?;

        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        the_token_is_renewed(world, &house).await?;
        survives_a_restart(world, &mut house).await
    });
}

async fn memory_only_is_told(agent: &Process) -> Result<()> {
    eventually("it is told", async || {
        Ok(agent
            .output()?
            .contains("kept in memory only")
            .then_some(()))
    })
    .await
}

/// The next agent knows of the sign-in by the keyring alone.
async fn survives_a_restart(world: &World, house: &mut House) -> Result<()> {
    eventually("the keyring has the newest token", async || {
        house.agent.kill()?;
        house.agent = vestibule::start_agent(world, &mut house::agent(world)?).await?;
        // It is read while others are answered already.
        let signed_in = vestibule::session_is(world, "signed_in");
        timeout(Duration::from_secs(10), signed_in)
            .await
            .ok()
            .transpose()
    })
    .await?;
    house::works(world, house).await?;
    ensure!(house.browser.opened().len() == 1, "signed in anew");
    Ok(())
}

async fn the_token_is_renewed(world: &World, house: &House) -> Result<()> {
    let rotated = house.portal.count(world, "CreateToken").await?;
    eventually("the token is renewed", async || {
        vestibule::run(world, &["accounts"]).await?;
        let now = house.portal.count(world, "CreateToken").await?;
        Ok((now > rotated).then_some(()))
    })
    .await
}
