//! The tray on Linux: a StatusNotifierItem that outlives its watcher and its bus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use agent::controller::Handle;
use agent::menu::{Action, Entry, Icon, Item, Menu, Window};
use futures_util::StreamExt;
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use ksni::{MenuItem, OfflineReason, TrayMethods};
use tokio::sync::watch;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::{Connection, MatchRule, MessageStream};

use super::icons;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Between two attempts to reach the session bus: the first, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How long ksni is given to register with a watcher that appeared while it started.
const REGISTRATION: Duration = Duration::from_millis(500);

/// Draws every menu that comes until the sender is gone. Without a session bus, or when it dies,
/// tries again and again: the program works on, only its icon is missing.
pub(super) async fn run(mut menus: watch::Receiver<Arc<Menu>>, agent: Handle) {
    let mut pause = RETRY.0;
    loop {
        match serve(&mut menus, &agent).await {
            Ok(End::Quit) => return,
            Ok(End::MissedWatcher) => continue,
            Ok(End::BusGone) => {
                tracing::warn!("the session bus is gone, and the tray icon with it");
                pause = RETRY.0;
            }
            Err(error) => tracing::warn!(%error, "no tray icon for now"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY.1);
    }
}

/// Why an icon ended.
enum End {
    /// Nobody draws menus any more.
    Quit,
    /// The bus closed the connection.
    BusGone,
    /// A watcher came up unnoticed, between ksni's registration and its subscription.
    MissedWatcher,
}

/// Shows one icon for as long as it lives.
async fn serve(menus: &mut watch::Receiver<Arc<Menu>>, agent: &Handle) -> anyhow::Result<End> {
    // ksni does not notice a dead bus; a connection of our own does.
    let bus = Connection::session().await?;
    let mut life = watcher_changes(&bus).await?;
    let tray = Tray {
        menu: menus.borrow_and_update().clone(),
        agent: agent.clone(),
        registered: Arc::new(AtomicBool::new(true)),
    };
    let registered = Arc::clone(&tray.registered);
    let icon = tray.assume_sni_available(true).spawn().await?;
    if !registered.load(Ordering::SeqCst) && missed_watcher(&bus, &registered).await? {
        icon.shutdown().await;
        return Ok(End::MissedWatcher);
    }
    loop {
        tokio::select! {
            changed = menus.changed() => {
                if changed.is_err() {
                    icon.shutdown().await;
                    return Ok(End::Quit);
                }
                let menu = menus.borrow_and_update().clone();
                let start = Instant::now();
                if icon.update(|tray| tray.menu = menu).await.is_none() {
                    return Ok(End::BusGone);
                }
                tracing::debug!("menu drawn in {} µs", start.elapsed().as_micros());
            }
            message = life.next() => {
                if !matches!(message, Some(Ok(_))) {
                    return Ok(End::BusGone);
                }
            }
        }
    }
}

/// Every coming and going of the watcher; it ends with the bus.
async fn watcher_changes(bus: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .add_arg(WATCHER)?
        .build();
    MessageStream::for_match_rule(rule, bus, None).await
}

/// Whether there is a watcher and ksni has not found it by itself.
async fn missed_watcher(bus: &Connection, registered: &AtomicBool) -> zbus::Result<bool> {
    let watcher = BusName::try_from(WATCHER)?;
    if !DBusProxy::new(bus).await?.name_has_owner(watcher).await? {
        return Ok(false);
    }
    tokio::time::sleep(REGISTRATION).await;
    Ok(!registered.load(Ordering::SeqCst))
}

/// What ksni asks about the icon.
struct Tray {
    menu: Arc<Menu>,
    agent: Handle,
    /// Whether a watcher knows of the icon, as far as ksni noticed.
    registered: Arc<AtomicBool>,
}

impl Tray {
    fn act(&self, action: Action) {
        let agent = self.agent.clone();
        tokio::spawn(async move { agent.act(action).await });
    }

    fn pixmaps(&self) -> Vec<ksni::Icon> {
        icons::sizes(self.menu.icon).iter().map(pixmap).collect()
    }
}

impl ksni::Tray for Tray {
    fn id(&self) -> String {
        "vestibule".into()
    }

    fn title(&self) -> String {
        "Vestibule".into()
    }

    fn status(&self) -> ksni::Status {
        match self.menu.icon {
            Icon::Attention => ksni::Status::NeedsAttention,
            Icon::SignedOut | Icon::SignedIn | Icon::Busy => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.pixmaps()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.pixmaps()
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        ksni::ToolTip {
            title: self.menu.tooltip.clone(),
            ..Default::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.act(Action::Show(Window::Search));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.menu.entries.iter().map(entry).collect()
    }

    fn watcher_online(&self) {
        self.registered.store(true, Ordering::SeqCst);
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.registered.store(false, Ordering::SeqCst);
        true
    }
}

fn entry(entry: &Entry) -> MenuItem<Tray> {
    match entry {
        Entry::Separator => MenuItem::Separator,
        Entry::Submenu { title, entries } => SubMenu {
            label: label(title),
            submenu: entries.iter().map(self::entry).collect(),
            ..Default::default()
        }
        .into(),
        Entry::Item(item) => self::item(item),
    }
}

fn item(item: &Item) -> MenuItem<Tray> {
    let label = label(&item.title);
    let enabled = item.action.is_some();
    let action = item.action.clone();
    let activate = Box::new(move |tray: &mut Tray| {
        if let Some(action) = &action {
            tray.act(action.clone());
        }
    });
    match item.checked {
        Some(checked) => CheckmarkItem {
            label,
            enabled,
            checked,
            activate,
            ..Default::default()
        }
        .into(),
        None => StandardItem {
            label,
            enabled,
            activate,
            ..Default::default()
        }
        .into(),
    }
}

/// A single underscore would mark an access key and vanish.
fn label(title: &str) -> String {
    title.replace('_', "__")
}

/// ksni wants ARGB in network byte order.
fn pixmap(image: &tauri::image::Image<'_>) -> ksni::Icon {
    let argb = image.rgba().chunks_exact(4);
    ksni::Icon {
        width: image.width().cast_signed(),
        height: image.height().cast_signed(),
        data: argb.flat_map(|p| [p[3], p[0], p[1], p[2]]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_of_a_role_stay_visible() {
        assert_eq!(label("Billing_Read_Only"), "Billing__Read__Only");
    }

    #[test]
    fn a_line_without_action_cannot_be_clicked_and_checks_are_drawn() {
        let line = |action, checked| {
            entry(&Entry::Item(Item {
                title: "ana@example.com".into(),
                action,
                checked,
            }))
        };
        let MenuItem::Standard(header) = line(None, None) else {
            panic!("a header is a standard item");
        };
        assert!(!header.enabled);
        let MenuItem::Checkmark(kept) = line(Some(Action::Quit), Some(true)) else {
            panic!("an item with a check is a checkmark item");
        };
        assert!(kept.enabled && kept.checked);
    }

    #[test]
    fn pixels_are_argb() {
        let image = tauri::image::Image::new_owned(vec![1, 2, 3, 4], 1, 1);
        assert_eq!(pixmap(&image).data, [4, 1, 2, 3]);
    }
}
