//! Disks that are full or cannot be written, files of other releases, and an agent that is killed
//! whenever it writes.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::process::{Process, finish};
use e2e::world::built;
use e2e::{Portal, World, eventually, rounds, story, vestibule};

use crate::house::{self, ACCOUNT, House, NO_CODE, OTHER_ROLE, ROLE, agent_within};

/// What stands in the user's AWS config file before Vestibule comes.
const CONFIG: &str = "# mine\n[profile other]\nregion = eu-west-1\n";

#[test]
fn a_full_disk_leaves_the_aws_files_as_they_were() {
    // A file system without room.
    let mount = format!(
        "mount -t tmpfs -o size=4k none \"$HOME/.aws\" && printf '{}' >\"$HOME/.aws/config\"",
        CONFIG.replace('\n', "\\n")
    );
    the_config_file_cannot_be_written(&mount, "space");
}

#[test]
fn read_only_aws_files_are_left_as_they_are() {
    let mount = "mount --bind \"$HOME/.aws\" \"$HOME/.aws\" && \
                 mount -o remount,bind,ro \"$HOME/.aws\"";
    the_config_file_cannot_be_written(mount, "ead-only");
}

/// Keeping a role is refused with this word in the reason, and nothing else is.
fn the_config_file_cannot_be_written(mount: &str, why: &str) {
    story(async |world| {
        let folder = world.path("home/.aws");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("config"), CONFIG)?;
        let portal = Portal::start(world, &NO_CODE).await?;
        let house = house::sign_in(world, portal, |world| mounted(world, mount)).await?;

        let (code, said) = vestibule::fails(world, &["keep", ACCOUNT, ROLE]).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[".aws/config", why])?;
        let inside = seen_by(&house.agent, &folder);
        ensure!(
            fs::read_to_string(inside.join("config"))? == CONFIG,
            "it was changed"
        );
        for entry in fs::read_dir(inside)? {
            let name = entry?.file_name();
            // A lock that were removed would be no lock for whoever waits for it.
            let known = ["config", "config.vestibule-lock"].contains(&&*name.to_string_lossy());
            ensure!(known, "{} was left behind", name.display());
        }
        house::works(world, &house).await
    });
}

#[test]
fn a_full_disk_leaves_settings_and_sessions_as_they_were() {
    const FILLED: &str = "cp -a \"$HOME/.config\" \"$TMPDIR/kept\" && \
                          mount -t tmpfs -o size=64k none \"$HOME/.config\" && \
                          cp -a \"$TMPDIR/kept/.\" \"$HOME/.config\" && \
                          { cat /dev/zero >\"$HOME/.config/filling\" 2>/dev/null; true; }";
    story(async |world| {
        let mut house = house::signed_in(world, &[]).await?;
        house.agent.kill()?;
        let settings = world.path("home/.config/vestibule/settings.toml");
        let before = fs::read(&settings).context("the settings")?;
        let agent = vestibule::start_agent(world, &mut mounted(world, FILLED)?).await?;

        let more = ["portal", "add", "https://d-1234567890.awsapps.com/start"];
        let more = [&more[..], &["--region", "eu-west-1", "--name", "more"]].concat();
        let (code, said) = vestibule::fails(world, &more).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["settings.toml", "space"])?;
        ensure!(
            fs::read(seen_by(&agent, &settings))? == before,
            "the settings were changed"
        );
        vestibule::session(world).await?;
        Ok(())
    });
}

/// The command that starts the agent where this mount was made, for its eyes alone.
fn mounted(world: &World, mount: &str) -> Result<std::process::Command> {
    let script = format!("{mount} && exec \"$@\"");
    let wrapping = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &script,
        "sh",
    ];
    agent_within(world, &wrapping)
}

/// The path by which the rest of the world sees a file where the process has mounts of its own.
fn seen_by(process: &Process, path: &std::path::Path) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}", process.id(), path.display()))
}

