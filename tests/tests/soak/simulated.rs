//! Days with injected time: agent and portal in this process, by one clock that the test moves on
//! a minute at a time.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use agent::clock::{Alarm, Clock};
use agent::controller::{Controller, Environment, Handle};
use agent::keyring::{self, SecretStore};
use agent::menu::{Menu, Window};
use agent::paths::Paths;
use agent::shell::{Notification, OpenError, Shell};
use anyhow::{Context, Result, ensure};
use e2e::person::Person;
use e2e::{World, eventually, rounds, story};
use portal::act::{Act, Actor};
use portal::config::MfaMode;
use portal::directory::{self, NewPassword};
use portal::{
    Config, Portal, declaration, example,
    server::{self, Listeners},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{OffsetDateTime, UtcOffset};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use url::Url;

use crate::{ALONE, growth::Growth};

const USER: &str = "admin";
const PASSWORD: &str = "correct horse battery staple";
const ACCOUNT: &str = "Sandbox";
const KEPT: &str = "AdministratorAccess";
const NOT_KEPT: &str = "ReadOnlyAccess";

const HOUR: usize = 60;
const DAY: usize = 24 * HOUR;
/// Until then the store's caches fill.
const WARM_UP: usize = 3 * DAY;
/// How long a sign-in lasts at the portal.
const SESSION_HOURS: usize = 8;

#[test]
fn in_ten_days_no_call_fails_and_nothing_grows() {
    story(async |world| {
        let _alone = ALONE.lock().await;
        let minutes = WARM_UP + rounds(3, 10) * DAY;
        let clock = SharedClock::start();
        let portal = open_portal(world, &clock).await?;
        let (handle, mut tabs) = start_agent(world, &clock)?;
        let agent = Agent(handle);
        agent.add(portal.config()).await?;

        let mut person = Person::new(USER, PASSWORD)?;
        let mut sign_ins = Vec::new();
        let mut growth = Growth::of(std::process::id());
        for minute in 0..minutes {
            clock.pass(Duration::from_secs(60));
            for role in [KEPT, NOT_KEPT] {
                let asked = agent.credentials(role);
                tokio::pin!(asked);
                let answer = loop {
                    tokio::select! {
                        answer = &mut asked => break answer,
                        Some(url) = tabs.recv() => {
                            sign_ins.push(minute);
                            person.open(url.expose_secret()).await?;
                        }
                    }
                };
                lives(&answer?, &agent, &clock)
                    .await
                    .with_context(|| format!("{role}, minute {minute}"))?;
            }
            if minute == 0 {
                agent.keep(world, KEPT).await?;
            }
            if minute >= WARM_UP && minute % HOUR == 0 {
                growth.sample()?;
            }
        }

        // Credentials may serve for almost an hour after a session's end; and on a loaded machine
        // the clock goes on by minutes while the portal is asked, so that tokens come late.
        let sessions = minutes / HOUR / SESSION_HOURS;
        ensure!(
            (sessions * 3 / 4..=sessions * 5 / 4 + 1).contains(&sign_ins.len()),
            "sign-ins in {sessions} times {SESSION_HOURS} hours, at the minutes {sign_ins:?}"
        );
        growth.is_none()
    });
}

/// More than a quarter of an hour is left, as every client of AWS wants it. Once the session has
/// ended, what there is serves to its end before anybody is asked to sign in.
async fn lives(credentials: &Value, agent: &Agent, clock: &SharedClock) -> Result<()> {
    let expiration = credentials["expiration"].as_str().context("an end")?;
    let format = &time::format_description::well_known::Rfc3339;
    let left = OffsetDateTime::parse(expiration, format)? - Clock::now(clock);
    if left <= time::Duration::minutes(15) {
        let status = agent.ask(json!({"request": "status"})).await?;
        let ended = status["sessions"][0]["state"] == "expired";
        ensure!(ended && left.is_positive(), "{left} left in {status}");
    }
    Ok(())
}

async fn open_portal(world: &World, clock: &SharedClock) -> Result<Portal> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let mut config = Config::new(Url::parse(&origin)?);
    config.mfa = Some(MfaMode::Never);
    // A minute passes between calls, but not for this limit.
    config.rate_limit = None;
    let folder = world.path("portal");
    std::fs::create_dir_all(&folder)?;
    let portal = Portal::open(&folder, config, Arc::new(clock.clone())).await?;
    declaration::apply(
        &portal,
        &example::example()?,
        &declaration::Options::default(),
    )
    .await?;
    let user = directory::user_by_name(portal.pool(), USER).await?;
    let user = user.context("the example has an administrator")?;
    let password = PASSWORD.into();
    let password = NewPassword::of(&password, false).await?;
    let actor = Actor::machine();
    let mut act = Act::begin(&portal, &actor).await?;
    directory::set_password(&mut act, &user.id, &password, None).await?;
    act.commit().await?;
    tokio::spawn(server::serve(
        portal.clone(),
        Listeners {
            portal: vec![listener],
            operation: None,
        },
        std::future::pending(),
    ));
    Ok(portal)
}

