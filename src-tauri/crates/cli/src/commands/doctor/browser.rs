//! The browser that sign-ins and consoles open in.

use std::path::{Path, PathBuf};

use ipc::dirs::Env;
use ipc::message::Flow;

use super::finding::Finding;
use crate::sign_in::OPENERS;

const PART: &str = "browser";

pub(super) struct Facts {
    /// Who named one, and the command.
    named: Option<(&'static str, String)>,
    /// The program that would be started; `None` where it is not found.
    program: Option<PathBuf>,
    /// Whether a browser could come back to this machine.
    comes_back: bool,
}

impl Facts {
    pub(super) fn gather(chosen: Option<&str>, env: Env<'_>) -> Self {
        let variable = || env("BROWSER").and_then(|value| value.into_string().ok());
        let named = chosen
            .map(|command| ("the settings", command.to_owned()))
            .or_else(|| variable().map(|command| ("BROWSER", command)))
            .filter(|(_, command)| !command.trim().is_empty());
        let path = env("PATH").unwrap_or_default();
        let on_path = |program: &str| {
            let folders = std::env::split_paths(&path);
            let mut found = folders.map(|folder| folder.join(program));
            found.find(|program| program.is_file())
        };
        let program = match &named {
            Some((_, command)) => first_word(command).and_then(|word| match Path::new(&word) {
                path if path.components().count() > 1 => path.is_file().then(|| path.to_owned()),
                _ => on_path(&word),
            }),
            None => OPENERS.into_iter().find_map(on_path),
        };
        Self {
            comes_back: agent::browser::suitable_flow(chosen, env) == Flow::Pkce,
            named,
            program,
        }
    }
}

/// As a shell reads it.
fn first_word(command: &str) -> Option<String> {
    shlex::split(command)?.into_iter().next()
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let finding = match (&facts.named, &facts.program) {
        (Some((by, command)), None) => Finding::wrong(
            PART,
            format!("There is no program for “{command}”, which {by} names."),
            format!("Name another in {by}."),
        ),
        (_, Some(program)) if facts.comes_back => {
            Finding::ok(PART, format!("{} opens it.", program.display()))
        }
        (None, None) if cfg!(any(windows, target_os = "macos")) => {
            Finding::ok(PART, "The system opens its own.")
        }
        (None, None) if facts.comes_back => Finding::warning(
            PART,
            "No program that opens addresses is installed: one signs in with a code, and consoles \
             do not open.",
            "Install xdg-utils, or name a browser in the settings or in BROWSER.",
        ),
        _ => Finding::ok(
            PART,
            "None could come back to this machine: one signs in with a code, in any browser.",
        ),
    };
    vec![finding]
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::finding::Outcome;
    use super::*;

    fn found(chosen: Option<&str>, variables: &[(&str, &str)]) -> (Outcome, String) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("xdg-open"), "").unwrap();
        std::fs::write(folder.path().join("firefox"), "").unwrap();
        let env = |name: &str| {
            let value = variables.iter().find(|(variable, _)| *variable == name);
            match (name, value) {
                ("PATH", None) => Some(folder.path().as_os_str().to_owned()),
                (_, value) => value.map(|(_, value)| OsString::from(value)),
            }
        };
        let finding = check(&Facts::gather(chosen, &env)).remove(0);
        (finding.outcome, finding.message)
    }

    #[test]
    fn the_command_that_would_be_used_is_looked_for() {
        let desktop = ("DISPLAY", ":0");
        let (outcome, message) = found(None, &[desktop]);
        assert_eq!(outcome, Outcome::Ok);
        assert!(message.contains("xdg-open"), "{message}");
        let (outcome, message) = found(Some("firefox --new-tab %s"), &[desktop]);
        assert_eq!(outcome, Outcome::Ok);
        assert!(message.contains("firefox"), "{message}");
        let (outcome, message) = found(Some("netscape %s"), &[desktop]);
        assert_eq!(outcome, Outcome::Wrong);
        assert!(message.contains("the settings"), "{message}");
        let (outcome, message) = found(None, &[("BROWSER", "/nonexistent/b"), desktop]);
        assert_eq!(outcome, Outcome::Wrong);
        assert!(message.contains("BROWSER"), "{message}");
        assert_eq!(found(None, &[desktop, ("PATH", "")]).0, Outcome::Warning);
        let (outcome, message) = found(None, &[("SSH_TTY", "/dev/pts/0")]);
        assert_eq!(outcome, Outcome::Ok);
        assert!(message.contains("code"), "{message}");
    }
}
