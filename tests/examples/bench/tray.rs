//! What the tray costs while nothing happens.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e::desktop::{Desktop, start_tray};
use e2e::process::Process;
use e2e::{World, eventually};

use crate::stats::milliseconds;

/// How long wake-ups are counted.
const IDLE: Duration = Duration::from_secs(60);

/// Start, memory and wake-ups, beside a Tauri application with a tray icon and nothing else.
pub(crate) async fn measure_idle(world: &mut World, programs: &Path) -> Result<()> {
    let desktop = Desktop::start(world).await?;
    let start = Instant::now();
    let tray = start_tray(world, "ksni")?;
    let icon = desktop.panel.icon().await?;
    icon.menu_where("the menu is there", |menu| menu.find(&["Quit"]).is_some())
        .await?;
    println!("{}  from start to tray", milliseconds(start.elapsed()));
    let bare = world.start(
        "bare",
        &mut world.command(programs.join("examples/bare_tray")),
    )?;
    for process in [&tray, &bare] {
        at_rest(process).await?;
    }
    for (name, process) in [("vestibule-tray", &tray), ("a bare Tauri tray", &bare)] {
        println!("{name}: {}", memory(process)?);
    }
    let before = switches(&tray)?;
    pass(IDLE).await?;
    println!(
        "{:8}     wake-ups in an idle minute",
        switches(&tray)? - before
    );
    Ok(())
}

/// Waits until none of its threads has woken up for a second.
pub(crate) async fn at_rest(process: &Process) -> Result<()> {
    let mut last = (Instant::now(), switches(process)?);
    eventually("the program comes to rest", async || {
        let now = switches(process)?;
        if now != last.1 {
            last = (Instant::now(), now);
        }
        Ok((last.0.elapsed() > Duration::from_secs(1)).then_some(()))
    })
    .await
}

async fn pass(time: Duration) -> Result<()> {
    let start = Instant::now();
    eventually("time passes", async || {
        Ok((start.elapsed() >= time).then_some(()))
    })
    .await
}

/// Times that any of its threads woke up.
fn switches(process: &Process) -> Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{}/task", process.id()))? {
        let status = fs::read_to_string(task?.path().join("status"))?;
        sum += field(&status, "voluntary_ctxt_switches:")?;
    }
    Ok(sum)
}

fn memory(process: &Process) -> Result<String> {
    let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id()))?;
    let megabytes = |name: &str| Ok::<_, anyhow::Error>(field(&rollup, name)? / 1024);
    Ok(format!(
        "RSS {} MB, PSS {} MB, private dirty {} MB",
        megabytes("Rss:")?,
        megabytes("Pss:")?,
        megabytes("Private_Dirty:")?
    ))
}

fn field(text: &str, name: &str) -> Result<u64> {
    text.lines()
        .find_map(|line| {
            line.strip_prefix(name)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .with_context(|| format!("no {name} in:\n{text}"))
}
