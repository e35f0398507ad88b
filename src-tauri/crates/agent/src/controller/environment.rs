//! What the controller is given of the world around it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipc::dirs::NoHome;

use crate::clock::{Clock, WallClock};
use crate::paths::Paths;

/// Looks up a variable of the environment.
pub type Lookup = Arc<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// Files, time, variables and the command's own path: all parameters, so that tests bring theirs.
#[derive(Clone)]
pub struct Environment {
    /// Where files are.
    pub paths: Paths,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Variables: `BROWSER`, `SSH_CONNECTION`, `DISPLAY` and their like.
    pub env: Lookup,
    /// Absolute path of the command `vestibule`, to be named in profiles.
    pub program: PathBuf,
}

impl Environment {
    /// The real one: this process's variables and the system's clock. The command is looked for
    /// beside the running program.
    ///
    /// # Errors
    /// The environment names no home folder.
    pub fn from_process() -> Result<Self, NoHome> {
        let env: Lookup = Arc::new(|name| std::env::var_os(name));
        Ok(Self {
            paths: Paths::from_env(&*env)?,
            clock: Arc::new(WallClock),
            env,
            program: command_beside(&std::env::current_exe().unwrap_or_default()),
        })
    }
}

fn command_beside(running: &Path) -> PathBuf {
    let command = running.with_file_name(format!("vestibule{}", std::env::consts::EXE_SUFFIX));
    if command.is_file() {
        command
    } else {
        running.to_owned()
    }
}
