//! A machine that slept.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::clock::WrongClock;
use e2e::process::text_of;
use e2e::{Portal, World, eventually, story, vestibule};
use rustix::process::Signal;

use crate::house::{self, ACCOUNT, House, NO_CODE, ROLE};

const HOUR: i64 = 60 * 60;

/// Lives so short that they end in the middle of a test.
const SHORT: [&str; 4] = ["--access-token-seconds", "9", "--credentials-seconds", "9"];
const LIFE: Duration = Duration::from_secs(9);

#[test]
fn after_a_suspend_everything_is_caught_up_with() {
    story(async |world| {
        let clock = WrongClock::new(world)?;
        let house = by_clock(world, &clock, &SHORT).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        house::works(world, &house).await?;

        house.agent.signal(Signal::STOP)?;
        let asleep = Instant::now();
        let caller = vestibule::command(world, &vestibule::credentials(ACCOUNT, ROLE))?;
        let caller = tokio::spawn(text_of(caller));
        eventually("everything has expired", async || {
            Ok((asleep.elapsed() > 2 * LIFE).then_some(()))
        })
        .await?;
        ensure!(!caller.is_finished(), "answered by a sleeper");
        // Timers stand still in a suspended machine; its clock does not.
        clock.set(HOUR)?;
        house.agent.signal(Signal::CONT)?;

        let answer = serde_json::from_str(&caller.await??)?;
        house::proven(&house.portal, &answer).await?;
        house::works(world, &house).await?;
        ensure!(house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

async fn by_clock(world: &mut World, clock: &WrongClock, arguments: &[&str]) -> Result<House> {
    let portal = Portal::start(world, &[&NO_CODE, arguments].concat()).await?;
    house::sign_in(world, portal, house::agent_by(clock)).await
}
