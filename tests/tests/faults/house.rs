//! What nearly every fault befalls: a portal, an agent, and a person who has signed in.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use e2e::browser::Browser;
use e2e::clock::WrongClock;
use e2e::process::Process;
use e2e::proxy::Proxy;
use e2e::world::built;
use e2e::{Portal, World, vestibule};
use serde_json::Value;

/// An account and roles that the example's first user has there.
pub(crate) const ACCOUNT: &str = "Sandbox";
pub(crate) const ROLE: &str = "ReadOnlyAccess";
pub(crate) const OTHER_ROLE: &str = "AdministratorAccess";

/// A portal that asks for no code, so that a person signs in within milliseconds.
pub(crate) const NO_CODE: [&str; 2] = ["--mfa", "never"];

/// A portal, the agent beside it, and the tabs that were opened.
pub(crate) struct House {
    pub(crate) portal: Portal,
    pub(crate) agent: Process,
    pub(crate) browser: Browser,
}

/// Starts portal and agent, signs in, and waits for the accounts.
pub(crate) async fn signed_in(world: &mut World, portal_arguments: &[&str]) -> Result<House> {
    let portal = Portal::start(world, &[&NO_CODE, portal_arguments].concat()).await?;
    sign_in(world, portal, agent).await
}

/// As [`signed_in`], with a server between agent and portal, for all services.
pub(crate) async fn signed_in_through_a_proxy(
    world: &mut World,
    portal_arguments: &[&str],
) -> Result<(House, Proxy)> {
    let portal = Portal::start(world, &[&NO_CODE, portal_arguments].concat()).await?;
    let proxy = Proxy::start(&portal.origin()).await?;
    let house = sign_in_at(world, portal, &proxy.origin, agent).await?;
    Ok((house, proxy))
}

/// The accounts known before the fault are still listed, and the session goes on.
pub(crate) async fn nothing_is_lost(world: &World, known: &[Value]) -> Result<()> {
    ensure!(
        vestibule::accounts(world).await? == known,
        "accounts were lost"
    );
    ensure!(
        vestibule::session(world).await?["state"] == "signed_in",
        "signed out"
    );
    Ok(())
}

/// Starts the agent by this command and signs in.
pub(crate) async fn sign_in(
    world: &mut World,
    portal: Portal,
    agent: impl FnOnce(&World) -> Result<Command>,
) -> Result<House> {
    let origin = portal.origin();
    sign_in_at(world, portal, &origin, agent).await
}

/// Starts the agent by this command and signs in to a portal whose services are said to be at
/// `origin`.
pub(crate) async fn sign_in_at(
    world: &mut World,
    portal: Portal,
    origin: &str,
    agent: impl FnOnce(&World) -> Result<Command>,
) -> Result<House> {
    let browser = Browser::install_forms(world, portal.user()?)?;
    let agent = vestibule::start_agent(world, &mut agent(world)?).await?;
    let house = House {
        portal,
        agent,
        browser,
    };
    house.enter(world, origin).await?;
    Ok(house)
}

impl House {
    /// Adds the portal, whose services are said to be at `origin`, and signs in.
    pub(crate) async fn enter(&self, world: &mut World, origin: &str) -> Result<()> {
        for service in ["SSO", "SSO_OIDC"] {
            world.set(&format!("AWS_ENDPOINT_URL_{service}"), origin);
        }
        vestibule::add(world, &self.portal).await?;
        for service in ["SSO", "SSO_OIDC"] {
            world.unset(&format!("AWS_ENDPOINT_URL_{service}"));
        }
        vestibule::run(world, &["login", vestibule::SESSION]).await?;
        vestibule::accounts_are(world, self.portal.facts.accounts.len()).await?;
        Ok(())
    }
}

/// The command that starts an agent.
pub(crate) fn agent(world: &World) -> Result<Command> {
    vestibule::command(world, &["agent"])
}

/// The command that starts an agent with a clock that may be wrong.
pub(crate) fn agent_by(clock: &WrongClock) -> impl FnOnce(&World) -> Result<Command> {
    |world| {
        let mut command = agent(world)?;
        clock.install(&mut command);
        Ok(command)
    }
}

/// The agent inside `wrapping`, such as `unshare --mount sh -c SCRIPT sh`.
pub(crate) fn agent_within(world: &World, wrapping: &[&str]) -> Result<Command> {
    let (program, arguments) = wrapping.split_first().context("a program")?;
    let mut command = world.command(program);
    command
        .args(arguments)
        .arg(built("vestibule")?)
        .arg("agent");
    Ok(command)
}

/// Credentials of [`ROLE`], as `credential_process` gives them to a tool.
pub(crate) async fn credentials(world: &World) -> Result<Value> {
    let text = vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}

/// Asks for a role that no earlier call has asked for.
pub(crate) async fn fails_for_a_role(world: &World) -> Result<(i32, String)> {
    vestibule::fails(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE)).await
}

/// The ARN that the portal's STS sees behind the credentials; they must be good now.
pub(crate) async fn proven(portal: &Portal, credentials: &Value) -> Result<String> {
    let text = |key: &str| {
        credentials[key]
            .as_str()
            .with_context(|| format!("no {key}"))
    };
    let keys = Credentials::new(
        text("AccessKeyId")?,
        text("SecretAccessKey")?,
        Some(text("SessionToken")?.to_owned()),
        None,
        "vestibule",
    );
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(portal.facts.region.clone()))
        .endpoint_url(portal.origin())
        .credentials_provider(keys)
        .build();
    let identity = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await
        .context("the portal does not take the credentials")?;
    Ok(identity.arn().context("an ARN")?.to_owned())
}

/// Good credentials of [`ROLE`], seen by the portal.
pub(crate) async fn works(world: &World, house: &House) -> Result<()> {
    is_the_role(&proven(&house.portal, &credentials(world).await?).await?)
}

/// Whether an ARN is that of a session of [`ROLE`].
pub(crate) fn is_the_role(arn: &str) -> Result<()> {
    ensure!(arn.contains(&format!("AWSReservedSSO_{ROLE}_")), "{arn}");
    Ok(())
}
