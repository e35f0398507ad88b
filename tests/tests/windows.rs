//! The windows of the real program, in the WebKit that shows them.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::desktop::{self, Desktop};
use e2e::process::text_of;
use e2e::served;
use e2e::tray::{Entry, Icon};
use e2e::windows::{Windows, key};
use e2e::{Portal, World, eventually, story, vestibule};
use serde_json::json;

/// What a client is told of its endpoint.
type Variables = BTreeMap<String, String>;

#[test]
fn a_portal_is_added_signed_in_to_and_searched_in_the_windows() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        let windows = Windows::start(world, &desktop).await?;
        let icon = desktop.panel.icon().await?;

        add_portal_in_settings(&windows, &icon, &portal).await?;
        sign_in_with_a_code(world, &windows, &icon).await?;
        ensure!(browser.opened().len() == 1, "the browser was opened twice");

        vestibule::accounts_are(world, portal.facts.accounts.len()).await?;
        let chosen = open_the_second_found(&windows).await?;
        ensure!(chosen.len() == 2, "a role and an account: {chosen:?}");
        let console = browser.page(2).await?.text;
        for word in &chosen {
            ensure!(console.contains(word), "no {word} in: {console}");
        }
        Ok(())
    });
}

#[test]
fn an_endpoint_copied_in_the_settings_serves_one_client() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let windows = Windows::start(world, &desktop).await?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::run(world, &["keep", "Sandbox", "ReadOnlyAccess"]).await?;

        settings(&windows, &icon, "Kept roles").await?;
        let button = "Copy endpoint of Sandbox / ReadOnlyAccess";
        windows.press(button).await?;
        windows.reads("Copied for one client").await?;
        has_no_flaws(&windows).await?;
        let first = copied_endpoint(world, None).await?;
        windows.press(button).await?;
        let second = copied_endpoint(world, Some(&first)).await?;

        for variables in [&first, &second] {
            let mut client = aws::identity_command(world, Sdk::Python)?;
            client.envs(variables);
            client.env("AWS_ENDPOINT_URL_STS", portal.origin());
            client.env("AWS_DEFAULT_REGION", &portal.facts.region);
            let arn = text_of(client).await?;
            ensure!(arn.contains("AWSReservedSSO_ReadOnlyAccess_"), "{arn}");
        }
        let token = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
        ensure!(first[token] != second[token], "two clients share a token");
        Ok(())
    });
}

#[test]
fn a_chained_role_added_in_the_settings_is_a_role_like_any_other() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let windows = Windows::start(world, &desktop).await?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::accounts_are(world, portal.facts.accounts.len()).await?;

        settings(&windows, &icon, "Chained roles").await?;
        windows.press("Add chained role…").await?;
        let account = "Web Shop Production (555566667777)";
        windows.choose("Taken from account", account).await?;
        windows
            .choose("Taken from role", "AdministratorAccess")
            .await?;
        windows
            .type_into("textbox", "Role ARN", "Investigation")
            .await?;
        windows.type_into("textbox", "Name", "investigate").await?;
        windows.press("Add chained role").await?;
        windows.reads("is not the ARN of a role").await?;
        has_no_flaws(&windows).await?;
        let whole = [key::HOME, "arn:aws:iam::333344445555:role/"].concat();
        windows.type_into("textbox", "Role ARN", &whole).await?;
        windows.press("Add chained role").await?;
        let card = "Security Audit / investigate";
        windows.hears("heading", card).await?;
        has_no_flaws(&windows).await?;

        let path = ["Accounts", "Security Audit", "investigate"];
        icon.menu_where("the chained role is in the menu", |menu| {
            menu.find(&path).is_some()
        })
        .await?;
        let wanted = vestibule::credentials("Security Audit", "investigate");
        let given = vestibule::run(world, &wanted).await?;
        ensure!(given.contains("ASIA"), "{given}");

        windows.press(&format!("Remove… {card}")).await?;
        windows.press("Remove").await?;
        eventually("the chained role is removed", async || {
            let chains = vestibule::json(world, &["chain", "list"]).await?;
            Ok((chains == json!([])).then_some(()))
        })
        .await
    });
}

