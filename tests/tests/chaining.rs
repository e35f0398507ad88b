//! Chained roles: taken from assigned ones and from each other, with and without the code of an MFA
//! device; and the portal's STS as AWS's own client uses it.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::desktop::Desktop;
use e2e::portal::User;
use e2e::windows::Windows;
use e2e::{Portal, World, aws, eventually, story, vestibule};
use serde_json::Value;

const ACCOUNT: &str = "Web Shop Production";
const ROLE: &str = "AdministratorAccess";
const INVESTIGATION: &str = "arn:aws:iam::333344445555:role/Investigation";
const READ_LOGS: &str = "arn:aws:iam::222233334444:role/ReadLogs";
const BREAK_GLASS: &str = "arn:aws:iam::555566667777:role/BreakGlass";

/// Where an event of the audit trail has what was asked.
const DETAIL: &str = "additionalEventData";

/// How long a code of an authenticator app is shown.
const STEP: u64 = 30;

#[test]
fn chained_roles_reach_the_aws_cli_like_any_other() {
    story(async |world| {
        let (portal, user) = signed_in(world).await?;
        add(
            world,
            "investigate",
            (ACCOUNT, ROLE),
            INVESTIGATION,
            &[
                "--duration",
                "900",
                "--tag",
                "Case=4711",
                "--source-identity",
                "admin",
            ],
        )
        .await?;
        let second = ["--external-id", "case-files", "--session-name", "reader"];
        add(
            world,
            "read-logs",
            ("Security Audit", "investigate"),
            READ_LOGS,
            &second,
        )
        .await?;

        for (account, role, arn) in [
            (
                "Security Audit",
                "investigate",
                format!("333344445555:assumed-role/Investigation/{}", user.user_name),
            ),
            (
                "Log Archive",
                "read-logs",
                "222233334444:assumed-role/ReadLogs/reader".to_owned(),
            ),
        ] {
            let profile = vestibule::run(world, &["keep", account, role]).await?;
            let caller = identity(world, &portal, profile.trim()).await?;
            ensure!(caller == format!("arn:aws:sts::{arn}"), "{caller}");
        }

        let audit = portal.audit(world).await?;
        let taken = |arn: &str| {
            audit
                .iter()
                .filter(|event| event[DETAIL]["roleArn"] == arn)
                .cloned()
                .collect::<Vec<Value>>()
        };
        let [investigation] = &taken(INVESTIGATION)[..] else {
            anyhow::bail!("not once: {audit:?}")
        };
        let detail = &investigation[DETAIL];
        ensure!(detail["tags"]["Case"] == "4711", "{detail}");
        ensure!(
            detail["sourceIdentity"] == "admin" && detail["durationSeconds"] == 900,
            "{detail}"
        );
        ensure!(taken(READ_LOGS).len() == 1, "{audit:?}");

        let source = ("Security Audit", "investigate");
        add(world, "no-id", source, READ_LOGS, &[]).await?;
        let (code, said) =
            vestibule::fails(world, &vestibule::credentials("Log Archive", "no-id")).await?;
        ensure!(code == 1, "{code}: {said}");
        vestibule::ensure_clear(&said, &["AccessDenied", "external id"])
    });
}

/// Independent of our own client: what the portal answers suits botocore.
#[test]
fn the_aws_cli_takes_a_role_from_the_portal_by_itself() {
    story(async |world| {
        let (portal, _) = signed_in(world).await?;
        aws::configure(world, &portal, "555566667777", ROLE)?;
        let source = vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        let config = world.path("home/.aws/config");
        let text = fs::read_to_string(&config)?;
        let chained = format!(
            "\n[profile by-itself]\nrole_arn = {INVESTIGATION}\nsource_profile = {}\n\
             role_session_name = botocore\nregion = {}\n",
            source.trim(),
            portal.facts.region,
        );
        fs::write(&config, text + &chained)?;
        let arguments = ["sts", "get-caller-identity", "--profile", "by-itself"];
        let caller = aws::answer(world, &arguments).await?;
        let expected = "arn:aws:sts::333344445555:assumed-role/Investigation/botocore";
        ensure!(caller["Arn"] == expected, "{caller}");
        Ok(())
    });
}

#[test]
fn a_terminal_asks_for_the_code_once_an_hour() {
    story(async |world| {
        let (portal, user) = signed_in(world).await?;
        add_break_glass(world).await?;
        let wanted = vestibule::credentials("555566667777", "break-glass");
        let said = on_terminal(world, &wanted, &["000000", &next_code(&user).await?]).await?;
        for words in [
            "MFA code for Web Shop Production / break-glass",
            "was not taken",
            "ASIA",
        ] {
            ensure!(said.contains(words), "no \"{words}\" in {said}");
        }
        // Nobody has to be there the second time.
        let again = vestibule::run(world, &wanted).await?;
        ensure!(again.contains("ASIA"), "{again}");
        let events = portal.audit(world).await?;
        let taken = events
            .iter()
            .filter(|event| event[DETAIL]["roleArn"] == BREAK_GLASS);
        ensure!(taken.count() == 2, "{events:?}");
        Ok(())
    });
}

