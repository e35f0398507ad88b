//! Sessions, registrations, users and roles that come to an end before their time.
use std::fs;

use anyhow::{Context, Result, ensure};
use e2e::bus::Bus;
use e2e::clock::WrongClock;
use e2e::keyring::Keyring;
use e2e::process::{Process, text_of};
use e2e::{Portal, World, eventually, story, vestibule};

use crate::house::{self, ACCOUNT, House, NO_CODE, OTHER_ROLE, ROLE};

const DAY: i64 = 24 * 60 * 60;

/// The example's administrators keep [`OTHER_ROLE`] and lose [`ROLE`] but for one account.
const ROLE_TAKEN: &str = r#"
[[accounts]]
id = "111122223333"
name = "Management"
email = "aws+management@example.com"
management = true

[[groups]]
name = "Administrators"
members = ["admin"]

[[permission_sets]]
name = "ReadOnlyAccess"
session_hours = 8
managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]

[[assignments]]
group = "Administrators"
permission_sets = ["ReadOnlyAccess"]
accounts = ["Management"]
"#;

const USER_GONE: &str = r#"
[[users]]
user_name = "admin"
display_name = "Cloud Administrator"
email = "admin@example.com"
enabled = false
"#;

/// A home that was copied, tokens and all. The portal takes a refresh token twice for a moment
/// only, for then it must be stolen: it ends what came of it, on both machines.
#[test]
fn two_machines_on_one_session_each_ask_once() {
    story(async |world| {
        let clock = WrongClock::new(world)?;
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        let portal = Portal::start_by(world, &clock, &NO_CODE).await?;
        let mut first = house::sign_in(world, portal, house::agent).await?;

        // One that goes on would write beside and rename while its files are copied.
        first.agent.kill()?;
        let mut other = World::new()?;
        copy_home(world, &other).await?;
        let other_bus = Bus::start(&mut other).await?;
        let _other_keyring = Keyring::unlocked(&other, &other_bus).await?;
        let other_browser = e2e::browser::Browser::install_forms(&mut other, first.portal.user()?)?;

        // The first machine takes up where it stopped, and so has a newer token than the other.
        first.agent = start(world).await?;
        house::works(world, &first).await?;
        clock.set(2 * 60)?;
        let _other_agent = start(&other).await?;

        house::credentials(&other)
            .await
            .context("the other machine")?;
        house::credentials(world)
            .await
            .context("the first machine")?;
        vestibule::run(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE)).await?;
        for (world, tabs) in [
            (&other, other_browser.opened()),
            (world, first.browser.opened()),
        ] {
            vestibule::session_is(world, "signed_in").await?;
            ensure!(tabs.len() <= 2, "tabs: {tabs:?}");
        }
        Ok(())
    });
}

#[test]
fn an_expired_registration_is_made_anew() {
    story(async |world| {
        let clock = WrongClock::new(world)?;
        let long = ["--session-seconds", "31536000"];
        let portal = Portal::start_by(world, &clock, &[&NO_CODE[..], &long].concat()).await?;
        let house = house::sign_in(world, portal, house::agent).await?;
        let before = house.portal.count(world, "RegisterClient").await?;

        clock.set(91 * DAY)?;
        house::credentials(world).await?;
        ensure!(house.browser.opened().len() == 2, "one more tab");
        let after = house.portal.count(world, "RegisterClient").await?;
        ensure!(
            after == before + 1,
            "{after} registrations, {before} before"
        );
        vestibule::session_is(world, "signed_in").await?;
        Ok(())
    });
}

#[test]
fn a_removed_user_is_told_and_loses_nothing_else() {
    story(async |world| {
        let short = ["--access-token-seconds", "4", "--credentials-seconds", "8"];
        let house = house::signed_in(world, &short).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        house::works(world, &house).await?;
        let known = vestibule::accounts(world).await?;
        let config = fs::read(world.path("home/.aws/config"))?;

        house.portal.apply(world, USER_GONE).await?;
        vestibule::session_is(world, "expired").await?;
        eventually("it is told", async || {
            Ok(house.agent.output()?.contains("ign in").then_some(()))
        })
        .await?;
        ensure!(
            vestibule::accounts(world).await? == known,
            "accounts were lost"
        );
        ensure!(
            fs::read(world.path("home/.aws/config"))? == config,
            "the profile changed"
        );
        ensure!(
            house.browser.opened().len() == 1,
            "a tab that nobody asked for"
        );
        Ok(())
    });
}

#[test]
fn a_role_removed_while_kept_is_told_and_the_others_go_on() {
    story(async |world| {
        let short = [
            "--access-token-seconds",
            "60",
            "--credentials-seconds",
            "12",
        ];
        let house = house::signed_in(world, &short).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        vestibule::run(world, &["keep", ACCOUNT, OTHER_ROLE]).await?;
        let keys = ["keep", ACCOUNT, ROLE, "--as", "static-keys"];
        let profile = vestibule::run(world, &keys).await?;
        let credentials = world.path("home/.aws/credentials");
        let stand = || anyhow::Ok(fs::read_to_string(&credentials)?.contains(&profile));
        ensure!(stand()?, "no keys were written");
        house::works(world, &house).await?;

        house.portal.apply(world, ROLE_TAKEN).await?;
        eventually("it is told", async || {
            let told = house.agent.output()?;
            Ok((told.contains(ROLE) && told.contains("notification")).then_some(()))
        })
        .await?;
        eventually("its keys are gone", async || Ok((!stand()?).then_some(()))).await?;
        let (code, said) = vestibule::fails(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
        // As soon as the accounts are listed anew, the role is none of the user's.
        ensure!([1, 4].contains(&code), "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[ROLE])?;
        other_role_works(world, &house).await?;
        vestibule::session_is(world, "signed_in").await?;
        Ok(())
    });
}

async fn other_role_works(world: &World, house: &House) -> Result<()> {
    let text = vestibule::run(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE)).await?;
    let arn = house::proven(&house.portal, &serde_json::from_str(&text)?).await?;
    ensure!(arn.contains(OTHER_ROLE), "{arn}");
    Ok(())
}

async fn start(world: &World) -> Result<Process> {
    vestibule::start_agent(world, &mut house::agent(world)?).await
}

async fn copy_home(from: &World, to: &World) -> Result<()> {
    let mut copy = from.command("cp");
    copy.arg("-a").arg(from.path("home/.")).arg(to.path("home"));
    text_of(copy).await?;
    Ok(())
}
