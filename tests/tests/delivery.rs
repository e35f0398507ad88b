//! Kept roles in the files of AWS's tools, beside the tools themselves and others that write there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::process::text_of;
use e2e::{Portal, World, eventually, story, vestibule};
use serde_json::Value;

const ACCOUNT: &str = "Web Shop Production";
const ROLE: &str = "AdministratorAccess";

/// The keys of a token file as AWS's tools write it, sorted.
const TOKEN_KEYS: [&str; 8] = [
    "accessToken",
    "clientId",
    "clientSecret",
    "expiresAt",
    "refreshToken",
    "region",
    "registrationExpiresAt",
    "startUrl",
];

#[test]
fn a_shared_sign_in_stands_in_a_file_for_as_long_as_it_lasts_and_is_shared() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        let (_, said) = vestibule::fails(world, &keep("sso-session")).await?;
        vestibule::ensure_clear(&said, &["vestibule portal set example --share-sign-in on"])?;
        ensure!(
            aws::cached_token(world).is_err(),
            "a token stands in a file"
        );

        share(world, "on").await?;
        let token = token(world).await?;
        let keys: Vec<&String> = token.as_object().context("an object")?.keys().collect();
        ensure!(keys == TOKEN_KEYS, "{keys:?}");
        let file = eventually("the token stands in its file", async || {
            Ok(token_file(world).ok())
        })
        .await?;
        let mode = fs::metadata(&file)?.permissions().mode() & 0o777;
        ensure!(mode == 0o600, "mode {mode:o}");
        let profile = vestibule::run(world, &keep("sso-session")).await?;
        let arn = aws::identity(world, Sdk::Python, &profile).await?;
        ensure!(arn.contains(ROLE), "{arn}");

        share(world, "off").await?;
        eventually("the file is gone", async || {
            Ok((!file.exists()).then_some(()))
        })
        .await?;
        eventually("its profile is gone", async || {
            let config = fs::read_to_string(world.path("home/.aws/config"))?;
            Ok((!config.contains("vestibule")).then_some(()))
        })
        .await?;
        vestibule::session_is(world, "signed_in").await?;

        share(world, "on").await?;
        eventually("the file is there", async || {
            Ok(file.exists().then_some(()))
        })
        .await?;
        vestibule::run(world, &["logout"]).await?;
        eventually("the file is gone", async || {
            Ok((!file.exists()).then_some(()))
        })
        .await
    });
}

