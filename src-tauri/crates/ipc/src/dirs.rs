//! The folders that the socket's two ends must agree on.

use std::ffi::OsString;
use std::path::PathBuf;

/// Looks up a variable of the environment; a parameter, so that tests bring their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The environment names no home folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the home folder is unknown: set {HOME}")]
pub struct NoHome;

#[cfg(windows)]
const HOME: &str = "USERPROFILE";
#[cfg(not(windows))]
const HOME: &str = "HOME";

/// The user's home folder: `HOME`, on Windows `USERPROFILE`.
///
/// # Errors
/// The variable is unset or empty.
pub fn home(env: Env<'_>) -> Result<PathBuf, NoHome> {
    absolute(env, HOME).ok_or(NoHome)
}

/// Folder of what Vestibule remembers: `$XDG_DATA_HOME/vestibule`, else the platform's own place.
///
/// # Errors
/// [`NoHome`].
pub fn data(env: Env<'_>) -> Result<PathBuf, NoHome> {
    let platform = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else if cfg!(windows) {
        "AppData/Local"
    } else {
        ".local/share"
    };
    based(env, "XDG_DATA_HOME", platform)
}

/// Folder of the socket and the lock: `$XDG_RUNTIME_DIR/vestibule`, else `run` in the data folder.
///
/// # Errors
/// [`NoHome`].
pub fn runtime(env: Env<'_>) -> Result<PathBuf, NoHome> {
    match absolute(env, "XDG_RUNTIME_DIR") {
        Some(base) => Ok(base.join("vestibule")),
        None => Ok(data(env)?.join("run")),
    }
}

/// `vestibule` under the folder that `variable` names, else under `fallback` in the home folder.
/// A relative path in the variable is ignored, as the XDG base directory specification demands.
///
/// # Errors
/// [`NoHome`].
pub fn based(env: Env<'_>, variable: &str, fallback: &str) -> Result<PathBuf, NoHome> {
    let base = match absolute(env, variable) {
        Some(base) => base,
        None => home(env)?.join(fallback),
    };
    Ok(base.join("vestibule"))
}

fn absolute(env: Env<'_>, variable: &str) -> Option<PathBuf> {
    env(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(variables: &[(&str, &str)]) -> (Result<PathBuf, NoHome>, Result<PathBuf, NoHome>) {
        let env = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };
        (data(&env), runtime(&env))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn variables_decide_where_they_are_absolute() {
        let path = |text: &str| Ok(PathBuf::from(text));
        let home = ("HOME", "/home/ana");
        for (variables, expected_data, expected_runtime) in [
            (
                vec![home],
                "/home/ana/.local/share/vestibule",
                "/home/ana/.local/share/vestibule/run",
            ),
            (
                vec![home, ("XDG_RUNTIME_DIR", "/run/1")],
                "/home/ana/.local/share/vestibule",
                "/run/1/vestibule",
            ),
            (
                vec![home, ("XDG_RUNTIME_DIR", "run")],
                "/home/ana/.local/share/vestibule",
                "/home/ana/.local/share/vestibule/run",
            ),
            (
                vec![("XDG_DATA_HOME", "/d")],
                "/d/vestibule",
                "/d/vestibule/run",
            ),
        ] {
            assert_eq!(
                folders(&variables),
                (path(expected_data), path(expected_runtime)),
                "{variables:?}"
            );
        }
        assert_eq!(folders(&[("HOME", "")]), (Err(NoHome), Err(NoHome)));
    }
}
