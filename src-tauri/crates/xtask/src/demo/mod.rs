//! `cargo xtask demo`: portal, tray and command line, with nothing of the user's touched.

mod children;
mod guide;
mod home;
mod vestibule;

use std::env;
use std::fs;
use std::io::{BufRead, stdin};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;

use self::children::Children;
use self::guide::{Guide, Surroundings};
use self::home::Home;
use crate::packages::{self, COMPILER, WINDOWS};
use crate::run::run as execute;
use crate::{ui, workspace};

/// How long a program may take to be ready, on a slow machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often the demonstration looks after its programs.
const LOOK: Duration = Duration::from_secs(1);

/// Name of the embedded portal's session.
const EXAMPLE: &str = "example";

#[derive(Args)]
pub(crate) struct Options {
    /// Install missing system packages without asking
    #[arg(long)]
    yes: bool,
    /// Use this portal of AWS instead of the embedded one
    #[arg(long, value_name = "START_URL", requires = "region")]
    aws: Option<String>,
    /// Region of the portal given by --aws
    #[arg(long, requires = "aws")]
    region: Option<String>,
    /// Folder that holds everything of the demonstration
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Start the agent without a tray, as where there is no display
    #[arg(long)]
    headless: bool,
}

/// A portal to sign in at.
struct Portal {
    start_url: String,
    region: String,
    /// Absent for one of AWS.
    example: Option<Facts>,
}

/// What the embedded portal says of itself.
#[derive(Deserialize)]
struct Facts {
    start_url: String,
    region: String,
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    user_name: String,
    password: String,
    totp_secret: String,
}

enum Event {
    Enter,
    Stop,
}

/// Builds, starts and explains everything, then stays until it is stopped.
pub(crate) fn run(options: &Options) -> Result<()> {
    let headless = options.headless || !has_display();
    let programs = build(options, headless)?;
    let name = if options.aws.is_some() {
        "vestibule-demo-aws"
    } else {
        "vestibule-demo"
    };
    let home = Home::open(options.data.as_deref(), name, &programs)?;

    let events = listen()?;
    let mut children = Children::default();
    let portal = match (&options.aws, &options.region) {
        (Some(start_url), Some(region)) => Portal {
            start_url: start_url.clone(),
            region: region.clone(),
            example: None,
        },
        _ => start_portal(&home, &mut children)?,
    };
    if headless {
        let mut agent = home.program("vestibule");
        children.start("agent", home.path("agent.log"), agent.arg("agent"))?;
    } else {
        let mut tray = home.program("vestibule-tray");
        children.start("tray", home.path("tray.log"), &mut tray)?;
    }
    wait_for_agent(&home, &mut children)?;
    add_session(&home, &portal)?;

    let mut guide = Guide::new(&home, &portal, surroundings(headless, &home));
    guide.welcome()?;
    loop {
        match events.recv_timeout(LOOK) {
            Ok(Event::Enter) => guide.code()?,
            Ok(Event::Stop) => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(gone @ RecvTimeoutError::Disconnected) => return Err(gone.into()),
        }
        if let Some(name) = children.ended()? {
            println!("The {name} has ended, and the demonstration with it.");
            break;
        }
        guide.keep_a_role();
    }
    children.stop();
    Ok(())
}

fn surroundings(headless: bool, home: &Home) -> Surroundings {
    if headless {
        Surroundings::Terminal
    } else if home.has_bus() {
        Surroundings::Desktop
    } else {
        Surroundings::NoBus
    }
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Builds what is needed and returns the folder the programs lie in.
fn build(options: &Options, headless: bool) -> Result<PathBuf> {
    let programs = workspace::target()?.join("debug");
    // Without a display the tray is left out, which halves the first build and needs no WebKit;
    // not so where an earlier build made it, for then everything is there already.
    let with_tray = !headless || programs.join("vestibule-tray").exists();
    let mut needed: Vec<_> = COMPILER.iter().collect();
    if with_tray {
        needed.extend(WINDOWS);
    }
    packages::install(&needed, options.yes)?;
    if with_tray {
        ui::build()?;
    }
    println!("Building the programs (the first time takes some minutes)…");
    let mut cargo = workspace::cargo()?;
    cargo.arg("build");
    if with_tray {
        cargo.args(workspace::PROGRAMS_AS_TESTED);
    } else {
        cargo.args(["--package=cli", "--package=portal"]);
    }
    execute(&mut cargo)?;
    Ok(programs)
}

fn start_portal(home: &Home, children: &mut Children) -> Result<Portal> {
    let file = home.path("facts.json");
    fs::remove_file(&file).ok();
    children.start(
        "portal",
        home.path("portal.log"),
        home.program("vestibule-portal")
            .arg("demo")
            .arg("--data")
            .arg(home.path("portal"))
            .arg("--facts")
            .arg(&file),
    )?;
    let facts: Facts = serde_json::from_slice(&wait_for(&file, children)?)
        .context("the portal's facts cannot be read")?;
    Ok(Portal {
        start_url: facts.start_url.clone(),
        region: facts.region.clone(),
        example: Some(facts),
    })
}

fn wait_for(file: &Path, children: &mut Children) -> Result<Vec<u8>> {
    let name = file.display().to_string();
    wait_until(&name, children, || fs::read(file).ok())
}

/// A command that finds no agent starts one, which would be in the way of ours.
fn wait_for_agent(home: &Home, children: &mut Children) -> Result<()> {
    let socket = home.path("run/vestibule/agent.sock");
    let name = socket.display().to_string();
    wait_until(&name, children, || is_served(&socket).then_some(()))
}

#[cfg(unix)]
fn is_served(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

/// A named pipe is no file: there the commands wait.
#[cfg(not(unix))]
fn is_served(_: &Path) -> bool {
    true
}

fn wait_until<T>(
    name: &str,
    children: &mut Children,
    is_there: impl Fn() -> Option<T>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(there) = is_there() {
            return Ok(there);
        }
        if let Some(name) = children.ended()? {
            bail!("the {name} has ended before it was ready");
        }
        ensure!(start.elapsed() < START_LIMIT, "{name} does not appear");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Adds the portal as a session, unless an earlier run did.
fn add_session(home: &Home, portal: &Portal) -> Result<()> {
    let sessions = vestibule::sessions(home)?;
    if sessions
        .iter()
        .any(|session| session.start_url == portal.start_url)
    {
        return Ok(());
    }
    let name = portal.example.is_some().then_some(EXAMPLE);
    vestibule::add_portal(home, &portal.start_url, &portal.region, name)
}

/// Ctrl-C, and every press of Enter.
fn listen() -> Result<mpsc::Receiver<Event>> {
    let (sender, events) = mpsc::channel();
    let stop = sender.clone();
    ctrlc::set_handler(move || drop(stop.send(Event::Stop)))?;
    thread::spawn(move || read_lines(&sender));
    Ok(events)
}

fn read_lines(events: &Sender<Event>) {
    for line in stdin().lock().lines() {
        if line.is_err() || events.send(Event::Enter).is_err() {
            return;
        }
    }
}

/// A command to show to the user, in a POSIX shell's quoting.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:=+,@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