#[test]
fn the_notification_leads_to_a_window_that_takes_the_code() {
    story(async |world| {
        let desktop = Desktop::start(world).await?;
        let portal = Portal::start(world, &[]).await?;
        let user = portal.user()?.clone();
        Browser::install(world, &user, Consent::Allow)?;
        let windows = Windows::start(world, &desktop).await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        add_break_glass(world).await?;
        let wanted = vestibule::credentials("555566667777", "break-glass");
        let vestibule = vestibule::command(world, &wanted)?;
        let mut without_terminal = world.command("setsid");
        let words = [vestibule.get_program()]
            .into_iter()
            .chain(vestibule.get_args());
        without_terminal.arg("--wait").args(words);
        let mut caller = world.start("caller", &mut without_terminal)?;

        let asked = desktop.notifications.saying("Enter the MFA code").await?;
        let opened = async || Ok(is_open(world)?);
        desktop
            .notifications
            .press(&asked, "Enter code", opened)
            .await?;
        windows.turn_to("MFA code – Vestibule").await?;
        windows.reads("arn:aws:iam::111122223333:mfa/admin").await?;
        windows.type_into("textbox", "Code", "000000").await?;
        windows.press("Continue").await?;
        windows.reads("was not taken").await?;
        ensure!(
            windows.flaws().await?.is_empty(),
            "axe-core finds something"
        );
        windows
            .type_into("textbox", "Code", &next_code(&user).await?)
            .await?;
        windows.press_to_close("Continue").await?;
        ensure!(caller.ended().await?.success(), "the caller got nothing");
        ensure!(caller.output()?.contains("ASIA"), "no credentials");
        eventually("the notification goes", async || {
            let stands = desktop.notifications.standing();
            let stands = stands.iter().any(|one| one.summary == asked.summary);
            Ok((!stands).then_some(()))
        })
        .await
    });
}

/// A portal, and its first user signed in without a desktop.
async fn signed_in(world: &mut World) -> Result<(Portal, User)> {
    let portal = Portal::start(world, &[]).await?;
    let user = portal.user()?.clone();
    Browser::install(world, &user, Consent::Allow)?;
    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    Ok((portal, user))
}

async fn add(
    world: &World,
    name: &str,
    from: (&str, &str),
    arn: &str,
    more: &[&str],
) -> Result<()> {
    let arguments = [
        "chain",
        "add",
        name,
        "--from",
        from.0,
        from.1,
        "--role-arn",
        arn,
    ];
    vestibule::run(world, &[&arguments, more].concat()).await?;
    Ok(())
}

async fn add_break_glass(world: &World) -> Result<()> {
    let device = ["--mfa-serial", "arn:aws:iam::111122223333:mfa/admin"];
    add(world, "break-glass", (ACCOUNT, ROLE), BREAK_GLASS, &device).await
}

async fn identity(world: &World, portal: &Portal, profile: &str) -> Result<String> {
    let origin = portal.origin();
    let arguments = [
        "sts",
        "get-caller-identity",
        "--profile",
        profile,
        "--endpoint-url",
        &origin,
    ];
    let caller = aws::answer(world, &arguments).await?;
    Ok(caller["Arn"].as_str().context("an ARN")?.to_owned())
}

/// What `vestibule` and its user write on a terminal of their own.
async fn on_terminal(world: &World, arguments: &[&str], typed: &[&str]) -> Result<String> {
    let vestibule = vestibule::command(world, arguments)?;
    let words = std::iter::once(vestibule.get_program()).chain(vestibule.get_args());
    let line: Vec<String> = words
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let mut command = world.command("script");
    command.args([
        "--quiet",
        "--return",
        "--command",
        &line.join(" "),
        "/dev/null",
    ]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut terminal = command.spawn()?;
    let mut keys = terminal.stdin.take().context("keys")?;
    for line in typed {
        writeln!(keys, "{line}")?;
    }
    let output = tokio::task::spawn_blocking(move || {
        let output = terminal.wait_with_output();
        drop(keys);
        output
    });
    Ok(String::from_utf8(output.await??.stdout)?)
}

/// A code that was not used yet: that of the next step, once it is shown. The one before opened the
/// portal's session.
async fn next_code(user: &User) -> Result<String> {
    let step = || -> Result<u64> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        Ok(now.as_secs() / STEP)
    };
    let before = step()?;
    let now = eventually("the next code is shown", async || {
        let now = step()?;
        Ok((now > before).then_some(now))
    })
    .await?;
    user.code(now * STEP)
}

/// Whether the window that asks for a code is open.
fn is_open(world: &World) -> Result<bool> {
    let mut search = world.command("xdotool");
    let found = search.args(["search", "--name", "^MFA code"]).output()?;
    Ok(!found.stdout.is_empty())
}
