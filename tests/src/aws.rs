//! AWS's own clients, pointed at a portal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::portal::Portal;
use crate::process::text_of;
use crate::world::World;

/// Debian's AWS CLI 2; another `aws` may come first on the path.
const CLI: &str = "/usr/bin/aws";

/// Name of the profile and of its sso-session that [`configure`] writes.
pub const PROFILE: &str = "example";

/// One of AWS's clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    /// Debian's AWS CLI 2.
    Cli,
    /// boto3.
    Python,
    /// AWS SDK for JavaScript v3.
    JavaScript,
    /// aws-config.
    Rust,
}

/// Folder of the pinned clients from PyPI and npm.
pub fn tools() -> Result<PathBuf> {
    let tools = std::env::var_os("VESTIBULE_TOOLS")
        .context("VESTIBULE_TOOLS is not set; run `cargo xtask test e2e`")?;
    Ok(PathBuf::from(tools))
}

/// A script of `tests/clients`.
pub fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients")
        .join(name)
}

/// Points every AWS client at the portal and writes an sso profile for one account and role.
pub fn configure(world: &mut World, portal: &Portal, account: &str, role: &str) -> Result<()> {
    point_at(world, &portal.origin())?;
    let folder = world.path("home/.aws");
    fs::create_dir_all(&folder)?;
    let config = format!(
        "[sso-session {PROFILE}]\n\
         sso_start_url = {start_url}\n\
         sso_region = {region}\n\
         sso_registration_scopes = sso:account:access\n\
         \n\
         [profile {PROFILE}]\n\
         sso_session = {PROFILE}\n\
         sso_account_id = {account}\n\
         sso_role_name = {role}\n\
         region = {region}\n",
        start_url = portal.facts.start_url,
        region = portal.facts.region,
    );
    Ok(fs::write(folder.join("config"), config)?)
}

/// Sends every AWS client's calls to `origin`.
pub fn point_at(world: &mut World, origin: &str) -> Result<()> {
    for service in ["SSO", "SSO_OIDC", "STS"] {
        world.set(&format!("AWS_ENDPOINT_URL_{service}"), origin);
    }
    // Debian's CLI does not know these variables and takes rule sets instead.
    let models = models(world, origin)?;
    world.set("AWS_DATA_PATH", models);
    Ok(())
}

/// Writes what `AWS_DATA_PATH` must name for Debian's CLI to send its calls to `origin`.
pub fn models(world: &World, origin: &str) -> Result<PathBuf> {
    let models = world.path("aws-models");
    for service in ["sso/2019-06-10", "sso-oidc/2019-06-10", "sts/2011-06-15"] {
        let folder = models.join(service);
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("endpoint-rule-set-1.json"),
            rule_set(origin).to_string(),
        )?;
    }
    Ok(models)
}

/// An endpoint rule set with one endpoint, whatever the region.
fn rule_set(origin: &str) -> Value {
    let flag = |built_in: &str| {
        json!({"builtIn": built_in, "required": true, "default": false,
               "documentation": "", "type": "Boolean"})
    };
    let text = |built_in: &str| json!({"builtIn": built_in, "required": false, "documentation": "", "type": "String"});
    json!({
        "version": "1.0",
        "parameters": {
            "Region": text("AWS::Region"),
            "UseDualStack": flag("AWS::UseDualStack"),
            "UseFIPS": flag("AWS::UseFIPS"),
            "UseGlobalEndpoint": flag("AWS::STS::UseGlobalEndpoint"),
            "Endpoint": text("SDK::Endpoint"),
        },
        "rules": [{
            "conditions": [],
            "endpoint": {"url": origin, "properties": {}, "headers": {}},
            "type": "endpoint",
        }],
    })
}

/// Debian's AWS CLI in this world.
pub fn cli(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(CLI);
    command.args(arguments);
    command
}

/// Debian's AWS CLI's answer as JSON.
pub async fn answer(world: &World, arguments: &[&str]) -> Result<Value> {
    let text = text_of(cli(world, &[arguments, &["--output", "json"]].concat())).await?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}

/// The ARN that the portal's STS sees when `sdk` uses `profile`.
pub async fn identity(world: &World, sdk: Sdk, profile: &str) -> Result<String> {
    let mut command = identity_command(world, sdk)?;
    command.env("AWS_PROFILE", profile);
    text_of(command).await
}

/// A command by which `sdk` prints the ARN that STS sees, with the credentials that it finds. With a
/// number as its argument, all but the CLI do so every second for as many seconds, with one client;
/// with `anew` after it with a new one each time. It ends with the first call that fails.
pub fn identity_command(world: &World, sdk: Sdk) -> Result<Command> {
    Ok(match sdk {
        Sdk::Cli => cli(
            world,
            &[
                "sts",
                "get-caller-identity",
                "--query",
                "Arn",
                "--output",
                "text",
            ],
        ),
        Sdk::Python => python(world, "identity.py")?,
        Sdk::JavaScript => {
            let mut node = world.command("node");
            node.env("NODE_PATH", tools()?.join("node_modules"))
                .arg(client("identity.cjs"));
            node
        }
        Sdk::Rust => world.program("examples/identity")?,
    })
}

/// Gives every AWS client of the world a new administrator's key, and returns the key's id.
pub async fn administer(world: &mut World, portal: &Portal) -> Result<String> {
    let profile = portal.run(world, &["admin-key", "create"]).await?;
    let value = |name: &str| {
        let mut lines = profile.lines();
        let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        found
            .map(str::to_owned)
            .with_context(|| format!("{name} in {profile}"))
    };
    let id = value("aws_access_key_id")?;
    world.set("AWS_ACCESS_KEY_ID", &id);
    world.set("AWS_SECRET_ACCESS_KEY", value("aws_secret_access_key")?);
    world.set("AWS_DEFAULT_REGION", value("region")?);
    Ok(id)
}

/// A script of `tests/clients` for the Python that has boto3.
pub fn python(world: &World, script: &str) -> Result<Command> {
    let mut python = world.command(tools()?.join("python/bin/python"));
    // The scripts share modules, which would be compiled into the source tree.
    python
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(client(script));
    Ok(python)
}

/// The token in botocore's cache: the JSON of the one file there is with an access token.
pub fn cached_token(world: &World) -> Result<Value> {
    let folder = world.path("home/.aws/sso/cache");
    for entry in fs::read_dir(&folder).context("there is no token cache")? {
        let cached: Value = serde_json::from_slice(&fs::read(entry?.path())?)?;
        if cached.get("accessToken").is_some() {
            return Ok(cached);
        }
    }
    anyhow::bail!("no access token in {}", folder.display())
}