#[test]
fn the_clis_own_login_renewal_and_logout_are_the_sessions_too() {
    story(async |world| {
        let portal = Portal::start(world, &["--access-token-seconds", "40"]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        world.set("AWS_DATA_PATH", aws::models(world, &portal.origin())?);
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        share(world, "on").await?;
        let profile = vestibule::run(world, &keep("sso-session")).await?;
        let by_agent = token(world).await?;

        // A token with less than a quarter of an hour left is renewed by every run of the CLI.
        identity(world, &profile).await?;
        let renewed = token(world).await?;
        ensure!(
            renewed["refreshToken"] != by_agent["refreshToken"],
            "not renewed"
        );
        eventually("the agent renews what the CLI renewed", async || {
            let now = token(world).await?;
            let known = [&by_agent["accessToken"], &renewed["accessToken"]];
            Ok((!known.contains(&&now["accessToken"])).then_some(()))
        })
        .await?;
        identity(world, &profile).await?;
        vestibule::session_is(world, "signed_in").await?;

        text_of(aws::cli(world, &["sso", "logout"])).await?;
        vestibule::session_is(world, "signed_out").await?;
        ensure!(aws::cached_token(world).is_err(), "the token came back");

        let tabs = browser.opened().len();
        text_of(aws::cli(world, &["sso", "login", "--profile", &profile])).await?;
        vestibule::session_is(world, "signed_in").await?;
        vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
        ensure!(browser.opened().len() == tabs + 1, "{:?}", browser.opened());
        let theirs = token(world).await?;
        ensure!(
            theirs["clientId"] != by_agent["clientId"],
            "the CLI has a registration of its own"
        );
        eventually("the agent renews the CLI's sign-in", async || {
            let now = token(world).await?;
            let renewed = now["refreshToken"] != theirs["refreshToken"];
            Ok((renewed && now["clientId"] == theirs["clientId"]).then_some(()))
        })
        .await
    });
}

#[test]
fn keys_are_renewed_go_with_the_sign_in_and_come_back_with_the_next() {
    story(async |world| {
        let portal = Portal::start(world, &["--credentials-seconds", "20"]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        world.set("AWS_ENDPOINT_URL_STS", portal.origin());
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        fs::create_dir_all(world.path("home/.aws"))?;
        let mine = "[mine]\naws_access_key_id = AKIAEXAMPLE\n";
        fs::write(credentials_file(world), mine)?;
        let profile = vestibule::run(world, &keep("static-keys")).await?;

        let first = credentials(world)?;
        ensure!(
            first.starts_with(mine) && first.contains(&format!("[{profile}]")),
            "{first}"
        );
        eventually("the keys are renewed", async || {
            Ok((credentials(world)? != first).then_some(()))
        })
        .await?;
        aws::identity(world, Sdk::Rust, &profile).await?;

        vestibule::run(world, &["logout"]).await?;
        eventually("the keys are gone", async || {
            Ok((credentials(world)? == mine).then_some(()))
        })
        .await?;
        vestibule::run(world, &["login"]).await?;
        eventually("the keys are back", async || {
            Ok(credentials(world)?.contains("ASIA").then_some(()))
        })
        .await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE, "--remove"]).await?;
        ensure!(credentials(world)? == mine, "{}", credentials(world)?);
        Ok(())
    });
}

#[test]
fn what_others_overwrite_is_restored_beside_what_they_wrote() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        vestibule::run(world, &keep("process")).await?;
        vestibule::run(world, &keep("static-keys")).await?;
        let theirs = "[default]\nregion = eu-west-1\n";
        for file in ["config", "credentials"] {
            let path = world.path("home/.aws").join(file);
            fs::write(&path, theirs)?;
            eventually("ours stands beside theirs", async || {
                let text = fs::read_to_string(&path)?;
                let both = text.starts_with(theirs) && text.contains(">>> vestibule");
                Ok(both.then_some(()))
            })
            .await?;
        }
        // The whole folder is another one now.
        fs::rename(world.path("home/.aws"), world.path("home/.aws.old"))?;
        eventually("everything is back", async || {
            let ours = |name| fs::read_to_string(world.path("home/.aws").join(name));
            let back = |name| ours(name).is_ok_and(|text| text.contains(">>> vestibule"));
            Ok((back("config") && back("credentials")).then_some(()))
        })
        .await
    });
}

fn keep(way: &str) -> [&str; 5] {
    ["keep", ACCOUNT, ROLE, "--as", way]
}

async fn share(world: &World, how: &str) -> Result<()> {
    let set = ["portal", "set", vestibule::SESSION, "--share-sign-in", how];
    vestibule::run(world, &set).await?;
    Ok(())
}

/// The token in the session's file, as soon as there is one; other tools write in place.
async fn token(world: &World) -> Result<Value> {
    eventually("a token stands in a file", async || {
        Ok(aws::cached_token(world).ok())
    })
    .await
}

/// The session's file; one that is just being written beside it has another name.
fn token_file(world: &World) -> Result<PathBuf> {
    let entries = fs::read_dir(world.path("home/.aws/sso/cache"))?;
    let mut paths = entries.map_while(|entry| Some(entry.ok()?.path()));
    paths
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .context("a token file")
}

async fn identity(world: &World, profile: &str) -> Result<Value> {
    aws::answer(world, &["sts", "get-caller-identity", "--profile", profile]).await
}

fn credentials_file(world: &World) -> PathBuf {
    world.path("home/.aws/credentials")
}

fn credentials(world: &World) -> Result<String> {
    Ok(fs::read_to_string(credentials_file(world))?)
}
