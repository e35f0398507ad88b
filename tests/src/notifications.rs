//! The desktop's side of notifications: reads every one and presses its buttons.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};
use tokio::sync::watch;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use crate::bus::Bus;
use crate::eventually;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Reasons of a closed notification: by the user, by the program that sent it.
const DISMISSED: u32 = 2;
const CLOSED_BY_PROGRAM: u32 = 3;

/// A notification server that shows nothing.
pub struct Notifications {
    connection: Connection,
    board: watch::Receiver<Board>,
}

/// What stands and what ever stood.
#[derive(Debug, Clone, Default)]
struct Board {
    standing: BTreeMap<u32, Notification>,
    sent: Vec<Notification>,
}

/// A notification as it was sent.
#[derive(Debug, Clone)]
pub struct Notification {
    id: u32,
    /// First line.
    pub summary: String,
    /// The rest.
    pub body: String,
    /// Its buttons: identifier and label.
    pub actions: Vec<(String, String)>,
}

struct Server {
    board: watch::Sender<Board>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _program: &str,
        replaces: u32,
        _icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut id = replaces;
        self.board.send_modify(|board| {
            if id == 0 {
                id = u32::try_from(board.sent.len()).unwrap_or(u32::MAX - 1) + 1;
            }
            let notification = Notification {
                id,
                summary,
                body,
                actions: actions
                    .chunks_exact(2)
                    .map(|pair| (pair[0].clone(), pair[1].clone()))
                    .collect(),
            };
            board.sent.push(notification.clone());
            board.standing.insert(id, notification);
        });
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(connection)] connection: &Connection,
    ) -> zbus::fdo::Result<()> {
        Ok(self.close(connection, id, CLOSED_BY_PROGRAM).await?)
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["actions", "body"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("e2e", "Vestibule", "1", "1.2")
    }
}

impl Notifications {
    /// Appears on the bus.
    pub async fn start(bus: &Bus) -> Result<Self> {
        let connection = bus.connect().await?;
        let (sender, board) = watch::channel(Board::default());
        connection
            .object_server()
            .at(PATH, Server { board: sender })
            .await?;
        connection.request_name(NAME).await?;
        Ok(Self { connection, board })
    }

    /// Every notification that was sent, in order.
    pub fn sent(&self) -> Vec<Notification> {
        self.board.borrow().sent.clone()
    }

    /// Every notification that still stands.
    pub fn standing(&self) -> Vec<Notification> {
        self.board.borrow().standing.values().cloned().collect()
    }

    /// Waits until a notification stands whose first line holds `text`.
    pub async fn saying(&self, text: &str) -> Result<Notification> {
        eventually(&format!("a notification says \"{text}\""), async || {
            Ok(self
                .standing()
                .into_iter()
                .find(|notification| notification.summary.contains(text)))
        })
        .await
        .with_context(|| format!("sent were: {:?}", self.sent()))
    }

    /// Presses a button until `done`: a press that comes before the sender listens is lost.
    /// Then the notification closes, as on every desktop.
    pub async fn press(
        &self,
        notification: &Notification,
        label: &str,
        mut done: impl AsyncFnMut() -> Result<bool>,
    ) -> Result<()> {
        let (action, _) = notification
            .actions
            .iter()
            .find(|(_, title)| title == label)
            .with_context(|| format!("no button \"{label}\" on {notification:?}"))?;
        eventually(&format!("the button \"{label}\" works"), async || {
            if done().await? {
                return Ok(Some(()));
            }
            let body = (notification.id, action.as_str());
            self.connection
                .emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &body)
                .await?;
            Ok(None)
        })
        .await?;
        self.connection
            .object_server()
            .interface::<_, Server>(PATH)
            .await?
            .get()
            .await
            .close(&self.connection, notification.id, DISMISSED)
            .await?;
        Ok(())
    }
}

impl Server {
    async fn close(&self, connection: &Connection, id: u32, reason: u32) -> zbus::Result<()> {
        self.board.send_modify(|board| {
            board.standing.remove(&id);
        });
        connection
            .emit_signal(
                None::<&str>,
                PATH,
                NAME,
                "NotificationClosed",
                &(id, reason),
            )
            .await
    }
}
