//! A program in the background that ends with its owner.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::eventually;

/// A running program. Dropped, it is killed.
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts `command` with its output appended to `log`.
    pub fn start(name: &str, log: &Path, command: &mut Command) -> Result<Self> {
        Self::start_reading(name, log, command, Stdio::null())
    }

    /// As [`start`](Self::start), with something to read on stdin.
    pub fn start_reading(
        name: &str,
        log: &Path,
        command: &mut Command,
        input: impl Into<Stdio>,
    ) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(input)
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            log: log.to_owned(),
            child,
        })
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far, to stdout and stderr.
    pub fn output(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(&self.log)?).into_owned())
    }

    /// Errors when it has ended; for the conditions one waits for.
    pub fn still_runs(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended with {status}", self.name);
        }
        Ok(())
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        eventually(&format!("{} ends", self.name), async || {
            Ok(self.child.try_wait()?)
        })
        .await
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.child.id().cast_signed()).context("a pid is positive")?;
        Ok(kill_process(pid, signal)?)
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Program and arguments.
pub fn words(command: &Command) -> Vec<String> {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Runs a command to its end off the async threads.
pub async fn finish(mut command: Command) -> Result<Output> {
    command.stdin(Stdio::null());
    let name = command.get_program().to_string_lossy().into_owned();
    tokio::task::spawn_blocking(move || command.output())
        .await?
        .with_context(|| format!("cannot start {name}"))
}

/// Runs a command that must succeed and returns what it printed.
pub async fn text_of(command: Command) -> Result<String> {
    let line = format!("{command:?}");
    let output = finish(command).await?;
    ensure!(
        output.status.success(),
        "{line} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Runs a command that must fail and returns its exit code and what it said on stderr.
pub async fn failure_of(command: Command) -> Result<(i32, String)> {
    let line = format!("{command:?}");
    let output = finish(command).await?;
    ensure!(
        !output.status.success(),
        "{line} succeeded:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let code = output.status.code().context("it was killed")?;
    Ok((code, String::from_utf8(output.stderr)?))
}
