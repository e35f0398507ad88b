//! The user's settings: one TOML file.

use serde::{Deserialize, Serialize};

/// How a session's consoles are opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleLink {
    /// By a federation URL, which works in any browser.
    #[default]
    Federation,
    /// By the portal's shortcut link, which holds no secret and needs a portal session in the browser.
    Shortcut,
}
