//! A machine that slept, and clocks that are wrong.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::clock::WrongClock;
use e2e::process::text_of;
use e2e::{PATIENCE, Portal, World, eventually, story, vestibule};
use rustix::process::Signal;

use crate::house::{self, ACCOUNT, House, NO_CODE, ROLE};

const HOUR: i64 = 60 * 60;
const MONTH: i64 = 30 * 24 * HOUR;

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

#[test]
fn a_clock_set_forward_an_hour_lapses_nothing() {
    a_clock_set_by(HOUR);
}

#[test]
fn a_clock_set_back_an_hour_lapses_nothing() {
    a_clock_set_by(-HOUR);
}

#[test]
fn a_clock_set_forward_a_month_lapses_nothing() {
    a_clock_set_by(MONTH);
}

#[test]
fn a_clock_set_back_a_month_lapses_nothing() {
    a_clock_set_by(-MONTH);
}

/// The portal's clock stays right.
fn a_clock_set_by(seconds: i64) {
    story(async |world| {
        let clock = WrongClock::new(world)?;
        let house = by_clock(world, &clock, &SHORT).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        house::works(world, &house).await?;

        clock.set(seconds)?;
        never_lapses(world, &house, 2 * LIFE).await?;
        clock.set(0)?;
        never_lapses(world, &house, LIFE).await
    });
}

/// The machine starts with the wrong time.
#[test]
fn a_clock_that_was_never_right_lapses_nothing() {
    for seconds in [5 * HOUR, -5 * HOUR] {
        story(async |world| {
            let clock = WrongClock::new(world)?;
            clock.set(seconds)?;
            let house = by_clock(world, &clock, &SHORT).await?;
            vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
            never_lapses(world, &house, 2 * LIFE).await
        });
    }
}

async fn by_clock(world: &mut World, clock: &WrongClock, arguments: &[&str]) -> Result<House> {
    let portal = Portal::start(world, &[&NO_CODE, arguments].concat()).await?;
    house::sign_in(world, portal, house::agent_by(clock)).await
}

/// Asks for so long, and has every answer seen by the portal. The agent does not ask the portal
/// each time, nor the user at all.
async fn never_lapses(world: &World, house: &House, time: Duration) -> Result<()> {
    let calls = house.portal.count(world, "GetRoleCredentials").await?;
    let start = Instant::now();
    let (mut answers, mut proofs) = (0, 0);
    while start.elapsed() < time || proofs == 0 {
        ensure!(
            start.elapsed() < PATIENCE,
            "the machine is too slow for a proof"
        );
        let asked = Instant::now();
        let after = || format!("after {:?}", start.elapsed());
        let answer = house::credentials(world).await.with_context(after)?;
        let proof = house::proven(&house.portal, &answer).await;
        // They may have had three seconds left, and a machine that took them proves nothing.
        if asked.elapsed() < LIFE / 4 {
            house::is_the_role(&proof.with_context(after)?)?;
            proofs += 1;
        }
        answers += 1;
    }
    let calls = house.portal.count(world, "GetRoleCredentials").await? - calls;
    // Each lives for nine seconds, and is renewed well before.
    let due = start.elapsed().as_secs() as usize + 2;
    ensure!(
        calls <= due,
        "{calls} calls of the portal for {answers} answers"
    );
    ensure!(house.browser.opened().len() == 1, "signed in anew");
    Ok(())
}
