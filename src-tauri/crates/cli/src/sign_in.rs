//! How to sign in from here, and what the user reads meanwhile.

use std::io;
use std::path::Path;

use ipc::dirs::Env;
use ipc::message::{Flow, Progress};

use crate::output::{BOLD, Output};

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) flow: Flow,
    /// Whether the agent opens a browser.
    pub(crate) open: bool,
}

/// A code is confirmed in any browser where the user asks for it, and where no browser can come
/// back to this machine, as the agent judges by this command's environment, or none is installed.
pub(crate) fn way(device: bool, env: Env<'_>, is_program: &dyn Fn(&Path) -> bool) -> Way {
    let comes_back = agent::browser::suitable_flow(None, env) == Flow::Pkce;
    let open = comes_back && finds_browser(env, is_program);
    let flow = if device || !open {
        Flow::Device
    } else {
        Flow::Pkce
    };
    Way { flow, open }
}

/// Tells the user what to do for a step of the sign-in.
pub(crate) fn show(progress: &Progress, opened: bool, output: &mut Output) -> io::Result<()> {
    let open = if opened {
        "If no browser opens, go to"
    } else {
        "Open this address in a browser"
    };
    match progress {
        Progress::OpenUrl { url } => output.hint(format_args!("{open}:\n  {url}")),
        Progress::DeviceCode {
            verification_uri_complete,
            user_code,
            ..
        } => output.hint(format_args!(
            "{open}:\n  {verification_uri_complete}\nand confirm the code {BOLD}{user_code}{BOLD:#}"
        )),
        // It is no part of a sign-in, and asked for where one waits for credentials.
        Progress::MfaCode(_) => Ok(()),
    }
}

/// The address a step of the sign-in waits at.
pub(crate) fn address(progress: &Progress) -> Option<&url::Url> {
    match progress {
        Progress::OpenUrl { url } => Some(url),
        Progress::DeviceCode {
            verification_uri_complete,
            ..
        } => Some(verification_uri_complete),
        Progress::MfaCode(_) => None,
    }
}

/// The code that the page there shows, too.
pub(crate) fn code(progress: &Progress) -> Option<&str> {
    match progress {
        Progress::DeviceCode { user_code, .. } => Some(user_code),
        Progress::OpenUrl { .. } | Progress::MfaCode(_) => None,
    }
}

/// The programs that the agent tries in turn on Linux to open an address.
pub(crate) const OPENERS: [&str; 4] = ["xdg-open", "gio", "gnome-open", "kde-open"];

/// Whether there is a `$BROWSER`, or one of [`OPENERS`].
fn finds_browser(env: Env<'_>, is_program: &dyn Fn(&Path) -> bool) -> bool {
    if cfg!(any(target_os = "macos", windows))
        || env("BROWSER").is_some_and(|value| !value.is_empty())
    {
        return true;
    }
    let path = env("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        OPENERS
            .iter()
            .any(|opener| is_program(&folder.join(opener)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: Way = Way {
        flow: Flow::Device,
        open: false,
    };
    const PKCE: Way = Way {
        flow: Flow::Pkce,
        open: true,
    };

    fn way_with(device: bool, variables: &[&str]) -> Way {
        let env = |name: &str| match name {
            "PATH" => Some("/bin:/usr/bin".into()),
            _ => variables.contains(&name).then(|| "x".into()),
        };
        way(device, &env, &|path| path == Path::new("/usr/bin/xdg-open"))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_desktop_signs_in_by_pkce_unless_asked() {
        assert_eq!(way_with(false, &["DISPLAY"]), PKCE);
        assert_eq!(way_with(false, &["WAYLAND_DISPLAY"]), PKCE);
        let asked = Way {
            flow: Flow::Device,
            open: true,
        };
        assert_eq!(way_with(true, &["DISPLAY"]), asked);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_machine_without_display_or_opener_needs_a_code() {
        assert_eq!(way_with(false, &[]), DEVICE);
        let env = |name: &str| (name == "DISPLAY").then(|| ":0".into());
        assert_eq!(way(false, &env, &|_| false), DEVICE);
    }

    #[test]
    fn a_machine_reached_from_elsewhere_needs_a_code() {
        for variable in ["SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME"] {
            assert_eq!(
                way_with(false, &["DISPLAY", variable]),
                DEVICE,
                "{variable}"
            );
        }
    }

    #[test]
    fn a_browser_of_the_users_counts_everywhere() {
        assert_eq!(way_with(false, &["BROWSER", "SSH_CONNECTION"]), PKCE);
    }
}
