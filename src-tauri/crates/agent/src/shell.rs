//! What a desktop must offer. The tray implements it, so do the headless agent and the tests.

use secrecy::SecretString;

use crate::menu::{Action, Menu, Window};

/// A desktop, driven by the [`Controller`](crate::controller::Controller) from its own task:
/// no method may block.
pub trait Shell: Send + 'static {
    /// Draws icon and menu; called only when they changed.
    fn draw(&mut self, menu: &Menu);

    /// Shows a notification in place of any other with the same key.
    fn notify(&mut self, notification: Notification);

    /// Takes the notification with this key away, if it still stands.
    fn withdraw(&mut self, key: &str);

    /// Opens the URL in the user's browser. It may be a federation login and is secret:
    /// it must reach nothing but the browser.
    ///
    /// # Errors
    /// No browser could be started.
    fn open(&mut self, url: SecretString) -> Result<(), OpenError>;

    /// Opens a window, or brings it to the front.
    fn show(&mut self, window: Window);

    /// Whether a notification or a window reaches the user, who may then enter something.
    fn reaches_user(&self) -> bool {
        true
    }

    /// Puts the text into the clipboard, marked secret, and clears it after 60 s if still there.
    fn copy(&mut self, text: SecretString);

    /// The user's choice of browser changed: a command with `%s` for the URL, or `None`.
    fn set_browser(&mut self, command: Option<&str>);

    /// Starts the demonstration beside this program.
    fn try_demonstration(&mut self);

    /// The user wants the program to end.
    fn quit(&mut self);
}

/// A message to the user outside any window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// One thing has one key: a second notification with it takes the first one's place.
    pub key: String,
    /// One short line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// Buttons: label and what it asks for.
    pub actions: Vec<(String, Action)>,
    /// Whether it stands until the user dealt with it.
    pub urgent: bool,
}

/// No browser could be started.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The command of the settings or of `$BROWSER` is no command line.
    #[error("the browser command cannot be read: a quote is left open, or it is empty")]
    Command,
    /// None of the programs started that the system opens addresses with.
    #[error("no browser could be started")]
    NoneStarted,
    /// The program could not be started.
    #[error("the browser could not be started: {0}")]
    Start(#[from] std::io::Error),
}
