//! How long one edit of a large config file takes: `cargo run --release -p aws-files --example edit`
#![expect(clippy::print_stdout, reason = "a program that talks to its user")]

use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use aws_files::{Profile, profile, write};

const EDITS: usize = 101;

fn main() -> Result<(), Box<dyn Error>> {
    for lines in [10_000, 20_000, 40_000] {
        println!(
            "{lines} lines: {:.1} ms",
            median(lines)?.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// The median of many edits, each of which adds a profile to the file or changes it.
fn median(lines: usize) -> Result<Duration, Box<dyn Error>> {
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
        assert!(changed);
    }
    times.sort();
    Ok(times[EDITS / 2])
}

/// A file of so many lines, five a profile.
fn large(lines: usize) -> Result<String, std::fmt::Error> {
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
