//! The desktop's side of a tray icon: the watcher it registers with, and a hand on its menu.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::message::Header;
use zbus::proxy::SignalStream;
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Message, MessageStream, Proxy, fdo, interface};

use crate::bus::Bus;
use crate::{PATIENCE, eventually};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// A panel that shows tray icons, as far as programs can tell.
pub struct Panel {
    connection: Connection,
    registered: watch::Sender<Option<Address>>,
}

/// A registered tray icon.
pub struct Icon {
    connection: Connection,
    address: Address,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    bus_name: String,
    path: String,
}

/// A menu, or an entry of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: i32,
    /// What it says. Empty for the menu itself and for separators.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Its check mark, where it can have one.
    pub checked: Option<bool>,
    /// What is below it.
    pub entries: Vec<Entry>,
}

/// `(ia{sv}av)`: id, properties, and the same again for each entry below.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// Icon's name, icon's pixels, title, text.
type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);

struct Watcher {
    registered: watch::Sender<Option<Address>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> fdo::Result<()> {
        let sender = header
            .sender()
            .ok_or_else(|| fdo::Error::Failed("no sender".to_owned()))?;
        // Some name their bus name, others the path of their item.
        let address = if service.starts_with('/') {
            Address {
                bus_name: sender.to_string(),
                path: service.to_owned(),
            }
        } else {
            Address {
                bus_name: service.to_owned(),
                path: "/StatusNotifierItem".to_owned(),
            }
        };
        self.registered.send_replace(Some(address));
        announce(connection, "StatusNotifierItemRegistered", &service).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let registered = self.registered.borrow();
        registered
            .iter()
            .map(|address| format!("{}{}", address.bus_name, address.path))
            .collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Panel {
    /// Appears on the bus.
    pub async fn start(bus: &Bus) -> Result<Self> {
        let connection = bus.connect().await?;
        let registered = watch::Sender::new(None);
        let watcher = Watcher {
            registered: registered.clone(),
        };
        connection.object_server().at(WATCHER_PATH, watcher).await?;
        connection.request_name(WATCHER).await?;
        announce(&connection, "StatusNotifierHostRegistered", &()).await?;
        Ok(Self {
            connection,
            registered,
        })
    }

    /// Waits for an icon.
    pub async fn icon(&self) -> Result<Icon> {
        let mut registered = self.registered.subscribe();
        let known = registered.wait_for(Option::is_some);
        let known = timeout(PATIENCE, known)
            .await
            .context("no tray icon registers")??;
        let address = known.clone().context("an icon")?;
        Ok(Icon {
            connection: self.connection.clone(),
            address,
        })
    }

    /// Forgets the icon of a program that ended: [`Panel::icon`] waits for the next.
    pub fn forget_icon(&self) {
        self.registered.send_replace(None);
    }

    /// Disappears from the bus, as a panel that crashed.
    pub async fn stop(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

impl Icon {
    /// The icon's tooltip.
    pub async fn tooltip(&self) -> Result<String> {
        let (_, _, title, _): ToolTip = self.item().await?.get_property("ToolTip").await?;
        Ok(title)
    }

    /// The whole menu as it is now.
    pub async fn menu(&self) -> Result<Entry> {
        let layout = self
            .menu_proxy()
            .await?
            .call_method("GetLayout", &(0i32, -1i32, Vec::<&str>::new()))
            .await?;
        let body = layout.body();
        let (_revision, root): (u32, Node) = body.deserialize()?;
        Entry::read(root)
    }

    /// Waits until the menu fulfils a condition and returns it.
    pub async fn menu_where(
        &self,
        what: &str,
        mut fulfilled: impl FnMut(&Entry) -> bool,
    ) -> Result<Entry> {
        let mut last = String::new();
        let found = eventually(what, async || {
            // An icon that is made anew is not there for a moment.
            let menu = match self.menu().await {
                Ok(menu) => menu,
                Err(error) => {
                    last = format!("{error:#}");
                    return Ok(None);
                }
            };
            last = menu.outline(0);
            Ok(fulfilled(&menu).then_some(menu))
        })
        .await;
        found.with_context(|| format!("the menu was:\n{last}"))
    }

    /// Clicks the entry that these labels lead to, as soon as it is there.
    pub async fn click(&self, labels: &[&str]) -> Result<()> {
        let mut trouble = String::new();
        let clicked = eventually(&format!("{labels:?} can be clicked"), async || {
            let menu = self.menu().await?;
            let Some(entry) = menu.find(labels).filter(|entry| entry.enabled) else {
                trouble = menu.outline(0);
                return Ok(None);
            };
            // Drawn anew meanwhile, it has another id.
            match self.press(entry).await {
                Ok(()) => Ok(Some(())),
                Err(error) => {
                    trouble = error.to_string();
                    Ok(None)
                }
            }
        })
        .await;
        clicked.with_context(|| format!("at last:\n{trouble}"))
    }

    /// Clicks this entry.
    pub async fn press(&self, entry: &Entry) -> Result<()> {
        self.menu_proxy()
            .await?
            .call_method("Event", &(entry.id, "clicked", Value::from(""), 0u32))
            .await?;
        Ok(())
    }

    /// Everything the menu tells a panel from now on: a new layout, other properties.
    pub async fn signals(&self) -> Result<SignalStream<'static>> {
        Ok(self.menu_proxy().await?.receive_all_signals().await?)
    }

    /// A small question, answered by the thread that draws the menu.
    pub async fn ask(&self) -> Result<u32> {
        Ok(self.menu_proxy().await?.get_property("Version").await?)
    }

    /// Asks for the whole menu and for the properties of all its entries, by turns and `times`
    /// each, without waiting for an answer. Returns the numbers of the calls in the order in
    /// which they were sent, and in the order in which they were answered.
    pub async fn ask_all_at_once(&self, times: usize) -> Result<(Vec<u32>, Vec<u32>)> {
        let path: OwnedObjectPath = self.item().await?.get_property("Menu").await?;
        let call = |member: &str| {
            Message::method_call(path.clone(), member.to_owned())?
                .destination(self.address.bus_name.as_str())?
                .interface(MENU)
        };
        let nothing = Vec::<&str>::new();
        let mut calls = Vec::new();
        for _ in 0..times {
            calls.push(call("GetLayout")?.build(&(0i32, -1i32, &nothing))?);
            calls.push(call("GetGroupProperties")?.build(&(Vec::<i32>::new(), &nothing))?);
        }
        let asked: Vec<u32> = calls.iter().map(serial).collect();
        let mut messages = MessageStream::from(&self.connection);
        for call in &calls {
            self.connection.send(call).await?;
        }
        let mut answered = Vec::new();
        while answered.len() < asked.len() {
            let message = timeout(PATIENCE, messages.next())
                .await?
                .context("the bus is gone")??;
            let of = message.header().reply_serial().map(u32::from);
            answered.extend(of.filter(|of| asked.contains(of)));
        }
        Ok((asked, answered))
    }

    async fn item(&self) -> Result<Proxy<'_>> {
        let Address { bus_name, path } = &self.address;
        let item = zbus::proxy::Builder::new(&self.connection)
            .destination(bus_name.as_str())?
            .path(path.as_str())?
            .interface(ITEM)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(item)
    }

    async fn menu_proxy(&self) -> Result<Proxy<'static>> {
        let path: OwnedObjectPath = self.item().await?.get_property("Menu").await?;
        let bus_name = self.address.bus_name.clone();
        Ok(Proxy::new(&self.connection, bus_name, path, MENU).await?)
    }
}

impl Entry {
    /// The entry that these labels lead to.
    pub fn find(&self, labels: &[&str]) -> Option<&Self> {
        let Some((first, rest)) = labels.split_first() else {
            return Some(self);
        };
        self.entries
            .iter()
            .find(|entry| entry.label == *first)?
            .find(rest)
    }

