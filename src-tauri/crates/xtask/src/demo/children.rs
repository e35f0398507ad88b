//! The programs a demonstration started, and stops again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::succeeds;

/// How long a program may take to end when asked.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Lines of a program's log that are shown when it fails.
const LAST_WORDS: usize = 10;

/// Running programs, in the order they were started. Dropped, they are stopped.
#[derive(Default)]
pub(crate) struct Children(Vec<Running>);

struct Running {
    name: &'static str,
    log: PathBuf,
    process: Child,
}

impl Children {
    /// Starts a program under a name for messages; what it prints goes to `log`.
    pub(crate) fn start(
        &mut self,
        name: &'static str,
        log: PathBuf,
        command: &mut Command,
    ) -> Result<()> {
        let output =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let process = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        self.0.push(Running { name, log, process });
        Ok(())
    }

    /// Name of one that has ended by itself, as it should. One that failed is an error, which
    /// holds what it said last.
    pub(crate) fn ended(&mut self) -> Result<Option<&'static str>> {
        for running in &mut self.0 {
            match running.process.try_wait()? {
                None => {}
                Some(status) if status.success() => return Ok(Some(running.name)),
                Some(status) => bail!(
                    "the {} ended with {status}\n{}",
                    running.name,
                    running.last_words()
                ),
            }
        }
        Ok(None)
    }

    /// Asks each to end, the last started first, and makes it end if it does not.
    pub(crate) fn stop(&mut self) {
        while let Some(Running { mut process, .. }) = self.0.pop() {
            ask_to_end(&process);
            let start = Instant::now();
            while matches!(process.try_wait(), Ok(None)) && start.elapsed() < END_LIMIT {
                thread::sleep(Duration::from_millis(20));
            }
            // It has ended already, or does now.
            process.kill().ok();
            process.wait().ok();
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    fn last_words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
    }
}

fn ask_to_end(child: &Child) {
    if cfg!(unix) {
        succeeds(Command::new("kill").arg(child.id().to_string()));
    }
}
