//! One edit of a large AWS config file: lock, read, change, write beside, flush, replace.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use aws_files::{Profile, profile, write};

use crate::stats::{median, milliseconds};

const EDITS: usize = 101;

/// Prints the median of many edits for files of three sizes; each adds a profile or changes one.
pub(crate) fn measure() -> Result<()> {
    for lines in [10_000, 20_000, 40_000] {
        let mut times = edits(lines)?;
        println!("{lines} lines {}", milliseconds(median(&mut times)));
    }
    Ok(())
}

fn edits(lines: usize) -> Result<Vec<Duration>> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("config");
    std::fs::write(&config, large(lines)?)?;
    let mut times = Vec::new();
    for number in 0..EDITS {
        let profile = Profile {
            name: format!("new-{}", number / 2),
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            session: "acme".into(),
            program: format!("/opt/{number}/vestibule").into(),
            region: Some("eu-west-1".into()),
            sts_endpoint: None,
        };
        let start = Instant::now();
        let changed = write::edit(&config, |document| profile::insert(document, &profile))?;
        times.push(start.elapsed());
        ensure!(changed);
    }
    Ok(times)
}

/// A file of so many lines, five a profile.
fn large(lines: usize) -> Result<String> {
    let mut text = String::new();
    for number in 0..lines / 5 {
        writeln!(text, "# account {number}\n[profile account-{number}]")?;
        writeln!(
            text,
            "region = eu-west-1\ns3 =\n  max_concurrent_requests = 5"
        )?;
    }
    Ok(text)
}
