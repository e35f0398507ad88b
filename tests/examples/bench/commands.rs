//! One command with cached credentials: ours, AWS's, and a program that does nothing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use e2e::browser::{Browser, Consent};
use e2e::{Portal, World, aws, vestibule};

use crate::stats::{Contender, print};

/// Runs of each command.
pub(crate) const RUNS: usize = 200;

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
        Contender::new(
            "an empty Rust program",
            Command::new(programs.join("empty")),
        ),
        Contender::new(
            "vestibule credentials",
            vestibule::command(world, &credentials)?,
        ),
        Contender::new("aws configure export-credentials", export),
    ];
    for _ in 0..RUNS {
        for contender in &mut contenders {
            contender.run()?;
        }
    }
    print(&mut contenders);
    Ok(())
}
