//! The command line, as a person or a script types it.

use std::os::unix::net::UnixStream;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::eventually;
use crate::portal::Portal;
use crate::process::{Process, failure_of, text_of};
use crate::world::World;

/// Name under which [`add`] adds a portal.
pub const SESSION: &str = "example";

/// `vestibule` with these arguments.
pub fn command(world: &World, arguments: &[&str]) -> Result<Command> {
    let mut command = world.program("vestibule")?;
    command.args(arguments);
    Ok(command)
}

/// What `vestibule` prints; it must succeed.
pub async fn run(world: &World, arguments: &[&str]) -> Result<String> {
    text_of(command(world, arguments)?).await
}

/// Exit code and words of `vestibule`, which must fail.
pub async fn fails(world: &World, arguments: &[&str]) -> Result<(i32, String)> {
    failure_of(command(world, arguments)?).await
}

/// What `vestibule … --json` prints.
pub async fn json(world: &World, arguments: &[&str]) -> Result<Value> {
    let text = run(world, &[arguments, &["--json"]].concat()).await?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}

/// Adds the portal as the session [`SESSION`].
pub async fn add(world: &World, portal: &Portal) -> Result<()> {
    add_start_url(world, portal.facts.start_url.as_str(), &portal.facts.region).await
}

/// Adds any portal as the session [`SESSION`].
pub async fn add_start_url(world: &World, start_url: &str, region: &str) -> Result<()> {
    let arguments = [
        "portal", "add", start_url, "--region", region, "--name", SESSION,
    ];
    run(world, &arguments).await?;
    Ok(())
}

/// Starts the agent by this command, which may put something around it, and waits until it listens.
pub async fn start_agent(world: &World, command: &mut Command) -> Result<Process> {
    let mut agent = world.start("agent", command)?;
    let socket = world.path("run/vestibule/agent.sock");
    eventually("the agent listens", async || {
        agent.still_runs()?;
        Ok(UnixStream::connect(&socket).ok().map(drop))
    })
    .await?;
    Ok(agent)
}

/// The session [`SESSION`] in `vestibule status`.
pub async fn session(world: &World) -> Result<Value> {
    let status = json(world, &["status"]).await?;
    status["sessions"]
        .as_array()
        .and_then(|sessions| sessions.iter().find(|session| session["name"] == SESSION))
        .cloned()
        .with_context(|| format!("no session {SESSION} in {status}"))
}

/// Waits until the session is in this state.
pub async fn session_is(world: &World, state: &str) -> Result<Value> {
    eventually(&format!("the session is {state}"), async || {
        let session = session(world).await?;
        Ok((session["state"] == state).then_some(session))
    })
    .await
}

/// The accounts of the session.
pub async fn accounts(world: &World) -> Result<Vec<Value>> {
    let accounts = json(world, &["accounts"]).await?;
    Ok(accounts["accounts"].as_array().cloned().unwrap_or_default())
}

/// Waits until as many accounts are listed and returns them.
pub async fn accounts_are(world: &World, number: usize) -> Result<Vec<Value>> {
    eventually(&format!("{number} accounts are listed"), async || {
        let accounts = accounts(world).await?;
        Ok((accounts.len() == number).then_some(accounts))
    })
    .await
}

/// Arguments that ask for credentials of a role.
pub fn credentials<'a>(account: &'a str, role: &'a str) -> [&'a str; 5] {
    ["credentials", "--account", account, "--role", role]
}

/// Whether what a command said ends with an error and, below it, a next step.
pub fn ensure_clear(said: &str, words: &[&str]) -> Result<()> {
    let mut lines = said
        .lines()
        .skip_while(|line| !line.starts_with("error: "))
        .filter(|line| !line.is_empty());
    ensure!(
        lines.next().is_some() && lines.next().is_some(),
        "not an error with a next step:\n{said}"
    );
    for word in words {
        ensure!(said.contains(word), "\"{word}\" is not in:\n{said}");
    }
    Ok(())
}