#[test]
fn portals_are_imported_and_profiles_written_in_the_settings() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let mine = format!(
            "[sso-session {}]\nsso_start_url = {}\nsso_region = {}\n\
             [profile mine]\naws_secret_access_key = NEVER-IN-A-WINDOW",
            vestibule::SESSION,
            portal.facts.start_url,
            portal.facts.region,
        );
        let config = world.path("home/.aws/config");
        fs::create_dir_all(world.path("home/.aws"))?;
        fs::write(&config, &mine)?;
        let windows = Windows::start(world, &desktop).await?;
        let icon = desktop.panel.icon().await?;

        settings(&windows, &icon, "Portals").await?;
        windows.press("Import").await?;
        windows.hears("heading", vestibule::SESSION).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::accounts_are(world, portal.facts.accounts.len()).await?;

        windows.turn_to_part("Profiles").await?;
        let only = "Only profiles named (optional)";
        windows.type_into("textbox", only, "sandbox-*").await?;
        windows.press("Preview").await?;
        let preview = windows.reads("+[profile sandbox-readonlyaccess]").await?;
        ensure!(!preview.contains("NEVER-IN-A-WINDOW"), "{preview}");
        has_no_flaws(&windows).await?;
        ensure!(fs::read_to_string(&config)? == mine, "a preview wrote");

        windows.press("Write").await?;
        windows.reads("The file as it was: ").await?;
        let written = fs::read_to_string(&config)?;
        ensure!(written.starts_with(&mine), "{written}");
        let mut client = aws::identity_command(world, Sdk::Python)?;
        client.env("AWS_PROFILE", "sandbox-readonlyaccess");
        client.env("AWS_ENDPOINT_URL_STS", portal.origin());
        let arn = text_of(client).await?;
        ensure!(arn.contains("AWSReservedSSO_ReadOnlyAccess_"), "{arn}");

        windows.press("Remove…").await?;
        windows.press("Remove").await?;
        windows.reads("Removed ").await?;
        ensure!(fs::read_to_string(&config)? == mine, "not as it was");
        Ok(())
    });
}

/// Waits for the variables of an endpoint other than `known` in the clipboard, which is filled a
/// moment after the window has said so.
async fn copied_endpoint(world: &World, known: Option<&Variables>) -> Result<Variables> {
    eventually("a client is given an endpoint", async || {
        let copied = desktop::clipboard(world, &[]).await;
        let variables = copied.ok().map(|text| served::exports(&text));
        Ok(variables.filter(|variables| Some(variables) != known))
    })
    .await
}

/// Opens the settings at one of their parts.
async fn settings(windows: &Windows, icon: &Icon, part: &str) -> Result<()> {
    icon.click(&["Settings…"]).await?;
    windows.turn_to("Settings – Vestibule").await?;
    windows.turn_to_part(part).await
}

async fn add_portal_in_settings(windows: &Windows, icon: &Icon, portal: &Portal) -> Result<()> {
    settings(windows, icon, "Portals").await?;
    let start_url = portal.facts.start_url.as_str();
    windows.type_into("textbox", "Start URL", start_url).await?;
    windows.press("Add portal").await?;
    windows.reads("Enter the region of the portal").await?;
    let region = &portal.facts.region;
    windows.type_into("textbox", "Region", region).await?;
    let name = vestibule::SESSION;
    windows
        .type_into("textbox", "Name (optional)", name)
        .await?;
    windows.press("Add portal").await?;
    windows.hears("heading", name).await?;
    windows
        .hears("button", &format!("Sign in to {name}"))
        .await?;
    has_no_flaws(windows).await
}

/// The code is confirmed in the browser that the window opens.
async fn sign_in_with_a_code(world: &World, windows: &Windows, icon: &Icon) -> Result<()> {
    // Without a browser, which the window is to open.
    let mut login = vestibule::command(world, &["login", "--device", "--print-url"])?;
    let mut login = world.start("login", &mut login)?;
    let menu = icon
        .menu_where("the menu has the code", |menu| code(menu).is_some())
        .await?;
    let code = code(&menu).context("a code")?;
    icon.click(&[&format!("Confirm the code {code}…")]).await?;
    windows.turn_to("Sign in – Vestibule").await?;
    windows.reads(code).await?;
    has_no_flaws(windows).await?;
    windows.press("Open in the browser").await?;
    windows.reads("You are signed in").await?;
    ensure!(login.ended().await?.success(), "the login failed");
    windows.press_to_close("Close").await
}

fn code(menu: &Entry) -> Option<&str> {
    menu.entries.iter().find_map(|entry| {
        let rest = entry.label.strip_prefix("Confirm the code ")?;
        rest.strip_suffix('…')
    })
}

/// Types, goes one row down and presses Enter. Returns role and account of that row.
async fn open_the_second_found(windows: &Windows) -> Result<Vec<String>> {
    windows.turn_to("Search – Vestibule").await?;
    let field = "Search accounts and roles";
    windows.type_into("combobox", field, "admin").await?;
    windows.reads("AdministratorAccess").await?;
    has_no_flaws(windows).await?;
    let selected = "[aria-selected=true] .role, [aria-selected=true] .number";
    let first = windows.texts(selected).await?;
    windows.type_into("combobox", field, key::DOWN).await?;
    let second = eventually("the next row is selected", async || {
        let row = windows.texts(selected).await?;
        Ok((row != first).then_some(row))
    })
    .await?;
    windows.type_into("combobox", field, key::ENTER).await?;
    Ok(second)
}

async fn has_no_flaws(windows: &Windows) -> Result<()> {
    let flaws = windows.flaws().await?;
    ensure!(flaws.is_empty(), "axe-core found:\n{}", flaws.join("\n"));
    Ok(())
}
