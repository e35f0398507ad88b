//! Medians, what they are taken of, and how they are printed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// The middle one of the samples.
pub(crate) fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

/// A duration in milliseconds with two decimals.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:8.2} ms", duration.as_secs_f64() * 1000.0)
}

/// A command that is run again and again, interleaved with others.
pub(crate) struct Contender {
    name: &'static str,
    command: Command,
    samples: Vec<Duration>,
}

impl Contender {
    /// What it is called in the table, and how it is run.
    pub(crate) fn new(name: &'static str, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self {
            name,
            command,
            samples: Vec::new(),
        }
    }

    /// Runs it once, which must succeed.
    pub(crate) fn run(&mut self) -> Result<()> {
        let start = Instant::now();
        let status = self.command.status()?;
        self.samples.push(start.elapsed());
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}

/// Prints the medians, each also as a multiple of the first's.
pub(crate) fn print(contenders: &mut [Contender]) {
    let mut floor = None;
    for contender in contenders {
        let median = median(&mut contender.samples);
        let floor = floor.get_or_insert(median).as_secs_f64();
        println!(
            "{}  {:6.1} x  {}",
            milliseconds(median),
            median.as_secs_f64() / floor,
            contender.name
        );
    }
}
