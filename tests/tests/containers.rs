//! Credentials for commands, shells, containers and other machines, with AWS's own clients.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::process::{failure_of, text_of, words};
use e2e::served::Served;
use e2e::tunnel::Tunnel;
use e2e::{Portal, World, eventually, story, vestibule};

const ACCOUNT: &str = "Sandbox";
const ROLE: &str = "ReadOnlyAccess";
const SDKS: [Sdk; 4] = [Sdk::Cli, Sdk::Python, Sdk::JavaScript, Sdk::Rust];

/// Credentials so short that a client in a loop has to renew them a few times.
const SHORT: &[&str] = &["--credentials-seconds", "12"];
/// Calls a client until it has used as many access keys, and prints how many calls it made.
const LOOP: &str = r#"
import boto3, sys, time
session = boto3.Session()
sts = session.client("sts")
keys, calls = set(), 0
while len(keys) < int(sys.argv[1]):
    sts.get_caller_identity()
    calls += 1
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
    time.sleep(0.3)
print(calls)
"#;

#[test]
fn every_client_reads_a_served_role_here_and_at_the_end_of_a_tunnel() {
    story(async |world| {
        let _portal = signed_in(world, &[]).await?;
        let served = Served::start(world, &["--role", "Sandbox/ReadOnlyAccess"]).await?;
        for sdk in SDKS {
            let mut client = aws::identity_command(world, sdk)?;
            client.envs(&served.variables);
            assert_is_role(&text_of(client).await?).with_context(|| format!("{sdk:?}"))?;
        }

        let tunnel = Tunnel::start(world, served.port()?).await?;
        let here = format!("127.0.0.1:{}", served.port()?);
        let there = served
            .url()?
            .replace(&here, &format!("localhost:{}", tunnel.port));
        let mut variables = served.variables.clone();
        variables.insert("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), there);
        for sdk in SDKS {
            let client = aws::identity_command(world, sdk)?;
            assert_is_role(&text_of(tunnel.run(&client, &variables)).await?)
                .with_context(|| format!("{sdk:?} over SSH"))?;
        }

        let other = Served::start(world, &[]).await?;
        let mut client = aws::identity_command(world, Sdk::Python)?;
        client.envs(&served.variables).env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            &other.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
        );
        failure_of(client).await?;
        let mut client = aws::identity_command(world, Sdk::Python)?;
        client.envs(&other.variables).env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            other
                .url()?
                .replace("ACCOUNT", ACCOUNT)
                .replace("ROLE", ROLE),
        );
        assert_is_role(&text_of(client).await?)
    });
}

#[test]
fn every_client_is_the_role_in_a_command_and_in_every_shell() {
    story(async |world| {
        let _portal = signed_in(world, &[]).await?;
        for sdk in SDKS {
            let client = aws::identity_command(world, sdk)?;
            for options in [&[][..], &["--refreshable"]] {
                let identity = text_of(exec(world, options, &client)?).await?;
                assert_is_role(&identity).with_context(|| format!("{sdk:?} {options:?}"))?;
            }
        }
        let command = built_command(world)?;
        let client = aws::identity_command(world, Sdk::Python)?;
        let python = words(&client).join(" ");
        for (shell, taking) in [
            (
                "bash",
                format!("eval \"$({command} env {ACCOUNT} {ROLE})\""),
            ),
            ("zsh", format!("eval \"$({command} env {ACCOUNT} {ROLE})\"")),
            ("fish", format!("{command} env {ACCOUNT} {ROLE} | source")),
        ] {
            let leaving = taking.replace(&format!("{ACCOUNT} {ROLE}"), "--unset");
            let script = format!("{taking}; {python}; {leaving}; env | grep -c AWS_SESSION; true");
            let mut run = world.command(shell);
            run.args(["-c", &script]);
            let said = text_of(run).await?;
            let (identity, left) = said.split_once('\n').context("two lines")?;
            assert_is_role(identity).with_context(|| format!("{shell}: {said}"))?;
            ensure!(left == "0", "{shell} did not forget: {said}");

            let said = interactive(world, shell, &python).await?;
            ensure!(
                said.contains("(Sandbox/ReadOnlyAccess) mine>"),
                "{shell}: {said}"
            );
            ensure!(
                said.contains("AWSReservedSSO_ReadOnlyAccess_"),
                "{shell}: {said}"
            );
        }
        Ok(())
    });
}

/// The words of the user's own prompt, and a profile that would come before the role.
const START_FILES: [(&str, &str); 4] = [
    (".bashrc", "PS1='mine> '\nexport AWS_PROFILE=mine\n"),
    (".zshenv", "export ZDOTDIR=$HOME/zsh\n"),
    ("zsh/.zshrc", "PROMPT='mine> '\nexport AWS_PROFILE=mine\n"),
    (
        ".config/fish/config.fish",
        "function fish_prompt; echo -n 'mine> '; end\nset -gx AWS_PROFILE mine\n",
    ),
];

