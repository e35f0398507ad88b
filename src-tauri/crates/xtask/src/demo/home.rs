//! The one folder that holds everything of a demonstration, and the environment that points there.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A Unix socket's path may have 107 bytes; `run/vestibule/agent.sock` comes after the folder.
const LONGEST_FOLDER: usize = 107 - "/run/vestibule/agent.sock".len();

/// The settings a demonstration begins with. Its keyring entries stand apart from the user's own.
const SETTINGS: &str = "version = 1\nkeyring_service = \"vestibule-demo\"\n";

/// Where the session bus is.
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// A demonstration's folder.
pub(crate) struct Home {
    folder: PathBuf,
    programs: PathBuf,
    /// For everything the user may run, too.
    shared: Vec<(&'static str, OsString)>,
    /// For our own programs only: the user's desktop, found again from another runtime folder.
    desktop: Vec<(&'static str, OsString)>,
}

impl Home {
    /// Opens or creates the folder: `folder`, else `name` in the user's data folder.
    pub(crate) fn open(folder: Option<&Path>, name: &str, programs: &Path) -> Result<Self> {
        let folder = match folder {
            Some(folder) => std::path::absolute(folder)?,
            None => data_folder()?.join(name),
        };
        ensure!(
            folder.as_os_str().len() <= LONGEST_FOLDER,
            "{} is too long a path for the agent's socket; name a shorter one with --data",
            folder.display()
        );
        let shared = [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("AWS_CONFIG_FILE", "aws/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "aws/credentials"),
        ]
        .map(|(variable, path)| (variable, folder.join(path).into_os_string()))
        .to_vec();
        let home = Self {
            folder,
            programs: programs.to_owned(),
            shared,
            desktop: desktop(),
        };
        home.create()?;
        Ok(home)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// One of our programs, in the demonstration's environment.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        keep_from_terminal(&mut command);
        command
            .envs(self.shared.iter().map(|(name, value)| (name, value)))
            .envs(self.desktop.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Folder of our programs.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// What a shell must export to be in the demonstration.
    pub(crate) fn exports(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.shared
            .iter()
            .map(|(name, value)| (*name, value.to_string_lossy().into_owned()))
    }

    /// Whether there is a session bus, which the tray on Linux stands on.
    pub(crate) fn has_bus(&self) -> bool {
        let named = |(name, _): &(&str, OsString)| *name == BUS;
        let set = env::var_os(BUS).is_some_and(|address| !address.is_empty());
        !cfg!(target_os = "linux") || set || self.desktop.iter().any(named)
    }

    fn create(&self) -> Result<()> {
        for folder in ["config/vestibule", "data", "cache", "run", "aws"] {
            let path = self.folder.join(folder);
            fs::create_dir_all(&path)
                .with_context(|| format!("cannot create {}", path.display()))?;
        }
        make_private(&self.folder.join("run"))?;
        let settings = self.folder.join("config/vestibule/settings.toml");
        if !settings.exists() {
            fs::write(settings, SETTINGS)?;
        }
        Ok(())
    }
}

/// Ctrl-C is for the demonstration, which then stops its programs in order.
#[cfg(unix)]
fn keep_from_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn keep_from_terminal(_command: &mut Command) {}

#[cfg(unix)]
fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o700),
    )?)
}

#[cfg(not(unix))]
fn make_private(_folder: &Path) -> Result<()> {
    Ok(())
}

fn data_folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("XDG_DATA_HOME") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = env::var_os("LOCALAPPDATA") {
        return Ok(PathBuf::from(folder));
    }
    let home = PathBuf::from(env::var_os("HOME").context("HOME is not set")?);
    Ok(home.join(".local/share"))
}

/// The session bus and the Wayland socket, which are found by way of the runtime folder.
fn desktop() -> Vec<(&'static str, OsString)> {
    let Some(runtime) = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) else {
        return Vec::new();
    };
    let mut variables = Vec::new();
    let bus = runtime.join("bus");
    if env::var_os(BUS).is_none() && bus.exists() {
        let mut address = OsString::from("unix:path=");
        address.push(bus);
        variables.push((BUS, address));
    }
    if let Some(display) = env::var_os("WAYLAND_DISPLAY") {
        // An absolute path stays as it is.
        variables.push(("WAYLAND_DISPLAY", runtime.join(display).into_os_string()));
    }
    variables
}
