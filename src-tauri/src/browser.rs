//! Opens addresses in the user's browser, with this process's environment.

use agent::shell::OpenError;
use secrecy::SecretString;

/// What a user can do when no browser can be started.
pub(crate) const NEXT_STEP: &str = "Set the browser's command in Vestibule's settings.";

/// Opens the URL with the command of the settings, else as [`agent::browser::open`] does.
///
/// # Errors
/// No browser could be started.
pub(crate) fn open(command: Option<&str>, url: &SecretString) -> Result<(), OpenError> {
    agent::browser::open(command, &|name| std::env::var_os(name), url)
}
