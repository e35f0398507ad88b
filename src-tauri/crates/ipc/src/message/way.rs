//! How a client hands on what it is given.

use serde::{Deserialize, Serialize};

/// How what was asked for is handed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By a command, to its terminal or a pipe.
    #[default]
    Command,
    /// By a command that one of AWS's tools runs: `credential_process`.
    CredentialProcess,
    /// By `vestibule env`, for a shell to take in.
    Env,
    /// In the environment of a command, by `vestibule exec`.
    Exec,
    /// In the environment of a shell, by `vestibule shell`.
    Shell,
    /// By the container endpoint.
    Endpoint,
    /// As static keys in the AWS credentials file.
    StaticKeys,
    /// As a token in the cache that AWS's tools share.
    SsoSession,
    /// By a click in the tray or in a window.
    Tray,
    /// In the clipboard.
    Clipboard,
}
