//! The tray's menu as data: what is shown, and what a click asks for. Drawing it is the [`Shell`]'s.
//!
//! [`Shell`]: crate::shell::Shell

mod accounts;
mod build;
#[cfg(test)]
mod tests;

pub use build::menu;

use serde::{Deserialize, Serialize};

/// The tray icon, its tooltip and its menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Which icon stands in the tray.
    pub icon: Icon,
    /// One line, shown when the pointer rests on the icon.
    pub tooltip: String,
    /// Top to bottom; at most 20 items and submenus a level.
    pub entries: Vec<Entry>,
}

/// The state the icon tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// No session is signed in.
    SignedOut,
    /// At least one is.
    SignedIn,
    /// A sign-in or a listing is under way.
    Busy,
    /// Something waits for the user.
    Attention,
}

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Something to read or to click.
    Item(Item),
    /// A menu of its own.
    Submenu {
        /// Its title.
        title: String,
        /// Its entries.
        entries: Vec<Entry>,
    },
    /// A thin line.
    Separator,
}

/// A line to read or to click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its text.
    pub title: String,
    /// What a click asks for; without one the item is shown disabled.
    pub action: Option<Action>,
    /// A check mark, where the item is one that can be checked.
    pub checked: Option<bool>,
}

/// What a user can ask for by one click, in the menu or on a notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sign in, in the way that suits this machine.
    SignIn {
        /// Name of the session.
        session: String,
    },
    /// End the session that ends soon anyway, then sign in.
    SignInAgain {
        /// Name of the session.
        session: String,
    },
    /// Say no more of the session's end until it has come.
    Later {
        /// Name of the session.
        session: String,
    },
    /// Give up the sign-in that is under way.
    CancelSignIn {
        /// Name of the session.
        session: String,
    },
    /// Sign out and forget the tokens.
    SignOut {
        /// Name of the session.
        session: String,
    },
    /// Open the console in the browser.
    OpenConsole(RoleId),
    /// Open an application in the browser.
    OpenApplication {
        /// Name of the session.
        session: String,
        /// Names the application within the portal.
        id: String,
    },
    /// Put the role's credentials into the clipboard.
    CopyCredentials(RoleId),
    /// Serve the role to one client on 127.0.0.1, and put what that client must be told into the
    /// clipboard.
    CopyEndpoint(RoleId),
    /// Write a profile that asks Vestibule for the role, and keep its credentials fresh, or stop
    /// doing so.
    ToggleKept(RoleId),
    /// Stop keeping the role fresh in any way.
    StopKeeping(RoleId),
    /// Make the role a favourite, or no longer.
    ToggleFavourite(RoleId),
    /// Try at once what kept failing.
    Retry {
        /// Name of the session.
        session: String,
    },
    /// Have no code asked for the role until the user wants it.
    RefuseCode(RoleId),
    /// Open a window.
    Show(Window),
    /// Start the demonstration.
    TryDemonstration,
    /// End the program.
    Quit,
}

/// A role of an account, as one session sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleId {
    /// Name of the session.
    pub session: String,
    /// Twelve digits.
    pub account_id: String,
    /// Role (permission set) name.
    pub role_name: String,
}

/// A window of the desktop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Window {
    /// Find an account or role by typing.
    Search,
    /// Portals, browser, autostart.
    Settings,
    /// The code of an MFA device for a chained role.
    MfaCode(RoleId),
    /// The device code of a sign-in under way.
    SignIn {
        /// Name of the session.
        session: String,
    },
}
