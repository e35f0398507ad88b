//! Opening a URL in the user's browser, and whether one can be reached from here at all.

use std::ffi::OsString;
use std::io;
use std::process::{Command, Stdio};

use ipc::message::Flow;
use secrecy::{ExposeSecret, SecretString};

use crate::shell::OpenError;

/// Opens the URL with the command of the settings, else with `$BROWSER`, else as the system does.
/// A command is split as a shell would; `%s` becomes the URL, which else comes last.
///
/// # Errors
/// The command cannot be read, or no program started.
pub fn open(
    command: Option<&str>,
    env: &dyn Fn(&str) -> Option<OsString>,
    url: &SecretString,
) -> Result<(), OpenError> {
    let Some(command) = command.map(str::to_owned).or_else(|| variable(env)) else {
        return as_the_system_does(url, |url| open::that_detached(url));
    };
    let words = words(&command, url.expose_secret())?;
    let (program, arguments) = words.split_first().ok_or(OpenError::Command)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Waited for on a thread of its own, lest it stays behind as a zombie.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// How to sign in on this machine: with a device code where no browser here could come back to a
/// port of ours (SSH, WSL, no display). A browser that someone named counts as one that can.
#[must_use]
pub fn suitable_flow(command: Option<&str>, env: &dyn Fn(&str) -> Option<OsString>) -> Flow {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    if is_named(command, env) {
        return Flow::Pkce;
    }
    let remote = set("SSH_CONNECTION") || set("SSH_TTY") || set("WSL_DISTRO_NAME");
    let needs_display = cfg!(all(unix, not(target_os = "macos")));
    let no_display = needs_display && !set("DISPLAY") && !set("WAYLAND_DISPLAY");
    if remote || no_display {
        Flow::Device
    } else {
        Flow::Pkce
    }
}

/// Whether the user named a browser, in the settings or by `$BROWSER`.
pub(crate) fn is_named(command: Option<&str>, env: &dyn Fn(&str) -> Option<OsString>) -> bool {
    command.is_some() || variable(env).is_some()
}

/// What an opener says of its failure names its whole command, and so the address.
fn as_the_system_does(
    url: &SecretString,
    open: impl FnOnce(&str) -> io::Result<()>,
) -> Result<(), OpenError> {
    open(url.expose_secret()).map_err(|_| OpenError::NoneStarted)
}

fn variable(env: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
    env("BROWSER")
        .and_then(|value| value.into_string().ok())
        .filter(|value| !value.trim().is_empty())
}

fn words(command: &str, url: &str) -> Result<Vec<String>, OpenError> {
    let mut words = shlex::split(command).ok_or(OpenError::Command)?;
    if words.is_empty() {
        return Err(OpenError::Command);
    }
    if words.iter().any(|word| word.contains("%s")) {
        words
            .iter_mut()
            .for_each(|word| *word = word.replace("%s", url));
    } else {
        words.push(url.to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_a_shell_would() {
        for (command, expected) in [
            ("firefox", vec!["firefox", "U"]),
            ("firefox --new-tab %s", vec!["firefox", "--new-tab", "U"]),
            (
                "'/opt/my browser' \"--at=%s\" x",
                vec!["/opt/my browser", "--at=U", "x"],
            ),
        ] {
            assert_eq!(words(command, "U").unwrap(), expected);
        }
        for command in ["", "  ", "firefox 'x"] {
            assert!(
                matches!(words(command, "U"), Err(OpenError::Command)),
                "{command:?}"
            );
        }
    }

    #[test]
    fn what_an_opener_says_of_its_failure_is_not_told() {
        let fails = |url: &str| {
            Err(io::Error::other(format!(
                "Launcher \"xdg-open {url}\" failed"
            )))
        };
        let error = as_the_system_does(&"https://signin?SigninToken=t".into(), fails).unwrap_err();
        let told = crate::failure::no_browser(&error);
        assert_eq!(told.message, "No browser could be started.");
        assert!(!format!("{error:?}").contains("SigninToken"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_code_where_no_browser_comes_back() {
        let flow = |variables: &[&str]| {
            let env = |name: &str| variables.contains(&name).then(|| OsString::from("x"));
            suitable_flow(None, &env)
        };
        assert_eq!(flow(&["DISPLAY"]), Flow::Pkce);
        assert_eq!(flow(&["WAYLAND_DISPLAY"]), Flow::Pkce);
        assert_eq!(flow(&[]), Flow::Device);
        assert_eq!(flow(&["DISPLAY", "SSH_CONNECTION"]), Flow::Device);
        assert_eq!(flow(&["DISPLAY", "WSL_DISTRO_NAME"]), Flow::Device);
        assert_eq!(flow(&["BROWSER", "SSH_CONNECTION"]), Flow::Pkce);
        assert_eq!(suitable_flow(Some("firefox"), &|_| None), Flow::Pkce);
    }
}
