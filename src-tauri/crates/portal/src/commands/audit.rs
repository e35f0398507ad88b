use std::{collections::BTreeSet, io::Write, time::Duration};

use anyhow::Result;
use portal::{
    Portal,
    audit::{self, Record},
};

use super::Which;

const PAGE: u32 = 500;
/// How often a follower looks.
const INTERVAL: Duration = Duration::from_millis(300);
/// How far back a follower looks for events that were stored out of order.
const LOOK_BACK: usize = 200;

/// Show what was done and refused
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Keep showing what happens
    #[arg(long)]
    follow: bool,
    /// One JSON object a line, with CloudTrail's names
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    which: Which,
}

/// Prints the events, oldest first.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let mut shown = Shown::default();
    loop {
        while print_page(&portal, &mut shown, arguments.json).await? {}
        if !arguments.follow {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = super::stop_requested() => return Ok(()),
        }
    }
}

/// Which events were shown. An event can be stored after a slightly later one, so the last few
/// are read again and told apart by id.
#[derive(Default)]
struct Shown {
    recent: BTreeSet<String>,
    before: String,
}

impl Shown {
    fn add(&mut self, id: String) {
        self.recent.insert(id);
        if self.recent.len() > LOOK_BACK {
            self.before = self.recent.pop_first().unwrap_or_default();
        }
    }
}

/// Prints what is new; whether there may be more.
async fn print_page(portal: &Portal, shown: &mut Shown, json: bool) -> Result<bool> {
    let records = audit::read(portal.pool(), &shown.before, PAGE).await?;
    let full = records.len() == PAGE as usize;
    let mut out = std::io::stdout().lock();
    for record in records {
        if shown.recent.contains(&record.id) {
            continue;
        }
        if json {
            writeln!(out, "{}", serde_json::to_string(&record)?)?;
        } else {
            writeln!(out, "{}", line(&record))?;
        }
        shown.add(record.id);
    }
    out.flush()?;
    Ok(full)
}

fn line(record: &Record) -> String {
    let role = match (&record.account_id, &record.role_name) {
        (Some(account), Some(role)) if !role.is_empty() => format!(" {account}/{role}"),
        (Some(account), _) => format!(" {account}"),
        _ => String::new(),
    };
    let result = record.error_code.as_deref().unwrap_or("ok");
    let user = record.user_name.as_deref().unwrap_or("-");
    format!(
        "{} {:<15} {:<16} {}{role}: {result}",
        record.event_time, record.source_address, user, record.event_name
    )
}
