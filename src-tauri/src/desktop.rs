//! The desktop as the agent sees it: every wish is passed on at once and carried out elsewhere.

use std::sync::Arc;

use agent::controller::Handle;
use agent::menu::{Icon, Menu, Window};
use agent::shell::{Notification, OpenError, Shell};
use secrecy::SecretString;
use tauri::AppHandle;
use tokio::sync::{mpsc, watch};

use crate::clipboard::Clipboard;
use crate::demonstration::Demonstration;
use crate::notify::Notices;
use crate::{browser, windows};

/// What the agent is given.
#[derive(Debug)]
pub(crate) struct Desktop {
    menus: watch::Sender<Arc<Menu>>,
    wishes: mpsc::UnboundedSender<Wish>,
    browser: Option<String>,
}

/// The other end: what the agent wants drawn and done.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// The menu, now and whenever it changes.
    pub(crate) menus: watch::Receiver<Arc<Menu>>,
    asked: mpsc::UnboundedReceiver<Wish>,
}

#[derive(Debug)]
enum Wish {
    Notify(Notification),
    Withdraw(String),
    Show(Window),
    Copy(SecretString),
    TryDemonstration,
    Quit,
}

/// Both ends.
pub(crate) fn new() -> (Desktop, Wishes) {
    let before_the_first = Menu {
        icon: Icon::SignedOut,
        tooltip: "Vestibule".into(),
        entries: Vec::new(),
    };
    let (menus, drawn) = watch::channel(Arc::new(before_the_first));
    let (wishes, asked) = mpsc::unbounded_channel();
    let desktop = Desktop {
        menus,
        wishes,
        browser: None,
    };
    (
        desktop,
        Wishes {
            menus: drawn,
            asked,
        },
    )
}

/// Carries out what the agent wants until the program is to end; the exit is asked of `app`.
pub(crate) async fn run(
    mut wishes: Wishes,
    app: AppHandle,
    agent: Handle,
    demonstration: Demonstration,
) {
    let notices = Notices::new(agent.clone());
    let clipboard = Clipboard::new();
    let demonstration = demonstration.start(agent, notices.clone());
    while let Some(wish) = wishes.asked.recv().await {
        match wish {
            Wish::Notify(notification) => notices.show(notification),
            Wish::Withdraw(key) => notices.withdraw(key),
            Wish::Show(window) => show(&app, window).await,
            Wish::Copy(text) => clipboard.copy(text),
            Wish::TryDemonstration => demonstration.tell(),
            Wish::Quit => break,
        }
    }
    demonstration.end().await;
    if tokio::task::spawn_blocking(|| clipboard.close())
        .await
        .is_err()
    {
        tracing::error!("the clipboard could not be cleared");
    }
    app.exit(0);
}

async fn show(app: &AppHandle, window: Window) {
    let app = app.clone();
    let shown = tokio::task::spawn_blocking(move || windows::show(&app, &window)).await;
    if let Ok(Err(error)) = shown {
        tracing::warn!(%error, "a window could not be opened");
    }
}

impl Desktop {
    /// The other end is there until the program ends.
    fn wish(&self, wish: Wish) {
        let _ = self.wishes.send(wish);
    }
}

impl Shell for Desktop {
    fn draw(&mut self, menu: &Menu) {
        self.menus.send_replace(Arc::new(menu.clone()));
    }

    fn notify(&mut self, notification: Notification) {
        self.wish(Wish::Notify(notification));
    }

    fn withdraw(&mut self, key: &str) {
        self.wish(Wish::Withdraw(key.to_owned()));
    }

    fn open(&mut self, url: SecretString) -> Result<(), OpenError> {
        browser::open(self.browser.as_deref(), &url)
    }

    fn show(&mut self, window: Window) {
        self.wish(Wish::Show(window));
    }

    fn copy(&mut self, text: SecretString) {
        self.wish(Wish::Copy(text));
    }

    fn set_browser(&mut self, command: Option<&str>) {
        self.browser = command.map(str::to_owned);
    }

    fn try_demonstration(&mut self) {
        self.wish(Wish::TryDemonstration);
    }

    fn quit(&mut self) {
        self.wish(Wish::Quit);
    }
}