/// What a person sees who types a command into `vestibule shell`, at a terminal.
async fn interactive(world: &World, shell: &str, line: &str) -> Result<String> {
    for (name, text) in START_FILES {
        let file = world.path("home").join(name);
        fs::create_dir_all(file.parent().context("a folder")?)?;
        fs::write(file, text)?;
    }
    let mut terminal = world.command("script");
    let command = format!("{} shell {ACCOUNT} {ROLE}", built_command(world)?);
    terminal
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .env("SHELL", format!("/usr/bin/{shell}"))
        .env("TERM", "dumb")
        .stdin(Stdio::piped());
    let log = world.log(&format!("shell-{shell}"));
    let output = fs::File::create(&log)?;
    let mut child = terminal
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    let mut typed = child.stdin.take().context("stdin")?;
    let seen = async |word: &str| {
        eventually(&format!("{shell} shows {word}"), async || {
            let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
            Ok(said.contains(word).then_some(said))
        })
        .await
    };
    seen("mine>").await?;
    typed.write_all(format!("{line}\r").as_bytes())?;
    let said = seen("assumed-role").await?;
    typed.write_all(b"exit 7\r")?;
    let status = eventually("the shell ends", async || Ok(child.try_wait()?)).await?;
    ensure!(status.code() == Some(7), "{shell} ended with {status}");
    Ok(said)
}

#[test]
fn a_long_run_outlives_its_credentials() {
    story(async |world| {
        let _portal = signed_in(world, SHORT).await?;
        let mut python = world.command(aws::tools()?.join("python/bin/python"));
        python.args(["-c", LOOP, "4"]);
        let run = exec(world, &["--refreshable"], &python)?;
        let calls: usize = text_of(run).await?.parse()?;
        ensure!(calls >= 4, "{calls} calls");
        Ok(())
    });
}

#[test]
fn an_endpoint_outlives_the_agent() {
    story(async |world| {
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        let portal = with_browser(world, &[]).await?;
        let mut agent =
            vestibule::start_agent(world, world.program("vestibule")?.arg("agent")).await?;
        sign_in(world, &portal).await?;
        let served = Served::start(world, &["--role", "Sandbox/ReadOnlyAccess"]).await?;
        for round in 0..3 {
            let mut client = aws::identity_command(world, Sdk::Python)?;
            client.envs(&served.variables);
            assert_is_role(&text_of(client).await?).with_context(|| format!("round {round}"))?;
            if round == 0 {
                agent.kill()?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_default_profile_with_credentials_is_no_trap() {
    story(async |world| {
        let _portal = signed_in(world, &[]).await?;
        let credentials = world.path("home/.aws/credentials");
        fs::create_dir_all(world.path("home/.aws"))?;
        fs::write(
            &credentials,
            "[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = s\n",
        )?;
        let client = aws::identity_command(world, Sdk::Python)?;
        let (code, said) = failure_of(exec(world, &["--refreshable"], &client)?).await?;
        ensure!(code == 1, "exit code {code}");
        vestibule::ensure_clear(&said, &["default", &credentials.display().to_string()])?;
        assert_is_role(&text_of(exec(world, &[], &client)?).await?)
    });
}

async fn signed_in(world: &mut World, arguments: &[&str]) -> Result<Portal> {
    let portal = with_browser(world, arguments).await?;
    sign_in(world, &portal).await?;
    Ok(portal)
}

async fn with_browser(world: &mut World, arguments: &[&str]) -> Result<Portal> {
    let portal = Portal::start(world, arguments).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    Ok(portal)
}

/// Leaves a machine on which no client is configured, but for where STS is.
async fn sign_in(world: &mut World, portal: &Portal) -> Result<()> {
    vestibule::add(world, portal).await?;
    vestibule::run(world, &["login"]).await?;
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        world.set(variable, &portal.facts.region);
    }
    aws::point_at(world, &portal.origin())
}

fn assert_is_role(arn: &str) -> Result<()> {
    ensure!(
        arn.starts_with("arn:aws:sts::")
            && arn.contains(":assumed-role/AWSReservedSSO_ReadOnlyAccess_"),
        "{arn}"
    );
    Ok(())
}

/// `vestibule exec` of a command, in that command's own environment.
fn exec(world: &World, options: &[&str], command: &Command) -> Result<Command> {
    let mut exec = vestibule::command(world, &["exec", ACCOUNT, ROLE])?;
    exec.args(options).arg("--").args(words(command));
    exec.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    Ok(exec)
}

fn built_command(world: &World) -> Result<String> {
    Ok(words(&world.program("vestibule")?).remove(0))
}
