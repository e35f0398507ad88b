//! A thousand accounts with five roles each: how soon they show, what that costs, and how soon
//! they are there again.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use e2e::browser::{Browser, Consent};
use e2e::desktop::{Desktop, start_tray};
use e2e::process::Process;
use e2e::{Portal, World, vestibule};

use crate::stats::{median, milliseconds};

/// Accounts of the organization.
const ACCOUNTS: usize = 1000;

/// Roles in each.
const ROLES: usize = 5;

/// Calls of a listing: ten pages of accounts, and one of roles for each account.
const CALLS: usize = ACCOUNTS / 100 + ACCOUNTS;

/// Requests a second that the portal allows.
const RATE: f64 = 20.0;

/// Runs of `vestibule accounts`.
const RUNS: usize = 50;

/// Restarts of the tray.
const RESTARTS: usize = 10;

/// The kernel's unit of processor time on every Linux that runs on x86 or ARM.
const TICKS_A_SECOND: f64 = 100.0;

/// Measures and prints.
pub(crate) async fn measure(world: &mut World) -> Result<()> {
    let desktop = Desktop::start(world).await?;
    let (accounts, roles) = (ACCOUNTS.to_string(), ROLES.to_string());
    let size = ["--accounts", &accounts, "--roles", &roles];
    let portal = Portal::start(world, &size).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    let mut tray = start_tray(world, "ksni")?;
    let icon = desktop.panel.icon().await?;
    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;

    let (start, before) = (Instant::now(), processor_time(&tray)?);
    icon.menu_where("the first accounts show", |menu| {
        menu.find(&["Accounts"]).is_some()
    })
    .await?;
    println!("{}  to the first accounts", milliseconds(start.elapsed()));
    vestibule::accounts_are(world, ACCOUNTS).await?;
    let took = start.elapsed().as_secs_f64();
    let least = CALLS as f64 / RATE;
    let share = (processor_time(&tray)? - before) / took * 100.0;
    println!(
        "{took:8.1} s   for all {ACCOUNTS} accounts, {:.2} x calls / {RATE}",
        took / least
    );
    println!("{share:8.1} %   of one core meanwhile, tray and agent");

    let mut samples = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        vestibule::run(world, &["accounts"]).await?;
        samples.push(start.elapsed());
    }
    let roles = ACCOUNTS * ROLES;
    println!(
        "{}  vestibule accounts, {roles} roles",
        milliseconds(median(&mut samples))
    );

    let (mut from_start, mut from_icon) = (Vec::new(), Vec::new());
    for _ in 0..RESTARTS {
        tray.kill()?;
        desktop.panel.forget_icon();
        let start = Instant::now();
        tray = start_tray(world, "ksni")?;
        desktop.panel.icon().await?;
        let icon = Instant::now();
        while vestibule::run(world, &["accounts"]).await?.lines().count() < ACCOUNTS {}
        from_start.push(start.elapsed());
        from_icon.push(icon.elapsed());
    }
    println!(
        "{}  from a restart to all accounts, {} of it after the icon",
        milliseconds(median(&mut from_start)),
        milliseconds(median(&mut from_icon)).trim()
    );
    Ok(())
}

/// Seconds of processor time that the process has used.
fn processor_time(process: &Process) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.id()))?;
    // The name in parentheses may hold anything.
    let (_, fields) = stat.rsplit_once(") ").context("fields of the process")?;
    let field = |place: usize| fields.split(' ').nth(place)?.parse::<f64>().ok();
    let ticks = field(11).zip(field(12)).context("processor time")?;
    Ok((ticks.0 + ticks.1) / TICKS_A_SECOND)
}
