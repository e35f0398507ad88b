//! Notifications through D-Bus.

use std::time::Duration;

use agent::controller::Handle;
use agent::menu::Action;
use agent::shell::Notification;
use notify_rust::{Hint, NotificationHandle, NotificationResponse, Timeout, Urgency};
use tokio::sync::oneshot;

/// A server that vanishes tells nobody: after this nobody listens for a button any more.
const STANDS: Duration = Duration::from_secs(24 * 60 * 60);

/// A notification on the desktop. Dropped, it stays there, and nobody listens to its buttons.
#[derive(Debug)]
pub(super) struct Posted {
    id: u32,
    has_buttons: bool,
    withdraw: oneshot::Sender<()>,
}

impl Posted {
    /// Whether the user can press the buttons.
    pub(super) fn has_buttons(&self) -> bool {
        self.has_buttons
    }

    /// Takes it away.
    pub(super) fn withdraw(self) {
        // Whoever waited is gone once the user closed it.
        let _ = self.withdraw.send(());
    }
}

/// Posts it in the place of the one before.
pub(super) async fn post(
    notification: Notification,
    before: Option<Posted>,
    agent: Handle,
) -> anyhow::Result<Posted> {
    let server = tokio::task::spawn_blocking(notify_rust::get_capabilities).await??;
    let can = |what: &str| server.iter().any(|capability| capability == what);
    let mut shown = draft(&notification, can("actions"), can("body-markup"));
    if let Some(before) = before {
        shown.id(before.id);
    }
    let handle = shown.show_async().await?;
    let (withdraw, withdrawn) = oneshot::channel();
    let posted = Posted {
        id: handle.id(),
        has_buttons: can("actions"),
        withdraw,
    };
    let actions = notification.actions.into_iter().map(|(_, action)| action);
    tokio::spawn(stand(handle, withdrawn, actions.collect(), agent));
    Ok(posted)
}

fn draft(from: &Notification, actions: bool, markup: bool) -> notify_rust::Notification {
    let mut draft = notify_rust::Notification::new();
    let body = if markup {
        escape(&from.body)
    } else {
        from.body.clone()
    };
    draft
        .appname("Vestibule")
        .icon("vestibule")
        .hint(Hint::DesktopEntry("vestibule".into()))
        .summary(&from.title)
        .body(&body);
    if from.urgent {
        draft.urgency(Urgency::Critical).timeout(Timeout::Never);
    }
    if actions {
        for (index, (label, _)) in from.actions.iter().enumerate() {
            draft.action(&index.to_string(), label);
        }
        if let Some((label, _)) = from.actions.first() {
            draft.action("default", label);
        }
    }
    draft
}

/// Waits for a button, for the withdrawal, or for another to take this one's place.
async fn stand(
    handle: NotificationHandle,
    withdrawn: oneshot::Receiver<()>,
    actions: Vec<Action>,
    agent: Handle,
) {
    let mut pressed = None;
    let press = |response: &NotificationResponse| pressed = index(response);
    tokio::select! {
        () = handle.wait_for_action_async(press) => {}
        asked = withdrawn => if asked.is_ok() { handle.close_async().await },
        () = tokio::time::sleep(STANDS) => {}
    }
    if let Some(action) = pressed.and_then(|index| actions.into_iter().nth(index)) {
        agent.act(action).await;
    }
}

/// Which button; a click on the notification itself is the first.
fn index(response: &NotificationResponse) -> Option<usize> {
    match response {
        NotificationResponse::Default => Some(0),
        NotificationResponse::Action(name) => name.parse().ok(),
        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
    }
}

/// Names of portals and accounts are text, whatever characters are in them.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_stays_text() {
        assert_eq!(escape("R&D <prod>"), "R&amp;D &lt;prod&gt;");
    }

    #[test]
    fn a_click_on_the_notification_is_its_first_button() {
        assert_eq!(index(&NotificationResponse::Default), Some(0));
        assert_eq!(index(&NotificationResponse::Action("1".into())), Some(1));
        assert_eq!(index(&NotificationResponse::Action("else".into())), None);
    }
}
