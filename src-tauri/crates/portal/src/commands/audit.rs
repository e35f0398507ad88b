use std::{io::Write, pin::pin, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use portal::{
    Portal,
    audit::{self, Filter, Record},
};
use time::{
    Date, OffsetDateTime, Time, format_description::well_known::Rfc3339, macros::format_description,
};

use super::Which;

const PAGE: u32 = 500;
/// How often a follower looks.
const INTERVAL: Duration = Duration::from_millis(300);

/// Show what was done and refused
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Keep showing what happens
    #[arg(long)]
    follow: bool,
    /// One JSON object a line, in CloudTrail's form
    #[arg(long)]
    json: bool,
    /// Only what this user did
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only this operation, as in GetRoleCredentials
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Only what was about this account
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Not before this time, as in 2026-11-22 or 2026-11-22T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<OffsetDateTime>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<OffsetDateTime>,
    /// Only what was refused
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Subcommand)]
enum Command {
    Verify(Verify),
}

/// Check that no record was changed, moved or taken away
#[derive(clap::Args)]
struct Verify {
    #[command(flatten)]
    which: Which,
}

/// A moment in RFC 3339, or midnight (UTC) of a date.
fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
    let midnight = date.map(|date| date.with_time(Time::MIDNIGHT).assume_utc());
    midnight
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| "a time as in 2026-11-22 or 2026-11-22T12:00:00Z".to_owned())
}

/// Prints the records, oldest first, or checks them.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    if let Some(Command::Verify(Verify { which })) = arguments.command {
        return verify(&which.open().await?).await;
    }
    let portal = arguments.which.open().await?;
    let filter = Filter {
        user_name: arguments.user,
        event_name: arguments.event,
        account_id: arguments.account,
        since: arguments.since,
        until: arguments.until,
        failed: arguments.failed,
    };
    let mut shown = 0;
    let mut stopped = pin!(super::stop_requested());
    loop {
        while print_page(&portal, &filter, &mut shown, arguments.json).await? {}
        if !arguments.follow {
            return Ok(ExitCode::SUCCESS);
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = &mut stopped => return Ok(ExitCode::SUCCESS),
        }
    }
}

/// Prints what follows the record `shown`; whether there may be more.
async fn print_page(portal: &Portal, filter: &Filter, shown: &mut i64, json: bool) -> Result<bool> {
    let records = filter.after(portal.pool(), *shown, PAGE).await?;
    let mut out = std::io::stdout().lock();
    for record in &records {
        if json {
            writeln!(out, "{}", record.text)?;
        } else {
            writeln!(out, "{}", line(record)?)?;
        }
        *shown = record.sequence;
    }
    out.flush()?;
    Ok(records.len() == PAGE as usize)
}

fn line(record: &Record) -> Result<String> {
    const TIME: &[time::format_description::BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let value = record.value();
    let about = &value["serviceEventDetails"];
    let role = match (about["account_id"].as_str(), about["role_name"].as_str()) {
        (Some(account), Some(role)) if !role.is_empty() => format!(" {account}/{role}"),
        (Some(account), _) => format!(" {account}"),
        _ => String::new(),
    };
    Ok(format!(
        "{} {:<15} {:<16} {}{role}: {}",
        record.time.format(TIME)?,
        value["sourceIPAddress"].as_str().unwrap_or("-"),
        record.user_name.as_deref().unwrap_or("-"),
        record.event_name,
        record.error_code.as_deref().unwrap_or("ok")
    ))
}

/// Says what is wrong; the exit code tells whether anything is.
async fn verify(portal: &Portal) -> Result<ExitCode> {
    let verified = audit::verify(portal)
        .await
        .context("the audit trail cannot be read")?;
    let mut out = std::io::stdout().lock();
    if verified.flaws.is_empty() {
        writeln!(
            out,
            "{} records, all as they were written.",
            verified.records
        )?;
        if !verified.hash.is_empty() {
            writeln!(out, "The last one's hash is {}.", verified.hash)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for flaw in &verified.flaws {
        writeln!(out, "{flaw}")?;
    }
    Ok(ExitCode::FAILURE)
}
