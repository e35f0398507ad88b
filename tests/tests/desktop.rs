//! The whole story on a desktop: sign in from the tray, open a console, use the AWS CLI.

use std::{fs, io};

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::desktop::{self, Desktop, start_tray};
use e2e::process::text_of;
use e2e::tray::{Entry, Icon, Panel};
use e2e::{Portal, World, aws, eventually, rounds, story, vestibule};

const ACCOUNT: &str = "Web Shop Production";
const ACCOUNT_ID: &str = "555566667777";
const ROLE: &str = "AdministratorAccess";

/// What *Keep refreshed* calls the profile of that account and role.
const PROFILE: &str = "web-shop-production-administratoraccess";

#[test]
fn from_sign_in_to_console_and_aws_cli_with_ksni() {
    story(async |world| from_sign_in_to_console_and_aws_cli(world, "ksni").await);
}

#[test]
fn from_sign_in_to_console_and_aws_cli_with_the_native_tray() {
    story(async |world| from_sign_in_to_console_and_aws_cli(world, "native").await);
}

async fn from_sign_in_to_console_and_aws_cli(world: &mut World, backend: &str) -> Result<()> {
    let desktop = Desktop::start(world).await?;
    let portal = Portal::start(world, &[]).await?;
    let user = portal.user()?.clone();
    let browser = Browser::install(world, &user, Consent::Allow)?;
    let mut tray = start_tray(world, backend)?;
    let icon = desktop.panel.icon().await?;
    icon.menu_where("the menu offers a portal", |menu| {
        menu.find(&["Add portal…"]).is_some()
    })
    .await?;

    vestibule::add(world, &portal).await?;
    sign_in(&icon).await?;
    ensure!(browser.page(1).await?.url.contains("/oauth/callback"));
    let header = format!("{} at {}: signed in", user.user_name, vestibule::SESSION);
    icon.menu_where("the header says who", |menu| {
        menu.any(&|entry| entry.label.starts_with(&header))
    })
    .await?;

    open_console(&icon).await?;
    let console = browser.page(2).await?;
    for word in [ACCOUNT_ID, ROLE, &user.user_name] {
        ensure!(
            console.text.contains(word),
            "no {word} in: {}",
            console.text
        );
    }

    keep_refreshed(world, &icon).await?;
    let caller = aws::answer(
        world,
        &[
            "sts",
            "get-caller-identity",
            "--profile",
            PROFILE,
            "--region",
            &portal.facts.region,
            "--endpoint-url",
            &portal.origin(),
        ],
    )
    .await?;
    let arn = caller["Arn"].as_str().context("an ARN")?;
    let role = format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/AWSReservedSSO_{ROLE}_");
    ensure!(arn.starts_with(&role), "{arn}");

    secrets_are_in_the_keyring_alone(world, &desktop).await?;

    icon.click(&["Quit"]).await?;
    ensure!(tray.ended().await?.success(), "it did not quit cleanly");
    Ok(())
}

/// Sessions that end while a test looks on.
const SHORT: &[&str] = &["--session-seconds", "40", "--access-token-seconds", "20"];

/// Only a kept role makes the end of a session worth an interruption: without one nobody misses
/// anything, and the next caller who does gets a browser tab.
#[test]
fn an_ended_session_with_a_kept_role_asks_once_and_its_button_signs_in() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, SHORT).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        let mut tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        sign_in(&icon).await?;
        keep_refreshed(world, &icon).await?;

        let asked = desktop.notifications.saying("Sign in to").await?;
        icon.menu_where("the accounts stay in the menu", lists_role)
            .await?;
        desktop
            .notifications
            .press(&asked, "Sign in", async || {
                tray.still_runs()?;
                Ok(browser.opened().len() == 2)
            })
            .await?;
        vestibule::session_is(world, "signed_in").await?;
        let times = desktop
            .notifications
            .sent()
            .iter()
            .filter(|sent| sent.summary == asked.summary)
            .count();
        ensure!(times == 1, "it was told {times} times");
        Ok(())
    });
}

#[test]
fn a_sign_in_from_elsewhere_takes_the_notification_away() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let mut portal = Portal::start(world, SHORT).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        sign_in(&icon).await?;
        keep_refreshed(world, &icon).await?;
        let asked = desktop.notifications.saying("Sign in to").await?;
        // From now on sessions are as long as usual.
        portal.program().kill()?;
        let _portal = Portal::start(world, &[]).await?;

        vestibule::run(world, &["login"]).await?;

        eventually("the notification goes", async || {
            let standing = desktop.notifications.standing();
            let stands = standing.iter().any(|one| one.summary == asked.summary);
            Ok((!stands).then_some(()))
        })
        .await
    });
}

#[test]
fn copied_credentials_are_told_of_and_leave_the_clipboard() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        sign_in(&icon).await?;

        icon.click(&["Accounts", ACCOUNT, "Copy credentials", ROLE])
            .await?;

        let told = desktop.notifications.saying("copied").await?;
        ensure!(told.body.contains("60 seconds"), "{}", told.body);
        // Told over one connection and filled over another.
        let copied = eventually("the credentials are in the clipboard", async || {
            Ok(desktop::clipboard(world, &[]).await.ok())
        })
        .await?;
        for variable in ["AWS_ACCESS_KEY_ID=", "AWS_SESSION_TOKEN="] {
            ensure!(copied.contains(variable), "no {variable} was copied");
        }
        let kinds = desktop::clipboard(world, &["-target", "TARGETS"]).await?;
        ensure!(kinds.contains("x-kde-passwordManagerHint"), "{kinds}");
        eventually("the clipboard is empty again", async || {
            Ok(desktop::clipboard(world, &[]).await.is_err().then_some(()))
        })
        .await
    });
}

