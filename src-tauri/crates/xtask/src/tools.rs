//! The tests' tools that come from PyPI and npm, at pinned versions in a folder of their own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::run;
use crate::workspace;

/// The folder with the tools in it.
pub(crate) struct Tools {
    /// Holds `python/` (a virtual environment) and `node_modules/`.
    pub(crate) folder: PathBuf,
}

impl Tools {
    /// Installs whatever is not there at the pinned version.
    pub(crate) fn install() -> Result<Self> {
        let tools = Self { folder: folder()? };
        fs::create_dir_all(&tools.folder)?;
        let clients = workspace::root()?.join("tests/clients");
        once(&clients.join("requirements.txt"), &tools.folder, |pins| {
            tools.install_python(pins)
        })?;
        once(&clients.join("package-lock.json"), &tools.folder, |lock| {
            tools.install_npm(lock)
        })?;
        Ok(tools)
    }

    /// A program of the Python environment.
    pub(crate) fn python(&self, program: &str) -> PathBuf {
        self.folder.join("python/bin").join(program)
    }

    fn install_python(&self, requirements: &Path) -> Result<()> {
        let venv = self.folder.join("python");
        // The system's own: a venv of a version switcher breaks when the switch moves.
        let python = if Path::new("/usr/bin/python3").exists() {
            "/usr/bin/python3"
        } else {
            "python3"
        };
        run(Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&venv))?;
        run(Command::new(self.python("pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(requirements))
    }

    fn install_npm(&self, lock: &Path) -> Result<()> {
        for file in [lock, &lock.with_file_name("package.json")] {
            let name = file.file_name().context("a file has a name")?;
            fs::copy(file, self.folder.join(name))?;
        }
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&self.folder))
    }
}

/// Runs `install` unless it already succeeded for a `pins` file of the same text.
fn once(pins: &Path, folder: &Path, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let name = pins.file_name().context("a file has a name")?;
    let stamp = folder.join("installed").join(name);
    let wanted = fs::read(pins).with_context(|| format!("cannot read {}", pins.display()))?;
    if fs::read(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    install(pins)?;
    fs::create_dir_all(folder.join("installed"))?;
    Ok(fs::write(stamp, wanted)?)
}

/// `$VESTIBULE_CACHE`, else `vestibule-tools` in the platform's cache folder.
fn folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("VESTIBULE_CACHE") {
        return Ok(std::path::absolute(folder)?);
    }
    let cache = match env::var_os("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => {
            let home = PathBuf::from(env::var_os("HOME").context("HOME is not set")?);
            home.join(if cfg!(target_os = "macos") {
                "Library/Caches"
            } else {
                ".cache"
            })
        }
    };
    Ok(cache.join("vestibule-tools"))
}
