//! Which of the user's shells reads what we print.

use std::path::Path;

use agent::exports::Syntax;
use ipc::dirs::Env;

use crate::args::ShellName;

/// The syntax of the shell that was named, else of the one that runs this command, else of
/// `$SHELL`.
pub(crate) fn syntax(named: Option<ShellName>, env: Env<'_>) -> Syntax {
    match named {
        Some(ShellName::Sh | ShellName::Bash | ShellName::Zsh) => Syntax::Posix,
        Some(ShellName::Fish) => Syntax::Fish,
        Some(ShellName::Powershell) => Syntax::PowerShell,
        None => guess(
            platform::parent().as_deref(),
            env("SHELL").as_deref().map(Path::new),
        ),
    }
}

fn guess(parent: Option<&str>, login: Option<&Path>) -> Syntax {
    let known = |name: &str| match name {
        "fish" => Some(Syntax::Fish),
        "pwsh" | "powershell" => Some(Syntax::PowerShell),
        "sh" | "bash" | "zsh" | "dash" | "ksh" => Some(Syntax::Posix),
        _ => None,
    };
    let login = login
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let default = if cfg!(windows) {
        Syntax::PowerShell
    } else {
        Syntax::Posix
    };
    parent
        .and_then(known)
        .or(login.and_then(known))
        .unwrap_or(default)
}

#[cfg(unix)]
mod platform {
    /// Name of the program that runs this one, where the system tells: on Linux.
    pub(super) fn parent() -> Option<String> {
        let pid = rustix::process::getppid()?;
        let name = std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero())).ok()?;
        Some(name.trim_end().to_owned())
    }
}

#[cfg(windows)]
mod platform {
    pub(super) fn parent() -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_that_asks_comes_before_that_of_the_log_in() {
        let login = Some(Path::new("/usr/bin/fish"));
        assert_eq!(guess(Some("zsh"), login), Syntax::Posix);
        assert_eq!(guess(Some("pwsh"), login), Syntax::PowerShell);
        assert_eq!(guess(Some("make"), login), Syntax::Fish);
        assert_eq!(guess(None, login), Syntax::Fish);
    }
}
