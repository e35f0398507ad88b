//! A home, a runtime folder and an environment that share nothing with the machine's.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::eventually;
use crate::process::Process;

/// Names the world in the environment of everything that runs in it.
const MARK: &str = "VESTIBULE_WORLD";

/// Lines of each log shown when a test fails.
const LOG_TAIL: usize = 60;

/// One test's own machine, as far as programs can tell.
pub struct World {
    folder: TempDir,
    environment: BTreeMap<OsString, OsString>,
}

impl World {
    /// An empty home with the usual folders and an environment that knows nothing else.
    pub fn new() -> Result<Self> {
        // Short, because the path of a Unix socket may have 107 bytes and no more.
        let folder = tempfile::Builder::new()
            .prefix("vestibule-")
            .tempdir_in("/tmp")?;
        let mut world = Self {
            folder,
            environment: BTreeMap::new(),
        };
        for (variable, path) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            let path = world.path(path);
            fs::create_dir_all(&path)?;
            world.set(variable, path);
        }
        fs::create_dir_all(world.path("logs"))?;
        fs::set_permissions(world.path("run"), fs::Permissions::from_mode(0o700))?;
        world.set(MARK, world.path(""));
        world.set("PATH", "/usr/local/bin:/usr/bin:/bin");
        world.set("LANG", "C.UTF-8");
        world.set("AWS_EC2_METADATA_DISABLED", "true");
        world.set("RUST_BACKTRACE", "1");
        Ok(world)
    }

    /// A path in the world's folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable for everything started from now on.
    pub fn set(&mut self, variable: &str, value: impl AsRef<OsStr>) {
        self.environment
            .insert(variable.into(), value.as_ref().to_owned());
    }

    /// Takes a variable away from everything started from now on.
    pub fn unset(&mut self, variable: &str) {
        self.environment.remove(OsStr::new(variable));
    }

    /// A variable's value.
    pub fn variable(&self, variable: &str) -> Option<&OsStr> {
        self.environment
            .get(OsStr::new(variable))
            .map(OsString::as_os_str)
    }

    /// A command that sees this world and nothing of the machine's environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.path("home"));
        command
    }

    /// One of our own programs, as the test build made it.
    pub fn program(&self, name: &str) -> Result<Command> {
        Ok(self.command(built(name)?))
    }

    /// Starts a command in the background, its output in the log `name`.
    pub fn start(&self, name: &str, command: &mut Command) -> Result<Process> {
        Process::start(name, &self.log(name), command)
    }

    /// Path of a log that is shown when the test fails.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path("logs").join(format!("{name}.log"))
    }

    /// Whether a process of this world still runs that was started from `program`.
    pub fn runs(&self, program: &Path) -> bool {
        !self.running(program).is_empty()
    }

    /// `kill -9` for every process of this world that was started from `program`, and waits for
    /// their end.
    pub async fn kill(&self, program: &Path) -> Result<()> {
        let what = format!("{} has ended", program.display());
        eventually(&what, async || {
            let running = self.running(program);
            for pid in &running {
                // It may have ended by itself meanwhile, or started another.
                kill_process(*pid, Signal::KILL).ok();
            }
            Ok(running.is_empty().then_some(()))
        })
        .await
    }

    fn running(&self, program: &Path) -> Vec<Pid> {
        let mut running = self.processes();
        running.retain(|pid| {
            fs::read_link(format!("/proc/{}/exe", pid.as_raw_nonzero()))
                .is_ok_and(|exe| exe == program)
        });
        running
    }

    /// Everything running here, whoever started it. Chromium writes its command line over its
    /// environment; there it names a profile of this world.
    fn processes(&self) -> Vec<Pid> {
        let folder = self.path("").display().to_string();
        let signs = [
            ("environ", format!("{MARK}={folder}\0")),
            ("cmdline", folder),
        ];
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
                let shows = |(file, sign): &(&str, String)| {
                    let text = fs::read(entry.path().join(file)).unwrap_or_default();
                    text.windows(sign.len())
                        .any(|window| window == sign.as_bytes())
                };
                signs.iter().any(shows).then_some(pid)
            })
            .collect()
    }

    /// Prints the ends of all logs.
    #[expect(clippy::print_stderr, reason = "shown with a failed test")]
    pub(crate) fn show_logs(&self) {
        for entry in fs::read_dir(self.path("logs"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let log = fs::read(entry.path()).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("---- {}", entry.file_name().to_string_lossy());
            for line in &lines[lines.len().saturating_sub(LOG_TAIL)..] {
                eprintln!("{line}");
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.show_logs();
        }
        // Twice, for what was starting another while the first list was read.
        for _ in 0..2 {
            for pid in self.processes() {
                // It may have ended by itself meanwhile.
                kill_process(pid, Signal::KILL).ok();
            }
        }
    }
}

/// Path of a program that the same build made: beside the folder this test's own program lies in,
/// or in the folder that `VESTIBULE_PROGRAMS` names.
pub fn built(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = match std::env::var_os("VESTIBULE_PROGRAMS") {
        Some(folder) => PathBuf::from(folder),
        None => this
            .ancestors()
            .nth(2)
            .context("a test program lies in target/debug/deps")?
            .to_owned(),
    };
    let path = folder.join(name);
    anyhow::ensure!(
        path.exists(),
        "{} has not been built; `cargo xtask test e2e` builds it",
        path.display()
    );
    Ok(path)
}
