//! The programs a demonstration started, and stops again.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::run::succeeds;

/// How long a program may take to end when asked.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Running programs, in the order they were started. Dropped, they are stopped.
#[derive(Default)]
pub(crate) struct Children(Vec<(&'static str, Child)>);

impl Children {
    /// Starts a program under a name for messages.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        self.0.push((name, child));
        Ok(())
    }

    /// Name of one that has ended by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<&'static str>> {
        for (name, child) in &mut self.0 {
            if child.try_wait()?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Asks each to end, the last started first, and makes it end if it does not.
    pub(crate) fn stop(&mut self) {
        while let Some((_, mut child)) = self.0.pop() {
            ask_to_end(&child);
            let start = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && start.elapsed() < END_LIMIT {
                thread::sleep(Duration::from_millis(20));
            }
            // It has ended already, or does now.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

fn ask_to_end(child: &Child) {
    if cfg!(unix) {
        succeeds(Command::new("kill").arg(child.id().to_string()));
    }
}
