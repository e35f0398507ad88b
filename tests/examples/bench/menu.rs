//! What a change of the menu costs: the drawing by itself, then what a panel sees of it.

use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::desktop::{Desktop, start_tray};
use e2e::process::Process;
use e2e::tray::{Entry, Icon};
use e2e::{Portal, World, eventually, vestibule};
use futures_util::StreamExt;

use crate::stats::{median, milliseconds};
use crate::tray::at_rest;

/// Changes of a menu that are measured.
const CHANGES: usize = 20;

/// What one change cost.
#[derive(Default)]
struct Samples {
    drawing: Vec<Duration>,
    main_thread: Vec<Duration>,
    question: Vec<Duration>,
    signal: Vec<Duration>,
    reading: Vec<Duration>,
}

/// Draws the menu of so many roles as a whole, then changes one check mark again and again.
pub(crate) async fn measure(
    world: &mut World,
    backend: &str,
    accounts: usize,
    roles: usize,
) -> Result<()> {
    let desktop = Desktop::start(world).await?;
    let portal = start_portal(world, accounts, roles).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    let mut first = start_tray(world, backend)?;
    let icon = desktop.panel.icon().await?;
    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    vestibule::accounts_are(world, accounts).await?;
    icon.click(&["Quit"]).await?;
    first.ended().await?;

    // Started again, it has the whole menu to draw at once.
    let before = drawings(&first)?.len();
    let mut tray = start_tray(world, backend)?;
    let icon = eventually("the menu is there again", async || {
        tray.still_runs()?;
        let icon = desktop.panel.icon().await?;
        let menu = icon.menu().await;
        Ok(menu
            .is_ok_and(|menu| kept_role(&menu).is_some())
            .then_some(icon))
    })
    .await?;
    vestibule::session_is(world, "signed_in").await?;
    at_rest(&tray).await?;
    let whole = drawings(&tray)?.into_iter().skip(before).max();

    let mut samples = Samples::default();
    for _ in 0..CHANGES {
        change(&icon, &tray, backend, &mut samples).await?;
    }
    println!("{} roles, {backend}:", accounts * roles);
    row(
        whole.context("nothing was drawn")?,
        "to draw the whole menu",
    );
    samples.print();
    Ok(())
}

async fn start_portal(world: &World, accounts: usize, roles: usize) -> Result<Portal> {
    let (accounts, roles) = (accounts.to_string(), roles.to_string());
    let size = ["--accounts", &accounts, "--roles", &roles];
    Portal::start(world, &[&size[..], &["--rate-limit", "off"]].concat()).await
}

/// Clicks on a role below *Keep refreshed* and follows the mark until the panel has read it.
async fn change(icon: &Icon, tray: &Process, backend: &str, samples: &mut Samples) -> Result<()> {
    let menu = icon.menu().await?;
    let role = kept_role(&menu).context("no role in the menu")?;
    at_rest(tray).await?;
    let drawn = drawings(tray)?.len();
    let spent = main_thread(tray)?;

    let mut signals = icon.signals().await?;
    let done = Cell::new(false);
    let start = Instant::now();
    icon.press(role).await?;
    let followed = async {
        // Tauri's menu flips the mark by itself, so that its signal would say nothing of ours.
        let signal = match backend {
            "ksni" => signals.next().await.map(|_| start.elapsed()),
            _ => None,
        };
        let all = eventually("the menu is drawn", async || {
            let all = drawings(tray)?;
            Ok((all.len() > drawn).then_some(all))
        })
        .await;
        done.set(true);
        Ok::<_, anyhow::Error>((signal, all?))
    };
    let (followed, question) = tokio::join!(followed, longest_wait(icon, &done));
    let (signal, all) = followed?;
    at_rest(tray).await?;

    samples.signal.extend(signal);
    samples.drawing.extend(&all[drawn..]);
    samples.question.push(question?);
    samples.main_thread.push(main_thread(tray)? - spent);
    let start = Instant::now();
    let new = icon.menu().await?;
    samples.reading.push(start.elapsed());
    let marked = kept_role(&new).and_then(|role| role.checked);
    ensure!(marked != role.checked, "the mark did not follow");
    Ok(())
}

/// The longest that a panel waited for a small answer until it is `done`.
async fn longest_wait(icon: &Icon, done: &Cell<bool>) -> Result<Duration> {
    let mut longest = Duration::ZERO;
    while !done.get() {
        let start = Instant::now();
        icon.ask().await?;
        longest = longest.max(start.elapsed());
    }
    Ok(longest)
}

/// How long each drawing so far took, as the tray's log says it.
fn drawings(tray: &Process) -> Result<Vec<Duration>> {
    let microseconds = |line: &str| {
        let (_, rest) = line.split_once("menu drawn in ")?;
        rest.split_once(' ')?.0.parse().ok()
    };
    let log = tray.output()?;
    Ok(log
        .lines()
        .filter_map(microseconds)
        .map(Duration::from_micros)
        .collect())
}

/// Processor time of the main thread, whose id is the process's.
fn main_thread(process: &Process) -> Result<Duration> {
    let id = process.id();
    let spent = fs::read_to_string(format!("/proc/{id}/task/{id}/schedstat"))?;
    let nanoseconds = spent.split(' ').next().context("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// The first role below a *Keep refreshed*.
fn kept_role(menu: &Entry) -> Option<&Entry> {
    if menu.label == "Keep refreshed" {
        return menu.entries.first();
    }
    menu.entries.iter().find_map(kept_role)
}

impl Samples {
    fn print(mut self) {
        let rows = [
            (&mut self.drawing, "to draw one changed mark"),
            (&mut self.main_thread, "of the main thread for it"),
            (
                &mut self.question,
                "the longest wait for a small answer meanwhile",
            ),
            (
                &mut self.signal,
                "from the click to the signal to the panel",
            ),
            (&mut self.reading, "for the panel to read the whole menu"),
        ];
        for (samples, what) in rows {
            if !samples.is_empty() {
                row(median(samples), what);
            }
        }
    }
}

fn row(took: Duration, what: &str) {
    println!("{}  {what}", milliseconds(took));
}