/// The agent, and the addresses it opens in the browser.
fn start_agent(
    world: &World,
    clock: &SharedClock,
) -> Result<(Handle, mpsc::UnboundedReceiver<SecretString>)> {
    let home = world.path("home").into_os_string();
    let runtime = world.path("run").into_os_string();
    let variables = move |name: &str| match name {
        "HOME" => Some(home.clone()),
        "XDG_RUNTIME_DIR" => Some(runtime.clone()),
        "BROWSER" => Some(OsString::from("person")),
        _ => None,
    };
    let environment = Environment {
        paths: Paths::from_env(&variables)?,
        clock: Arc::new(clock.clone()),
        env: Arc::new(variables),
        program: "/usr/bin/vestibule".into(),
    };
    let (opened, tabs) = mpsc::unbounded_channel();
    let (handle, _) = Controller::start(environment, Box::new(NoKeyring), Desk(opened))?;
    Ok((handle, tabs))
}

/// The agent as the command line sees it, spoken to in the JSON of the socket.
struct Agent(Handle);

impl Agent {
    async fn add(&self, portal: &Config) -> Result<()> {
        let added = self.ask(json!({
            "request": "add_portal", "start_url": portal.start_url(), "region": portal.region,
            "name": "example", "endpoints": {},
        }));
        added.await.map(drop)
    }

    async fn credentials(&self, role: &str) -> Result<Value> {
        self.ask(json!({"request": "credentials", "role": query(role)}))
            .await
    }

    async fn keep(&self, world: &World, role: &str) -> Result<()> {
        eventually("the accounts are listed", async || {
            let accounts = self
                .ask(json!({"request": "accounts", "session": null}))
                .await?;
            let listed = accounts["accounts"]
                .as_array()
                .is_some_and(|all| !all.is_empty());
            Ok(listed.then_some(()))
        })
        .await?;
        let kept = self.ask(json!({
            "request": "keep", "role": query(role), "profile": null,
            "config_file": world.path("home/.aws/config"), "program": "/usr/bin/vestibule",
        }));
        kept.await.map(drop)
    }

    async fn ask(&self, request: Value) -> Result<Value> {
        let answer = self.0.request(serde_json::from_value(request)?).await;
        let answer = serde_json::to_value(answer)?;
        ensure!(answer["response"] != "error", "{answer}");
        Ok(answer)
    }
}

fn query(role: &str) -> Value {
    json!({"account": ACCOUNT, "role": role, "session": null})
}

/// Time that passes when the test says so, for agent and portal alike.
#[derive(Clone)]
struct SharedClock(Arc<watch::Sender<Duration>>);

impl SharedClock {
    const START: OffsetDateTime = datetime!(2026-11-22 08:00 UTC);

    fn start() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }

    fn pass(&self, time: Duration) {
        self.0.send_modify(|passed| *passed += time);
    }
}

impl Clock for SharedClock {
    fn now(&self) -> OffsetDateTime {
        Self::START + *self.0.borrow()
    }

    fn uptime(&self) -> Duration {
        *self.0.borrow()
    }

    fn wake_at(&self, uptime: Duration) -> Alarm<'_> {
        let mut passing = self.0.subscribe();
        Box::pin(async move {
            // The sender lives as long as this clock.
            let _ = passing.wait_for(|passed| *passed >= uptime).await;
        })
    }

    fn local_offset(&self, _: OffsetDateTime) -> UtcOffset {
        UtcOffset::UTC
    }
}

impl portal::clock::Clock for SharedClock {
    fn now(&self) -> OffsetDateTime {
        Clock::now(self)
    }
}

/// A desktop with a browser and no more.
struct Desk(mpsc::UnboundedSender<SecretString>);

impl Shell for Desk {
    fn draw(&mut self, _: &Menu) {}
    fn notify(&mut self, _: Notification) {}
    fn withdraw(&mut self, _: &str) {}
    fn open(&mut self, url: SecretString) -> Result<(), OpenError> {
        // The test may have ended.
        let _ = self.0.send(url);
        Ok(())
    }
    fn show(&mut self, _: Window) {}
    fn copy(&mut self, _: SecretString) {}
    fn set_browser(&mut self, _: Option<&str>) {}
    fn try_demonstration(&mut self) {}
    fn quit(&mut self) {}
}

/// A machine without a keyring.
struct NoKeyring;

impl NoKeyring {
    fn refused<T>() -> Result<T, keyring::Error> {
        Err(keyring::Error::Refused("there is none".to_owned()))
    }
}

impl SecretStore for NoKeyring {
    fn read(&mut self, _: &str, _: &str) -> Result<Option<SecretString>, keyring::Error> {
        Self::refused()
    }
    fn write(&mut self, _: &str, _: &str, _: &SecretString) -> Result<(), keyring::Error> {
        Self::refused()
    }
    fn delete(&mut self, _: &str, _: &str) -> Result<(), keyring::Error> {
        Self::refused()
    }
}