    /// Whether an entry anywhere in here satisfies the condition.
    pub fn any(&self, condition: &impl Fn(&Self) -> bool) -> bool {
        condition(self) || self.entries.iter().any(|entry| entry.any(condition))
    }

    /// The whole menu as indented text, for messages.
    pub fn outline(&self, depth: usize) -> String {
        let mark = match self.checked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let mut text = format!("{}{mark}{}\n", "  ".repeat(depth), self.label);
        for entry in &self.entries {
            text.push_str(&entry.outline(depth + 1));
        }
        text
    }

    fn read((id, properties, children): Node) -> Result<Self> {
        let text = |name: &str| {
            properties
                .get(name)
                .and_then(|value| value.downcast_ref::<String>().ok())
        };
        let state = properties
            .get("toggle-state")
            .and_then(|state| state.downcast_ref::<i32>().ok());
        let entries = children
            .into_iter()
            .map(|child| Self::read(Structure::try_from(child)?.try_into()?))
            .collect::<Result<_>>()?;
        Ok(Self {
            id,
            label: without_mnemonic(&text("label").unwrap_or_default()),
            enabled: properties
                .get("enabled")
                .is_none_or(|enabled| enabled.downcast_ref::<bool>().unwrap_or(true)),
            checked: text("toggle-type").map(|_| state == Some(1)),
            entries,
        })
    }
}

fn serial(message: &Message) -> u32 {
    message.primary_header().serial_num().get()
}

/// Emits a signal of the watcher.
async fn announce<B>(connection: &Connection, signal: &str, body: &B) -> zbus::Result<()>
where
    B: serde::Serialize + DynamicType,
{
    connection
        .emit_signal(None::<&str>, WATCHER_PATH, WATCHER, signal, body)
        .await
}

/// A single underscore marks the letter after it; a double one is an underscore.
fn without_mnemonic(label: &str) -> String {
    label
        .replace("__", "\0")
        .replace('_', "")
        .replace('\0', "_")
}
