//! What a process takes of the machine.

use std::fs;

use anyhow::{Context, Result};

/// Memory in use, in KiB.
pub fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// The most memory that was ever in use, in KiB.
pub fn peak(pid: u32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// Open file handles.
pub fn handles(pid: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

fn status(pid: u32, key: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|value| value.split_whitespace().next())
        .with_context(|| format!("no {key} in the status of {pid}"))?;
    Ok(value.parse()?)
}
