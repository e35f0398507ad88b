//! AWS's own clients against the portal: the evidence that it speaks AWS's protocol.

use anyhow::{Context, Result, ensure};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::process::{failure_of, text_of};
use e2e::{Portal, World, story};

/// Access tokens so short that every client finds its own due for renewal.
const SHORT_TOKENS: &[&str] = &["--access-token-seconds", "60"];

#[test]
fn the_aws_cli_signs_in_proves_its_role_and_signs_out() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let (browser, role) = sign_in(world, &portal).await?;
        ensure!(
            browser.opened().len() == 1,
            "one tab: {:?}",
            browser.opened()
        );

        let identity = aws::answer(
            world,
            &["sts", "get-caller-identity", "--profile", aws::PROFILE],
        )
        .await?;
        let arn = identity["Arn"].as_str().context("an ARN")?;
        assert_is_role(arn, &role, &portal)?;

        let token = access_token(world)?;
        text_of(aws::cli(world, &["sso", "logout"])).await?;
        let (_, said) = failure_of(list_accounts(world, &token)).await?;
        ensure!(said.contains("UnauthorizedException"), "{said}");
        Ok(())
    });
}

#[test]
fn every_sdk_renews_the_session_and_proves_its_role() {
    story(async |world| {
        let portal = Portal::start(world, SHORT_TOKENS).await?;
        let (_, role) = sign_in(world, &portal).await?;
        for sdk in [Sdk::Python, Sdk::JavaScript, Sdk::Rust] {
            let before = access_token(world)?;
            let arn = aws::identity(world, sdk, aws::PROFILE)
                .await
                .with_context(|| format!("{sdk:?}"))?;
            assert_is_role(&arn, &role, &portal)?;
            ensure!(
                access_token(world)? != before,
                "{sdk:?} did not renew its token"
            );
        }
        Ok(())
    });
}

#[test]
fn a_role_not_assigned_is_forbidden_and_a_made_up_token_unauthorized() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let (_, role) = sign_in(world, &portal).await?;
        let token = access_token(world)?;
        let (_, said) = failure_of(aws::cli(
            world,
            &[
                "sso",
                "get-role-credentials",
                "--account-id",
                &role.account,
                "--role-name",
                "NobodyHasThis",
                "--access-token",
                &token,
                "--profile",
                aws::PROFILE,
            ],
        ))
        .await?;
        ensure!(
            said.contains("ForbiddenException") && said.contains("No access"),
            "{said}"
        );

        let (_, said) = failure_of(list_accounts(world, "made-up")).await?;
        ensure!(said.contains("UnauthorizedException"), "{said}");
        Ok(())
    });
}

#[test]
fn a_denied_device_code_gives_the_cli_nothing() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let role = some_role(&portal)?;
        aws::configure(world, &portal, &role.account, &role.name)?;
        let browser = Browser::install(world, portal.user()?, Consent::Deny)?;
        let (_, said) = failure_of(login(world)).await?;
        ensure!(said.contains("AccessDeniedException"), "{said}");
        ensure!(browser.opened().len() == 1, "one tab");
        ensure!(aws::cached_token(world).is_err(), "a token was cached");
        Ok(())
    });
}

struct Role {
    account: String,
    name: String,
}

/// Signs in as the example's first user by the AWS CLI's device flow, with a person at Chromium.
async fn sign_in(world: &mut World, portal: &Portal) -> Result<(Browser, Role)> {
    let role = some_role(portal)?;
    aws::configure(world, portal, &role.account, &role.name)?;
    let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
    text_of(login(world)).await?;
    Ok((browser, role))
}

fn login(world: &World) -> std::process::Command {
    aws::cli(world, &["sso", "login", "--profile", aws::PROFILE])
}

fn list_accounts(world: &World, token: &str) -> std::process::Command {
    aws::cli(
        world,
        &[
            "sso",
            "list-accounts",
            "--access-token",
            token,
            "--profile",
            aws::PROFILE,
        ],
    )
}

/// A role that the example's first user has: an administrator everywhere.
fn some_role(portal: &Portal) -> Result<Role> {
    let account = portal.facts.accounts.first().context("accounts")?;
    Ok(Role {
        account: account.id.clone(),
        name: "AdministratorAccess".to_owned(),
    })
}

fn access_token(world: &World) -> Result<String> {
    let token = aws::cached_token(world)?;
    Ok(token["accessToken"]
        .as_str()
        .context("a token is text")?
        .to_owned())
}

fn assert_is_role(arn: &str, role: &Role, portal: &Portal) -> Result<()> {
    let start = format!(
        "arn:aws:sts::{}:assumed-role/AWSReservedSSO_{}_",
        role.account, role.name
    );
    let end = format!("/{}", portal.user()?.user_name);
    ensure!(arn.starts_with(&start) && arn.ends_with(&end), "{arn}");
    Ok(())
}
