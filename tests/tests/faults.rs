//! What can go wrong, each made to happen: an error with a code and a next step, nothing lost.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::process::{Process, text_of};
use e2e::proxy::{Mode, Proxy};
use e2e::{Portal, World, eventually, story, vestibule};

const ACCOUNT: &str = "Sandbox";
const ROLE: &str = "ReadOnlyAccess";
const OTHER_ROLE: &str = "AdministratorAccess";

/// A start URL in AWS's form that no portal here knows.
const UNKNOWN: &str = "https://d-9999999999.awsapps.com/start";

const BUSY: Mode = Mode::Answer {
    status: "429 Too Many Requests",
    headers: "x-amzn-errortype: TooManyRequestsException\r\ncontent-type: application/json\r\n",
    body: r#"{"message":"Rate exceeded"}"#,
};

const BROKEN: Mode = Mode::Answer {
    status: "503 Service Unavailable",
    headers: "content-type: text/html\r\n",
    body: "<h1>503</h1>",
};

const MALFORMED: Mode = Mode::Answer {
    status: "200 OK",
    headers: "content-type: application/json\r\n",
    body: r#"{"accountList": [{"accountId": 7"#,
};

#[test]
fn an_unknown_start_url_is_named_as_the_fault() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let unknown = format!("{}/elsewhere", portal.origin());
        login_fails_for(world, &unknown, &portal.facts.region).await
    });
}

/// AWS tells nothing else of a wrong region than that the start URL is not known there.
#[test]
fn a_wrong_region_is_named_as_the_fault() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        for service in ["SSO", "SSO_OIDC", "STS"] {
            world.set(&format!("AWS_ENDPOINT_URL_{service}"), portal.origin());
        }
        login_fails_for(world, UNKNOWN, "eu-central-2").await
    });
}

async fn login_fails_for(world: &mut World, start_url: &str, region: &str) -> Result<()> {
    vestibule::add_start_url(world, start_url, region).await?;
    let (code, said) = vestibule::fails(world, &["login", "--device"]).await?;
    ensure!(code == 1, "exit code {code}: {said}");
    vestibule::ensure_clear(&said, &["Check start URL and region"])
}

#[test]
fn a_certificate_nobody_vouches_for_is_refused() {
    story(async |world| {
        let (_server, port) = untrusted_tls_server(world).await?;
        vestibule::add_start_url(
            world,
            &format!("https://localhost:{port}/start"),
            "eu-west-1",
        )
        .await?;
        let (code, said) = vestibule::fails(world, &["login", "--device"]).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["certificate"])
    });
}

#[test]
fn a_portal_that_is_down_costs_nothing_but_time() {
    story(async |world| {
        let mut portal = signed_in(world).await?;
        let known = vestibule::accounts(world).await?;
        portal.program().kill()?;

        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["Check the network"])?;
        ensure!(
            vestibule::accounts(world).await? == known,
            "accounts were lost"
        );

        let _portal = Portal::start(world, &[]).await?;
        eventually("credentials come again by themselves", async || {
            Ok(
                vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE))
                    .await
                    .ok(),
            )
        })
        .await?;
        Ok(())
    });
}

#[test]
fn a_portal_that_fails_or_babbles_keeps_its_accounts_in_the_list() {
    for mode in [BROKEN, MALFORMED] {
        story(async |world| {
            let (_portal, proxy) = signed_in_through_a_proxy(world).await?;
            let known = vestibule::accounts(world).await?;
            proxy.set(mode.clone());

            let (code, said) = fails_for_a_role(world).await?;
            ensure!(code == 5, "exit code {code}: {said}");
            vestibule::ensure_clear(&said, &[])?;
            ensure!(
                vestibule::accounts(world).await? == known,
                "accounts were lost"
            );
            ensure!(
                vestibule::session(world).await?["state"] == "signed_in",
                "signed out"
            );

            proxy.set(Mode::Pass);
            vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
            Ok(())
        });
    }
}

#[test]
fn a_busy_portal_is_waited_for_and_never_taken_for_signed_out() {
    story(async |world| {
        let (_portal, proxy) = signed_in_through_a_proxy(world).await?;
        let known = vestibule::accounts(world).await?;
        proxy.set(BUSY);

        let caller = vestibule::command(world, &vestibule::credentials(ACCOUNT, ROLE))?;
        let caller = tokio::spawn(text_of(caller));
        eventually("the portal refuses some calls", async || {
            Ok((proxy.answered() >= 3).then_some(()))
        })
        .await?;
        ensure!(
            vestibule::accounts(world).await? == known,
            "accounts were lost"
        );
        ensure!(
            vestibule::session(world).await?["state"] == "signed_in",
            "signed out"
        );

        proxy.set(Mode::Pass);
        caller.await?.context("the caller was not waited for")?;
        Ok(())
    });
}

