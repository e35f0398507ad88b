//! Every way of delivery × every AWS client, far beyond the end of tokens and credentials: no call
//! may fail. A binary of its own, because it wants the machine for itself.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::process::text_of;
use e2e::served::Served;
use e2e::{Portal, World, rounds, story, vestibule};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Short enough for many ends during the test, long enough for an AWS CLI on a loaded machine.
const LIFE: &str = "60";

const ACCOUNT: &str = "Web Shop Production";
const ROLE: &str = "AdministratorAccess";

/// Between two runs of a program that is started for each call.
const PAUSE: Duration = Duration::from_secs(5);

/// How a role reaches a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Process,
    SsoSession,
    StaticKeys,
    Endpoint,
    Exec,
    ExecRefreshable,
}

const WAYS: [Way; 6] = [
    Way::Process,
    Way::SsoSession,
    Way::StaticKeys,
    Way::Endpoint,
    Way::Exec,
    Way::ExecRefreshable,
];

const CLIENTS: [Sdk; 4] = [Sdk::Cli, Sdk::Python, Sdk::JavaScript, Sdk::Rust];

#[test]
fn no_call_fails_whatever_the_way_and_the_client() {
    let seconds = rounds(150, 1800);
    story(async |world| {
        let lives = [
            "--access-token-seconds",
            LIFE,
            "--credentials-seconds",
            LIFE,
        ];
        let portal = Portal::start(world, &lives).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let delivered = Delivered::set_up(world, &portal).await?;

        // A token that lives so short is renewed by whatever client finds it, and some of AWS's write the
        // file in place: another that reads meanwhile finds nothing in it. So these take turns.
        let turns = Arc::new(Mutex::new(()));
        let mut running = JoinSet::new();
        for way in WAYS {
            for client in CLIENTS {
                let name = format!("{way:?} × {client:?}");
                let is_shared = way == Way::SsoSession;
                let seconds = if is_shared { seconds / 2 } else { seconds };
                let commands = delivered.commands(world, way, client, seconds)?;
                let expected = delivered.arn.clone();
                let turns = turns.clone();
                running.spawn(async move {
                    let _turn = match is_shared {
                        true => Some(turns.lock().await),
                        false => None,
                    };
                    let calls = run(commands, seconds, &expected).await;
                    calls.map(|calls| (name.clone(), calls)).context(name)
                });
            }
        }
        while let Some(ended) = running.join_next().await {
            let (name, calls) = ended??;
            ensure!(calls > 2, "{name}: {calls} calls");
        }

        vestibule::session_is(world, "signed_in").await?;
        let audit = portal.audit(world).await?;
        let renewals = |name: &str| {
            let events = audit.iter().filter(|event| event["eventName"] == name);
            events.count()
        };
        let (tokens, credentials) = (renewals("CreateToken"), renewals("GetRoleCredentials"));
        let lives = seconds / LIFE.parse::<usize>()?;
        ensure!(tokens > 2 * lives, "{tokens} tokens");
        ensure!(credentials > 8 * lives, "{credentials} credentials");
        Ok(())
    });
}

/// Runs the commands one after another until the time is over; how many calls they made.
async fn run(commands: Vec<Command>, seconds: usize, expected: &str) -> Result<usize> {
    let end = Instant::now() + Duration::from_secs(seconds as u64);
    let mut calls = 0;
    for command in commands {
        for arn in text_of(command).await?.lines() {
            ensure!(arn.starts_with(expected), "{arn}");
            calls += 1;
        }
        if Instant::now() >= end {
            break;
        }
        sleep(PAUSE).await;
    }
    Ok(calls)
}

/// A role that is delivered in every way.
struct Delivered {
    /// What an ARN of the role begins with.
    arn: String,
    origin: String,
    models: std::path::PathBuf,
    profiles: [(Way, String); 3],
    served: Served,
}

impl Delivered {
    async fn set_up(world: &World, portal: &Portal) -> Result<Self> {
        vestibule::add(world, portal).await?;
        vestibule::run(world, &["login"]).await?;
        let share = ["portal", "set", vestibule::SESSION, "--share-sign-in", "on"];
        vestibule::run(world, &share).await?;
        let keep =
            async |way: &str| vestibule::run(world, &["keep", ACCOUNT, ROLE, "--as", way]).await;
        let profiles = [
            (Way::Process, keep("process").await?),
            (Way::SsoSession, keep("sso-session").await?),
            (Way::StaticKeys, keep("static-keys").await?),
        ];
        let served = Served::start(world, &["--role", &format!("{ACCOUNT}/{ROLE}")]).await?;
        let account = portal.facts.accounts.iter().find(|one| one.name == ACCOUNT);
        let id = &account.context("the example has that account")?.id;
        Ok(Self {
            arn: format!("arn:aws:sts::{id}:assumed-role/AWSReservedSSO_{ROLE}_"),
            origin: portal.origin(),
            models: aws::models(world, &portal.origin())?,
            profiles,
            served,
        })
    }

    /// What calls `client` by this way for so long: one process, or one for each call where
    /// neither keys in the environment nor the CLI outlive it.
    fn commands(
        &self,
        world: &World,
        way: Way,
        client: Sdk,
        seconds: usize,
    ) -> Result<Vec<Command>> {
        if way == Way::Exec || client == Sdk::Cli {
            let calls = 1 + seconds / PAUSE.as_secs() as usize;
            (0..calls)
                .map(|_| self.command(world, way, client, None))
                .collect()
        } else {
            Ok(vec![self.command(world, way, client, Some(seconds))?])
        }
    }

    fn command(
        &self,
        world: &World,
        way: Way,
        client: Sdk,
        seconds: Option<usize>,
    ) -> Result<Command> {
        let mut command = aws::identity_command(world, client)?;
        if client == Sdk::Cli {
            command.env("AWS_DATA_PATH", &self.models);
        }
        if let Some(seconds) = seconds {
            command.arg(seconds.to_string());
            // A client reads keys in a file once.
            command.args((way == Way::StaticKeys).then_some("anew"));
        }
        match way {
            Way::Process | Way::SsoSession | Way::StaticKeys => {
                let profile = self.profiles.iter().find(|(other, _)| *other == way);
                command.env("AWS_PROFILE", &profile.context("a profile")?.1);
            }
            Way::Endpoint => {
                command.envs(&self.served.variables);
                command.envs(["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (name, "us-east-1")));
            }
            Way::Exec | Way::ExecRefreshable => {
                command = within(world, &command, way == Way::ExecRefreshable)?;
            }
        }
        if matches!(way, Way::StaticKeys | Way::Endpoint) {
            command.env("AWS_ENDPOINT_URL_STS", &self.origin);
        }
        Ok(command)
    }
}

/// The command, run by `vestibule exec`.
fn within(world: &World, inner: &Command, refreshable: bool) -> Result<Command> {
    let mut command = vestibule::command(world, &["exec", ACCOUNT, ROLE])?;
    command.args(refreshable.then_some("--refreshable"));
    command
        .arg("--")
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    Ok(command)
}
