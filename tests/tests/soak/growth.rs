//! Whether a process takes more and more of the machine.

use anyhow::{Result, ensure};
use e2e::measure;

/// What may come on top between the first third of a run and the last: caches that fill, and
/// connections that come and go.
const MEMORY: u64 = 6 * 1024;
const HANDLES: u64 = 8;

/// Samples of one process, taken evenly.
pub(crate) struct Growth {
    pid: u32,
    memory: Vec<u64>,
    handles: Vec<u64>,
}

impl Growth {
    pub(crate) fn of(pid: u32) -> Self {
        Self {
            pid,
            memory: Vec::new(),
            handles: Vec::new(),
        }
    }

    pub(crate) fn sample(&mut self) -> Result<()> {
        self.memory.push(measure::memory(self.pid)?);
        self.handles.push(measure::handles(self.pid)? as u64);
        Ok(())
    }

    /// The medians of the first and of the last third are about the same.
    pub(crate) fn is_none(&mut self) -> Result<()> {
        let (before, after) = medians(&mut self.memory);
        ensure!(
            after <= before + MEMORY,
            "memory grew from {before} to {after} KiB"
        );
        let (before, after) = medians(&mut self.handles);
        ensure!(
            after <= before + HANDLES,
            "file handles grew from {before} to {after}"
        );
        Ok(())
    }
}

fn medians(samples: &mut [u64]) -> (u64, u64) {
    let third = samples.len() / 3;
    let last = samples.len() - third;
    (median(&mut samples[..third]), median(&mut samples[last..]))
}

fn median(samples: &mut [u64]) -> u64 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
