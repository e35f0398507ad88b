//! One command with cached credentials: ours, AWS's, and a program that does nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::{Portal, World, aws, vestibule};

use crate::stats::{median, milliseconds};

/// Runs of each command.
pub(crate) const RUNS: usize = 200;

struct Contender {
    name: &'static str,
    command: Command,
    samples: Vec<Duration>,
}

/// Measures and prints the medians.
pub(crate) async fn measure(world: &mut World, programs: &Path) -> Result<()> {
    let portal = Portal::start(world, &[]).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    let account = portal
        .facts
        .accounts
        .first()
        .context("accounts")?
        .id
        .clone();
    let role = "AdministratorAccess";

    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    let credentials = vestibule::credentials(&account, role);
    vestibule::run(world, &credentials).await?;

    aws::configure(world, &portal, &account, role)?;
    e2e::process::text_of(aws::cli(
        world,
        &["sso", "login", "--profile", aws::PROFILE],
    ))
    .await?;
    let export = aws::cli(
        world,
        &["configure", "export-credentials", "--profile", aws::PROFILE],
    );

    let mut contenders = [
        contender(
            "an empty Rust program",
            Command::new(programs.join("empty")),
        ),
        contender(
            "vestibule credentials",
            vestibule::command(world, &credentials)?,
        ),
        contender("aws configure export-credentials", export),
    ];
    for _ in 0..RUNS {
        for contender in &mut contenders {
            contender.run()?;
        }
    }
    let floor = median(&mut contenders[0].samples);
    for contender in &mut contenders {
        let median = median(&mut contender.samples);
        println!(
            "{}  {:6.1} x  {}",
            milliseconds(median),
            median.as_secs_f64() / floor.as_secs_f64(),
            contender.name
        );
    }
    Ok(())
}

fn contender(name: &'static str, mut command: Command) -> Contender {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    Contender {
        name,
        command,
        samples: Vec::new(),
    }
}

impl Contender {
    fn run(&mut self) -> Result<()> {
        let start = Instant::now();
        let status = self.command.status()?;
        self.samples.push(start.elapsed());
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}
