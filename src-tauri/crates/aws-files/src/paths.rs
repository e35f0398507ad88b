//! Where AWS's files are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The places AWS's tools read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `$AWS_CONFIG_FILE`, else `~/.aws/config`.
    pub config: PathBuf,
    /// `$AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    pub credentials: PathBuf,
    /// `~/.aws/sso/cache`, which no variable moves.
    pub token_cache: PathBuf,
}

/// Neither `HOME` nor `USERPROFILE` says where the user's files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory: HOME is not set")]
pub struct NoHome;

impl Paths {
    /// Resolves the paths from an environment lookup, as botocore does: an empty variable counts
    /// as unset and a leading `~` is the home directory.
    ///
    /// # Errors
    /// [`NoHome`] where the environment names no home directory.
    pub fn from_env(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, NoHome> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let home = HOME
            .iter()
            .find_map(|name| set(name))
            .map(PathBuf::from)
            .ok_or(NoHome)?;
        let folder = home.join(".aws");
        let file = |variable: &str, name: &str| match set(variable) {
            Some(value) => expand(Path::new(&value), &home),
            None => folder.join(name),
        };
        Ok(Self {
            config: file("AWS_CONFIG_FILE", "config"),
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            token_cache: folder.join("sso").join("cache"),
        })
    }
}

/// The variables Python's `expanduser` reads, in its order.
const HOME: &[&str] = if cfg!(windows) {
    &["USERPROFILE", "HOME"]
} else {
    &["HOME", "USERPROFILE"]
};

fn expand(path: &Path, home: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => home.join(rest),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(variables: &[(&str, &str)]) -> Result<Paths, NoHome> {
        Paths::from_env(&|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn home_holds_everything_by_default() {
        let expected = Paths {
            config: "/home/a/.aws/config".into(),
            credentials: "/home/a/.aws/credentials".into(),
            token_cache: "/home/a/.aws/sso/cache".into(),
        };
        assert_eq!(paths(&[("HOME", "/home/a")]), Ok(expected.clone()));
        assert_eq!(
            paths(&[("HOME", ""), ("USERPROFILE", "/home/a")]),
            Ok(expected)
        );
    }

    #[test]
    fn the_variables_move_the_files_but_not_the_token_cache() {
        let found = paths(&[
            ("HOME", "/home/a"),
            ("AWS_CONFIG_FILE", "/elsewhere/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "~/creds"),
        ])
        .unwrap();
        assert_eq!(found.config, Path::new("/elsewhere/config"));
        assert_eq!(found.credentials, Path::new("/home/a/creds"));
        assert_eq!(found.token_cache, Path::new("/home/a/.aws/sso/cache"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let found = paths(&[("HOME", "/home/a"), ("AWS_CONFIG_FILE", "")]).unwrap();
        assert_eq!(found.config, Path::new("/home/a/.aws/config"));
    }

    #[test]
    fn no_home_is_an_error() {
        assert_eq!(paths(&[]), Err(NoHome));
    }
}
