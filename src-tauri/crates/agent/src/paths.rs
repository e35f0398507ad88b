//! Every file the agent reads or writes, from the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use ipc::dirs::{self, NoHome};

/// The agent's files and those of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `settings.toml`, in `$XDG_CONFIG_HOME/vestibule`.
    pub settings: PathBuf,
    /// `state.json`, in `$XDG_DATA_HOME/vestibule`: favourites, recents, kept roles, learned session ends.
    pub state: PathBuf,
    /// Folder of the journal, in `$XDG_DATA_HOME/vestibule`.
    pub journal: PathBuf,
    /// Folder of the catalogs, one file a session, in `$XDG_CACHE_HOME/vestibule`.
    pub catalogs: PathBuf,
    /// Folder of the lock, mode 0700.
    pub runtime: PathBuf,
    /// The socket.
    pub socket: PathBuf,
    /// The files of AWS's own tools.
    pub aws: aws_files::Paths,
}

impl Paths {
    /// The paths that this environment asks for.
    ///
    /// # Errors
    /// It names no home folder.
    pub fn from_env(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, NoHome> {
        let (config, cache) = if cfg!(target_os = "macos") {
            ("Library/Application Support", "Library/Caches")
        } else if cfg!(windows) {
            ("AppData/Roaming", "AppData/Local/Temp")
        } else {
            (".config", ".cache")
        };
        Ok(Self {
            settings: dirs::based(env, "XDG_CONFIG_HOME", config)?.join("settings.toml"),
            state: dirs::data(env)?.join("state.json"),
            journal: dirs::data(env)?.join("journal"),
            catalogs: dirs::based(env, "XDG_CACHE_HOME", cache)?.join("catalogs"),
            runtime: dirs::runtime(env)?,
            socket: ipc::socket::path(env)?,
            aws: aws_files::Paths::from_env(env).map_err(|_| NoHome)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_decide_and_relative_ones_do_not_count() {
        let env = |name: &str| match name {
            "HOME" => Some(OsString::from("/home/ana")),
            "XDG_CONFIG_HOME" => Some(OsString::from("/etc/ana")),
            "XDG_DATA_HOME" => Some(OsString::from("relative")),
            "AWS_CONFIG_FILE" => Some(OsString::from("/srv/aws")),
            _ => None,
        };
        let paths = Paths::from_env(&env).unwrap();
        assert_eq!(
            paths.settings,
            PathBuf::from("/etc/ana/vestibule/settings.toml")
        );
        assert_eq!(paths.aws.config, PathBuf::from("/srv/aws"));
        if cfg!(target_os = "linux") {
            let data = PathBuf::from("/home/ana/.local/share/vestibule");
            assert_eq!(paths.state, data.join("state.json"));
            assert_eq!(paths.socket, data.join("run/agent.sock"));
        }
        assert!(Paths::from_env(&|_| None).is_err());
    }
}