#[test]
fn an_agent_killed_at_any_moment_of_any_write_loses_nothing() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        fs::create_dir_all(world.path("home/.aws"))?;
        fs::write(world.path("home/.aws/config"), CONFIG)?;
        let short = ["--access-token-seconds", "3", "--rate-limit", "off"];
        let mut house = house::signed_in(world, &short).await?;
        house.agent.kill()?;

        for round in 0..rounds(24, 400) {
            let writing = tokio::spawn(finish(something_that_writes(world, round)?));
            tokio::time::sleep(moment()).await;
            world.kill(&built("vestibule")?).await?;
            writing.await??;
            nothing_is_lost(world)
                .await
                .with_context(|| format!("round {round}"))?;
        }
        house::works(world, &house).await?;
        ensure!(house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

/// Up to an eighth of a second, in which a command starts the agent and does its work.
fn moment() -> Duration {
    let random = RandomState::new().hash_one(0);
    Duration::from_micros(random % 125_000)
}

fn something_that_writes(world: &World, round: usize) -> Result<std::process::Command> {
    const START_URL: &str = "https://d-1234567890.awsapps.com/start";
    let arguments: &[&str] = match round % 5 {
        0 => &["keep", ACCOUNT, ROLE],
        1 => &[
            "portal",
            "add",
            START_URL,
            "--region",
            "eu-west-1",
            "--name",
            "more",
        ],
        2 => &["keep", ACCOUNT, OTHER_ROLE],
        3 => &["portal", "remove", "more"],
        _ => &["keep", ACCOUNT, ROLE, "--remove"],
    };
    vestibule::command(world, arguments)
}

/// Whatever the killed agent had begun: the next one knows the session and its accounts, and the
/// user's own lines stand where they stood.
async fn nothing_is_lost(world: &World) -> Result<()> {
    vestibule::session_is(world, "signed_in").await?;
    ensure!(
        !vestibule::accounts(world).await?.is_empty(),
        "accounts were lost"
    );
    house::credentials(world).await?;
    let config = fs::read_to_string(world.path("home/.aws/config"))?;
    ensure!(
        config.starts_with(CONFIG),
        "the user's own lines changed:\n{config}"
    );
    Ok(())
}

#[test]
fn settings_of_the_first_release_are_upgraded_when_written() {
    const OLD: &str = "# mine\n[[sessions]] # the first\nname = \"old\"\n\
                       start_url = \"https://d-9876543210.awsapps.com/start\"\n\
                       region = \"eu-west-1\"\n";
    story(async |world| {
        let settings = world.path("home/.config/vestibule/settings.toml");
        fs::create_dir_all(settings.parent().context("a folder")?)?;
        fs::write(&settings, OLD)?;
        let House { .. } = house::signed_in(world, &[]).await?;

        let written = fs::read_to_string(&settings)?;
        ensure!(written.contains("version = "), "{written}");
        for kept in ["# mine", "# the first", "d-9876543210", vestibule::SESSION] {
            ensure!(written.contains(kept), "{kept} is not in:\n{written}");
        }
        Ok(())
    });
}

#[test]
fn settings_of_a_later_release_are_told_and_never_written() {
    const LATER: &str = "version = 99\n\n[sessions.by-tomorrows-rules]\n";
    story(async |world| {
        let settings = world.path("home/.config/vestibule/settings.toml");
        fs::create_dir_all(settings.parent().context("a folder")?)?;
        fs::write(&settings, LATER)?;
        let agent = vestibule::start_agent(world, &mut house::agent(world)?).await?;

        let more = ["portal", "add", "https://d-1234567890.awsapps.com/start"];
        let more = [&more[..], &["--region", "eu-west-1"]].concat();
        let (code, said) = vestibule::fails(world, &more).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["settings.toml", "version 99"])?;
        ensure!(fs::read_to_string(&settings)? == LATER, "it was written");
        eventually("it is told", async || {
            Ok(agent.output()?.contains("version 99").then_some(()))
        })
        .await
    });
}
