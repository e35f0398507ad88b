//! Notifications: one for each key, with buttons that work.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod platform;

use std::collections::HashMap;

use agent::controller::Handle;
use agent::menu::{Action, Window};
use agent::shell::Notification;
use tokio::sync::mpsc;

/// What is asked of the task that owns the notifications.
#[derive(Debug)]
enum Ask {
    Show(Notification),
    Withdraw(String),
}

/// The notifications of this program.
#[derive(Debug, Clone)]
pub(crate) struct Notices(mpsc::UnboundedSender<Ask>);

impl Notices {
    /// Buttons act on the agent.
    pub(crate) fn new(agent: Handle) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        tokio::spawn(run(asked, agent));
        Self(asks)
    }

    /// Shows it in place of any other with the same key.
    pub(crate) fn show(&self, notification: Notification) {
        // The task ends only with the program.
        let _ = self.0.send(Ask::Show(notification));
    }

    /// Takes the notification with this key away, if it still stands.
    pub(crate) fn withdraw(&self, key: String) {
        let _ = self.0.send(Ask::Withdraw(key));
    }
}

async fn run(mut asked: mpsc::UnboundedReceiver<Ask>, agent: Handle) {
    let mut standing = HashMap::new();
    while let Some(ask) = asked.recv().await {
        match ask {
            Ask::Show(notification) => {
                let key = notification.key.clone();
                let before = standing.remove(&key);
                if let Some(posted) = show(notification, before, &agent).await {
                    standing.insert(key, posted);
                }
            }
            Ask::Withdraw(key) => {
                if let Some(posted) = standing.remove(&key) {
                    posted.withdraw();
                }
            }
        }
    }
}

/// Posts it. Where its buttons cannot work, a window offers the same.
async fn show(
    notification: Notification,
    before: Option<platform::Posted>,
    agent: &Handle,
) -> Option<platform::Posted> {
    let window = window_for(&notification);
    let posted = platform::post(notification, before, agent.clone()).await;
    let buttons_work = posted.as_ref().is_ok_and(platform::Posted::has_buttons);
    if let Some(window) = window
        && !buttons_work
    {
        agent.act(Action::Show(window)).await;
    }
    posted
        .inspect_err(|error| tracing::warn!(%error, "a notification could not be shown"))
        .ok()
}

/// The window that offers what the notification's first button does.
fn window_for(notification: &Notification) -> Option<Window> {
    let (_, action) = notification.actions.first()?;
    match action {
        Action::SignIn { session }
        | Action::SignInAgain { session }
        | Action::Later { session }
        | Action::CancelSignIn { session } => Some(Window::SignIn {
            session: session.clone(),
        }),
        Action::Retry { .. }
        | Action::SignOut { .. }
        | Action::StopKeeping(_)
        | Action::TryDemonstration => Some(Window::Settings),
        Action::OpenConsole(_)
        | Action::OpenApplication { .. }
        | Action::CopyCredentials(_)
        | Action::CopyEndpoint(_)
        | Action::ToggleKept(_)
        | Action::ToggleFavourite(_) => Some(Window::Search),
        Action::RefuseCode(role) => Some(Window::MfaCode(role.clone())),
        Action::Show(window) => Some(window.clone()),
        Action::Quit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_buttons_the_sign_in_window_offers_to_sign_in() {
        let needed = |actions| Notification {
            key: "sign-in/main".into(),
            title: "Sign in to main".into(),
            body: String::new(),
            actions,
            urgent: true,
        };
        let session = "main".to_owned();
        let sign_in = Action::SignIn {
            session: session.clone(),
        };
        let window = window_for(&needed(vec![("Sign in".into(), sign_in)]));
        assert_eq!(window, Some(Window::SignIn { session }));
        assert_eq!(window_for(&needed(Vec::new())), None);
    }
}
