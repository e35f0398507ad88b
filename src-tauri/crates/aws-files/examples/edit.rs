//! How long one edit of a large AWS config file takes: lock, read, change, write beside, flush,
//! replace. `cargo xtask bench` runs it.
#![expect(clippy::print_stdout, reason = "its answer")]

use std::error::Error;
use std::time::{Duration, Instant};

use aws_files::{Profile, profile, write};

const EDITS: usize = 101;

/// Prints the median of many edits for files of three sizes; each adds a profile or changes one.
fn main() -> Result<(), Box<dyn Error>> {
    for lines in [10_000, 20_000, 40_000] {
        let mut times = edits(lines)?;
        times.sort_unstable();
        let median = times[times.len() / 2].as_secs_f64() * 1000.0;
        println!("{median:8.2} ms  {lines} lines");
    }
    Ok(())
}

fn edits(lines: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("config");
    std::fs::write(&config, large(lines))?;
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
        assert!(changed, "edit {number} changed nothing");
    }
    Ok(times)
}

/// A file of so many lines, five a profile.
fn large(lines: usize) -> String {
    let profile = |number| {
        format!(
            "# account {number}\n[profile account-{number}]\nregion = eu-west-1\ns3 =\n  \
             max_concurrent_requests = 5\n"
        )
    };
    (0..lines / 5).map(profile).collect()
}
