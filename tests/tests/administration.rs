//! AWS's administrative APIs, driven by boto3 and the AWS CLI. Every operation that the portal
//! offers is proved, and its README says which these are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::process::{failure_of, text_of};
use e2e::{Portal, World, aws, story};
use portal::admin::Service;
use serde_json::{Value, json};

/// People sign in with a password alone, as fast as they can.
const ARGUMENTS: &[&str] = &["--mfa", "never", "--rate-limit", "off"];

#[test]
fn every_operation_of_identitystore_does_what_it_answers() {
    story(async |world| prove(world, Service::IdentityStore, "identitystore.py").await);
}

#[test]
fn every_operation_of_organizations_does_what_it_answers() {
    story(async |world| prove(world, Service::Organizations, "organizations.py").await);
}

#[test]
fn every_operation_of_sso_admin_does_what_it_answers() {
    story(async |world| prove(world, Service::SsoAdmin, "ssoadmin.py").await);
}

#[test]
fn no_text_in_any_request_breaks_an_operation() {
    story(async |world| {
        let portal = Portal::start(world, ARGUMENTS).await?;
        aws::administer(world, &portal).await?;
        let mut python = aws::python(world, "administration/hostile.py")?;
        python.arg(world.path("facts.json"));
        let tried = lines(&text_of(python).await?);
        for service in Service::ALL {
            for operation in service.operations() {
                let name = format!("{} {operation}", service.name());
                ensure!(tried.contains(&name), "{name} was not tried");
            }
        }
        Ok(())
    });
}

#[test]
fn the_aws_cli_administers_the_portal() {
    story(async |world| {
        let portal = Portal::start(world, ARGUMENTS).await?;
        let key = aws::administer(world, &portal).await?;
        let instances = cli(world, &portal, &["sso-admin", "list-instances"]).await?;
        let instance = &instances["Instances"][0];
        let store = instance["IdentityStoreId"].as_str().context("a store")?;
        let create = |name| {
            let group = [
                "create-group",
                "--identity-store-id",
                store,
                "--display-name",
                name,
            ];
            ["identitystore"]
                .into_iter()
                .chain(group)
                .collect::<Vec<_>>()
        };
        let made = cli(world, &portal, &create("Operators")).await?;
        let (_, said) = failure_of(command(world, &portal, &create("operators"))).await?;
        ensure!(said.contains("(ConflictException)"), "{said}");
        let list = ["identitystore", "list-groups", "--identity-store-id", store];
        let groups = cli(world, &portal, &list).await?;
        let groups = groups["Groups"].as_array().context("groups")?;
        ensure!(
            groups
                .iter()
                .any(|group| group["GroupId"] == made["GroupId"]),
            "{groups:?}"
        );

        // To STS the key is the root user of the account that owns the portal.
        let mut accounts = portal.facts.accounts.iter();
        let owner = accounts.find(|account| account.name == "Management");
        let owner = &owner.context("a management account")?.id;
        let caller = ["sts", "get-caller-identity"];
        let identity = cli(world, &portal, &caller).await?;
        let expected = json!({
            "Account": owner, "UserId": owner, "Arn": format!("arn:aws:iam::{owner}:root"),
        });
        assert_eq!(identity, expected);

        portal.run(world, &["admin-key", "revoke", &key]).await?;
        let (_, said) = failure_of(command(world, &portal, &caller)).await?;
        ensure!(said.contains("(InvalidClientTokenId)"), "{said}");
        let (_, said) = failure_of(command(world, &portal, &list)).await?;
        ensure!(said.contains("(UnrecognizedClientException)"), "{said}");
        Ok(())
    });
}

#[test]
fn the_readme_names_what_is_offered_and_what_is_not() {
    story(async |world| {
        let readme =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/portal/README.md");
        let readme = fs::read_to_string(readme)?;
        for service in Service::ALL {
            let mut python = aws::python(world, "administration/operations.py")?;
            python.arg(service.name());
            let all = lines(&text_of(python).await?);
            let offered = set(service.operations().iter().copied());
            let heading = format!(
                "### `{}`: {} of {} operations\n",
                service.name(),
                offered.len(),
                all.len()
            );
            let (_, section) = readme
                .split_once(&heading)
                .with_context(|| heading.clone())?;
            let section = section.split("\n### ").next().unwrap_or_default();
            let (named, rest) = section.split_once("| not offered |").context("a table")?;
            assert_eq!(quoted(named), offered, "{}", service.name());
            let missing: BTreeSet<String> = all.difference(&offered).cloned().collect();
            assert_eq!(quoted(rest), missing, "{}", service.name());
        }
        Ok(())
    });
}

/// Runs a proof against a portal of its own: it must prove every operation of `service`.
async fn prove(world: &mut World, service: Service, script: &str) -> Result<()> {
    let portal = Portal::start(world, ARGUMENTS).await?;
    aws::administer(world, &portal).await?;
    let mut python = aws::python(world, &format!("administration/{script}"))?;
    python.arg(world.path("facts.json"));
    let proved = lines(&text_of(python).await?);
    let offered = service.operations().iter();
    let offered = set(offered.map(|operation| format!("{} {operation}", service.name())));
    assert_eq!(proved, offered);
    Ok(())
}

async fn cli(world: &World, portal: &Portal, arguments: &[&str]) -> Result<Value> {
    let answer = text_of(command(world, portal, arguments)).await?;
    serde_json::from_str(&answer).context(answer)
}

fn command(world: &World, portal: &Portal, arguments: &[&str]) -> Command {
    let mut command = aws::cli(
        world,
        &["--endpoint-url", &portal.origin(), "--output", "json"],
    );
    command.args(arguments);
    command
}

fn lines(text: &str) -> BTreeSet<String> {
    set(text.lines())
}

fn set(names: impl Iterator<Item = impl Into<String>>) -> BTreeSet<String> {
    names.map(Into::into).collect()
}

/// Everything in backquotes.
fn quoted(text: &str) -> BTreeSet<String> {
    set(text.split('`').skip(1).step_by(2))
}