#[test]
fn the_tray_takes_over_from_the_headless_agent() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        let mut headless = vestibule::command(world, &["agent"])?;
        let mut agent = vestibule::start_agent(world, &mut headless).await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        browser.page(1).await?;

        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;

        ensure!(agent.ended().await?.success(), "the headless agent failed");
        icon.menu_where("the tray is signed in", has_role).await?;
        vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
        ensure!(
            browser.opened().len() == 1,
            "signed in anew: {:?}",
            browser.opened()
        );
        Ok(())
    });
}

/// Makes an application that everybody has; its one argument is where AWS's APIs are.
const NEW_APPLICATION: &str = r#"
import boto3, sys
admin = boto3.client("sso-admin", endpoint_url=sys.argv[1])
instance = admin.list_instances()["Instances"][0]["InstanceArn"]
application = admin.create_application(
    InstanceArn=instance,
    ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom",
    Name="Wiki",
    PortalOptions={
        "Visibility": "ENABLED",
        "SignInOptions": {"Origin": "APPLICATION", "ApplicationUrl": sys.argv[1] + "/wiki"},
    },
)
admin.put_application_assignment_configuration(
    ApplicationArn=application["ApplicationArn"], AssignmentRequired=False
)
"#;

#[test]
fn an_application_opens_from_the_menu() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        let python = aws::tools()?.join("python/bin/python");
        let mut create = vestibule::command(world, &["exec", "Management", ROLE, "--"])?;
        create.arg(python).args(["-c", NEW_APPLICATION]);
        create.arg(portal.origin());
        text_of(create).await?;

        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        icon.menu_where("the application is in the menu", |menu| {
            menu.find(&["Applications", "Wiki"]).is_some()
        })
        .await?;
        icon.click(&["Applications", "Wiki"]).await?;
        let page = browser.page(2).await?;
        ensure!(page.url.ends_with("/wiki"), "{}", page.url);
        Ok(())
    });
}

#[test]
fn the_icon_comes_back_with_a_panel_that_was_late_or_restarted() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        desktop.panel.stop().await?;
        let mut tray = start_tray(world, "ksni")?;
        for _ in 0..3 {
            vestibule::run(world, &["status"]).await?;
            let panel = Panel::start(&desktop.bus).await?;
            panel
                .icon()
                .await?
                .menu_where("the menu is there", |menu| menu.find(&["Quit"]).is_some())
                .await?;
            panel.stop().await?;
            tray.still_runs()?;
        }
        Ok(())
    });
}

/// A panel asks for a long menu in several calls at once. libdbusmenu, which is that panel on Xfce,
/// builds no submenu whose answers come in another order.
#[test]
fn a_panel_that_asks_all_at_once_is_answered_in_order() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &["--accounts", "40", "--roles", "5"]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::accounts_are(world, 40).await?;
        icon.menu_where("the accounts are in the menu", |menu| {
            menu.find(&["Accounts"]).is_some()
        })
        .await?;

        for _ in 0..rounds(4, 100) {
            let (asked, answered) = icon.ask_all_at_once(10).await?;
            ensure!(asked == answered, "asked {asked:?}, answered {answered:?}");
        }
        Ok(())
    });
}

async fn sign_in(icon: &Icon) -> Result<()> {
    icon.menu_where("the menu offers to sign in", |menu| {
        menu.find(&["Sign in"]).is_some()
    })
    .await?;
    icon.click(&["Sign in"]).await?;
    icon.menu_where("the accounts are listed", has_role).await?;
    Ok(())
}

fn has_role(menu: &Entry) -> bool {
    menu.find(&["Sign out"]).is_some() && lists_role(menu)
}

fn lists_role(menu: &Entry) -> bool {
    menu.find(&["Accounts", ACCOUNT, ROLE]).is_some()
}

async fn open_console(icon: &Icon) -> Result<()> {
    icon.click(&["Accounts", ACCOUNT, ROLE]).await
}

async fn keep_refreshed(world: &World, icon: &Icon) -> Result<()> {
    let path = ["Accounts", ACCOUNT, "Keep refreshed", ROLE];
    icon.click(&path).await?;
    icon.menu_where("the role is kept refreshed", |menu| {
        menu.find(&path)
            .is_some_and(|entry| entry.checked == Some(true))
    })
    .await?;
    let config = fs::read_to_string(world.path("home/.aws/config"))?;
    ensure!(config.contains(&format!("[profile {PROFILE}]")), "{config}");
    Ok(())
}

/// The refresh token lies in the Secret Service, and in no file of the home folder.
async fn secrets_are_in_the_keyring_alone(world: &World, desktop: &Desktop) -> Result<()> {
    let found = desktop
        .keyring
        .search(world, &[("service", "vestibule")])
        .await?;
    let token = found
        .split("\"refresh_token\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .with_context(|| format!("no refresh token in the keyring: {found}"))?
        .to_owned();
    // The keyring's own file is encrypted, so that it may be among those looked at.
    let mut folders = vec![world.path("home"), world.path("logs"), world.path("run")];
    while let Some(folder) = folders.pop() {
        for entry in if_there(fs::read_dir(folder))?.into_iter().flatten() {
            let entry = entry?;
            let Some(kind) = if_there(entry.file_type())? else {
                continue;
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let content = if_there(fs::read(entry.path()))?.unwrap_or_default();
                let leaks = content
                    .windows(token.len())
                    .any(|window| window == token.as_bytes());
                ensure!(!leaks, "the refresh token is in {}", entry.path().display());
            }
        }
    }
    Ok(())
}

/// What was read, or nothing when it went meanwhile: the programs go on, and write beside and rename.
fn if_there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