#[test]
fn a_locked_keyring_is_told_and_the_sign_in_lives_in_memory() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        Keyring::unlocked(world, &bus).await?.stop()?;
        let _locked = Keyring::locked(world, &bus).await?;
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let agent = world.start("agent", &mut vestibule::command(world, &["agent"])?)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;

        vestibule::run(world, &vestibule::credentials(ACCOUNT, ROLE)).await?;
        eventually("it is told", async || {
            Ok(agent
                .output()?
                .contains("kept in memory only")
                .then_some(()))
        })
        .await?;
        Ok(())
    });
}

#[test]
fn a_browser_that_cannot_start_is_named_with_another_way_in() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        world.set("BROWSER", "no-such-browser %s");
        vestibule::add(world, &portal).await?;
        let (code, said) = vestibule::fails(world, &["login"]).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["browser"])
    });
}

#[test]
fn a_full_disk_leaves_the_aws_files_as_they_were() {
    const CONFIG: &str = "# mine\n[profile other]\nregion = eu-west-1\n";
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        // A namespace of its own, in which the agent's ~/.aws is a file system without room.
        let script = format!(
            "mount -t tmpfs -o size=4k none \"$HOME/.aws\" && \
             printf '{}' >\"$HOME/.aws/config\" && exec \"$@\"",
            CONFIG.replace('\n', "\\n")
        );
        fs::create_dir_all(world.path("home/.aws"))?;
        let mut command = world.command("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", &script, "sh"])
            .arg(e2e::world::built("vestibule")?)
            .arg("agent");
        let agent = world.start("agent", &mut command)?;
        let socket = world.path("run/vestibule/agent.sock");
        eventually("the agent listens", async || {
            Ok(socket.exists().then_some(()))
        })
        .await?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;

        let (code, said) = vestibule::fails(world, &["keep", ACCOUNT, ROLE]).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[".aws/config", "space"])?;
        let inside = format!(
            "/proc/{}/root{}",
            agent.id(),
            world.path("home/.aws").display()
        );
        ensure!(
            fs::read_to_string(format!("{inside}/config"))? == CONFIG,
            "it was changed"
        );
        for entry in fs::read_dir(inside)? {
            let name = entry?.file_name();
            // A lock that were removed would be no lock for whoever waits for it.
            let ours = ["config", "config.vestibule-lock"].contains(&&*name.to_string_lossy());
            ensure!(ours, "{} was left behind", name.display());
        }
        Ok(())
    });
}

async fn signed_in(world: &mut World) -> Result<Portal> {
    let portal = Portal::start(world, &[]).await?;
    sign_in(world, &portal).await?;
    Ok(portal)
}

/// Sign-in goes straight to the portal; its API is behind a proxy.
async fn signed_in_through_a_proxy(world: &mut World) -> Result<(Portal, Proxy)> {
    let portal = Portal::start(world, &[]).await?;
    let proxy = Proxy::start(&portal.origin()).await?;
    world.set("AWS_ENDPOINT_URL_SSO", &proxy.origin);
    sign_in(world, &portal).await?;
    world.unset("AWS_ENDPOINT_URL_SSO");
    Ok((portal, proxy))
}

async fn sign_in(world: &mut World, portal: &Portal) -> Result<()> {
    Browser::install(world, portal.user()?, Consent::Allow)?;
    vestibule::add(world, portal).await?;
    vestibule::run(world, &["login"]).await?;
    vestibule::accounts_are(world, portal.facts.accounts.len()).await?;
    Ok(())
}

/// Asks for a role that no earlier call has asked for.
async fn fails_for_a_role(world: &World) -> Result<(i32, String)> {
    vestibule::fails(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE)).await
}

/// OpenSSL's own server with a certificate it signed itself.
async fn untrusted_tls_server(world: &World) -> Result<(Process, u16)> {
    let (key, certificate) = (world.path("key.pem"), world.path("certificate.pem"));
    let mut request: Command = world.command("openssl");
    request
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    text_of(request).await?;
    let server = world.start(
        "tls",
        world
            .command("openssl")
            .args(["s_server", "-www", "-accept", "localhost:0"])
            .arg("-key")
            .arg(key)
            .arg("-cert")
            .arg(certificate),
    )?;
    let port = eventually("the TLS server names its port", async || {
        let output = server.output()?;
        Ok(output.lines().find_map(|line| {
            line.strip_prefix("ACCEPT ")?
                .rsplit(':')
                .next()?
                .parse()
                .ok()
        }))
    })
    .await?;
    Ok((server, port))
}
