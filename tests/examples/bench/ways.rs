//! What each way of delivery costs the client that uses it, beside the AWS CLI's own sign-in.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::served::Served;
use e2e::{Portal, World, aws, vestibule};
use tokio::task::JoinSet;

use crate::stats::{Contender, median, milliseconds, print};

/// Runs of the AWS CLI by each way.
const RUNS: usize = 30;

/// Callers at once.
const CALLERS: usize = 100;

/// Rounds of the hundred, and of one alone before each.
const ROUNDS: usize = 11;

const ACCOUNT: &str = "Web Shop Production";
const ROLE: &str = "AdministratorAccess";
const EXPORT: [&str; 2] = ["configure", "export-credentials"];

/// Measures and prints.
pub(crate) async fn measure(world: &mut World) -> Result<()> {
    let portal = Portal::start(world, &[]).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    let account = portal.facts.accounts.iter().find(|one| one.name == ACCOUNT);
    let id = account.context("the example has that account")?.id.clone();
    // AWS's own first: a profile and a sign-in that nobody else touches.
    aws::configure(world, &portal, &id, ROLE)?;
    let sign_in = ["sso", "login", "--profile", aws::PROFILE];
    e2e::process::text_of(aws::cli(world, &sign_in)).await?;

    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    let share = ["portal", "set", vestibule::SESSION, "--share-sign-in", "on"];
    vestibule::run(world, &share).await?;
    let mut contenders = vec![profile(world, "the AWS CLI's own sign-in", aws::PROFILE)];
    for (name, way) in [
        ("credential_process", "process"),
        ("sso_session", "sso-session"),
        ("static keys", "static-keys"),
    ] {
        let kept = vestibule::run(world, &["keep", ACCOUNT, ROLE, "--as", way]).await?;
        contenders.push(profile(world, name, &kept));
    }
    let served = Served::start(world, &["--role", &format!("{ACCOUNT}/{ROLE}")]).await?;
    let mut endpoint = aws::cli(world, &EXPORT);
    endpoint.envs(&served.variables);
    contenders.push(Contender::new("container endpoint", endpoint));
    contenders.push(Contender::new("exec", exec(world, &[])?));
    contenders.push(Contender::new(
        "exec --refreshable",
        exec(world, &["--refreshable"])?,
    ));
    for _ in 0..RUNS {
        for contender in &mut contenders {
            contender.run()?;
        }
    }
    print(&mut contenders);
    many_at_once(world, &id).await
}

fn profile(world: &World, name: &'static str, profile: &str) -> Contender {
    let mut command = aws::cli(world, &EXPORT);
    command.args(["--profile", profile]);
    Contender::new(name, command)
}

fn exec(world: &World, options: &[&str]) -> Result<Command> {
    let mut command = vestibule::command(world, &["exec", ACCOUNT, ROLE])?;
    command.args(options).arg("--");
    let inner = aws::cli(world, &EXPORT);
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    Ok(command)
}

/// A hundred processes that ask for the same role, beside one.
async fn many_at_once(world: &World, account: &str) -> Result<()> {
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(at_once(world, account, 1).await?);
        together.push(at_once(world, account, CALLERS).await?);
    }
    let (alone, together) = (median(&mut alone), median(&mut together));
    println!("{}  one credential_process call", milliseconds(alone));
    println!(
        "{}  {CALLERS} at once, until the last has its answer: {:.2} x one after another",
        milliseconds(together),
        together.as_secs_f64() / alone.as_secs_f64() / CALLERS as f64
    );
    Ok(())
}

async fn at_once(world: &World, account: &str, callers: usize) -> Result<Duration> {
    let mut commands = Vec::new();
    for _ in 0..callers {
        let mut command = vestibule::command(world, &vestibule::credentials(account, ROLE))?;
        command.stdin(Stdio::null()).stdout(Stdio::null());
        commands.push(tokio::process::Command::from(command));
    }
    let start = Instant::now();
    let mut running = JoinSet::new();
    for mut command in commands {
        running.spawn(async move { command.status().await });
    }
    while let Some(ended) = running.join_next().await {
        let status = ended??;
        ensure!(status.success(), "a caller ended with {status}");
    }
    Ok(start.elapsed())
}
