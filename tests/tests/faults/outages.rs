//! Answers that are late, cut, endless or errors for minutes: everything between the request and
//! an answer one can use.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::measure;
use e2e::process::text_of;
use e2e::proxy::{Mode, Proxy};
use e2e::{World, eventually, rounds, story, vestibule};

use crate::house::{self, ACCOUNT, OTHER_ROLE, ROLE, fails_for_a_role, signed_in_through_a_proxy};

const CREDENTIALS: &str = "/federation/credentials";
const TOKEN: &str = "/token";

/// A hundred megabytes, and the little of it that may get through before somebody stops it: what
/// the agent reads, and what lies in buffers on the way.
const HUGE: usize = 100 * 1024 * 1024;
const LITTLE: usize = 16 * 1024 * 1024;

#[test]
fn a_busy_portal_that_says_how_long_is_left_alone_for_as_long() {
    const WAIT: Duration = Duration::from_secs(3);
    const BUSY: Mode = Mode::Answer {
        status: "429 Too Many Requests",
        headers: "x-amzn-errortype: TooManyRequestsException\r\nretry-after: 3\r\n",
        body: "{}",
    };
    story(async |world| {
        let (_house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
        proxy.set_for(CREDENTIALS, BUSY);
        let asked = Instant::now();
        let caller = caller(world)?;
        refuses_once(&proxy).await?;
        proxy.set(Mode::Pass);

        caller.await??;
        ensure!(
            asked.elapsed() >= WAIT,
            "asked again after {:?}",
            asked.elapsed()
        );
        Ok(())
    });
}

#[test]
fn a_connection_reset_half_way_is_made_again() {
    for after in [0, 100, 400] {
        story(async |world| {
            let (_house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
            let known = vestibule::accounts(world).await?;
            proxy.set_for(CREDENTIALS, Mode::Reset { after });
            let (code, said) = fails_for_a_role(world).await?;
            ensure!(code == 5, "exit code {code}: {said}");
            vestibule::ensure_clear(&said, &["interrupted"])?;
            ensure!(
                vestibule::accounts(world).await? == known,
                "accounts were lost"
            );

            let before = proxy.failed();
            proxy.set_once_for(CREDENTIALS, Mode::Reset { after });
            caller(world)?.await?.context("it was not tried again")?;
            ensure!(proxy.failed() == before + 1, "it was not cut off");
            Ok(())
        });
    }
}

#[test]
fn an_answer_that_comes_slowly_is_waited_for() {
    story(async |world| {
        let (house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
        proxy.set_for(CREDENTIALS, Mode::Drip { piece: 40 });
        house::works(world, &house).await?;
        ensure!(proxy.failed() == 1, "asked {} times", proxy.failed());
        Ok(())
    });
}

#[test]
fn an_answer_of_a_hundred_megabytes_is_not_swallowed() {
    story(async |world| {
        let (house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
        let before = measure::peak(house.agent.id())?;
        proxy.set_for(CREDENTIALS, Mode::Flood { bytes: HUGE });

        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["larger"])?;
        ensure!(
            proxy.flooded() < LITTLE,
            "{} bytes were taken",
            proxy.flooded()
        );
        let grown = measure::peak(house.agent.id())? - before;
        ensure!(
            grown < LITTLE as u64 / 1024,
            "the agent grew by {grown} KiB"
        );

        proxy.set(Mode::Pass);
        house::works(world, &house).await
    });
}

/// The portal has rotated the refresh token, and nobody was told the new one.
#[test]
fn a_refresh_token_whose_answer_was_lost_is_used_again() {
    story(async |world| {
        let short = ["--access-token-seconds", "4"];
        let (house, proxy) = signed_in_through_a_proxy(world, &short).await?;
        let rotated = house.portal.count(world, "CreateToken").await?;
        proxy.set_for(TOKEN, Mode::Reset { after: 0 });
        eventually("the portal rotates the token", async || {
            // Whoever asks needs a token; this one is not answered.
            fails_for_a_role(world).await.ok();
            let now = house.portal.count(world, "CreateToken").await?;
            Ok((now > rotated).then_some(()))
        })
        .await?;
        proxy.set(Mode::Pass);

        house::works(world, &house).await?;
        vestibule::session_is(world, "signed_in").await?;
        ensure!(house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

#[test]
fn five_hundreds_for_ten_minutes_lapse_nothing() {
    fails_for_a_life(Mode::Answer {
        status: "500 Internal Server Error",
        headers: "x-amzn-errortype: InternalServerException\r\n",
        body: "{}",
    });
}

#[test]
fn five_hundred_threes_for_ten_minutes_lapse_nothing() {
    fails_for_a_life(Mode::Answer {
        status: "503 Service Unavailable",
        headers: "content-type: text/html\r\n",
        body: "<h1>503</h1>",
    });
}

/// Most of a life of the credentials of a kept role, in which they would have been renewed: ten
/// minutes in the long run. Somebody asks all the time.
fn fails_for_a_life(failing: Mode) {
    story(async |world| {
        let life = Duration::from_secs(rounds(40, 15 * 60) as u64);
        let seconds = life.as_secs().to_string();
        let short = ["--credentials-seconds", &seconds];
        let (house, proxy) = signed_in_through_a_proxy(world, &short).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        house::works(world, &house).await?;

        proxy.set(failing.clone());
        let start = Instant::now();
        while start.elapsed() < life * 7 / 10 {
            house::works(world, &house)
                .await
                .with_context(|| format!("after {:?}", start.elapsed()))?;
        }
        let failed = proxy.failed();
        ensure!(failed > 0, "nothing was due");
        ensure!(failed <= 60, "{failed} requests");
        ensure!(
            vestibule::session(world).await?["state"] == "signed_in",
            "signed out"
        );

        proxy.set(Mode::Pass);
        house::works(world, &house).await?;
        ensure!(house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

/// Somebody who asks for a role that nobody has asked for yet.
fn caller(world: &World) -> Result<tokio::task::JoinHandle<Result<String>>> {
    let command = vestibule::command(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE))?;
    Ok(tokio::spawn(text_of(command)))
}

async fn refuses_once(proxy: &Proxy) -> Result<()> {
    eventually("the portal refuses", async || {
        Ok((proxy.failed() > 0).then_some(()))
    })
    .await
}
