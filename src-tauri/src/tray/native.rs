//! Tauri's own tray: everywhere but on Linux, and there with `--tray native`.
//!
//! Widgets can only be touched on the main thread. A menu is drawn by changing the one that is
//! shown, entry by entry, from another thread: each entry takes the main thread for an instant.

use std::sync::Arc;

use agent::controller::Handle;
use agent::menu::{Action, Entry, Item, Menu, Window};
use tauri::menu::{CheckMenuItem, IsMenuItem, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use tokio::sync::{mpsc, watch};

use super::{icons, patch};

/// Shows the icon and draws every menu that comes until the sender is gone.
pub(super) fn start(
    app: &AppHandle,
    mut menus: watch::Receiver<Arc<Menu>>,
    agent: Handle,
) -> tauri::Result<()> {
    let (flips, mut flipped) = mpsc::unbounded_channel();
    let mut canvas = Canvas::new(app, menus.clone(), agent, flips)?;
    tokio::spawn(async move {
        let mut suspect = None;
        loop {
            let menu = menus.borrow_and_update().clone();
            let drawing = tokio::task::spawn_blocking(move || {
                if let Err(error) = canvas.draw(&menu, suspect.as_deref()) {
                    tracing::warn!(%error, "the tray menu could not be drawn");
                }
                canvas
            });
            let Ok(drawn) = drawing.await else { return };
            canvas = drawn;
            suspect = tokio::select! {
                changed = menus.changed() => if changed.is_ok() { None } else { return },
                id = flipped.recv() => id,
            };
        }
    });
    Ok(())
}

/// The tray icon with its menu as it is drawn.
struct Canvas {
    app: AppHandle,
    icon: TrayIcon,
    root: tauri::menu::Menu<Wry>,
    drawn: Vec<Drawn>,
    look: Option<(agent::menu::Icon, String)>,
}

/// An entry as it is drawn; a submenu's own entries stand in `children`, not in `entry`.
struct Drawn {
    entry: Entry,
    widget: Widget,
    children: Vec<Drawn>,
}

enum Widget {
    Item(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
    Submenu(Submenu<Wry>),
    Separator(PredefinedMenuItem<Wry>),
}

impl Canvas {
    fn new(
        app: &AppHandle,
        menus: watch::Receiver<Arc<Menu>>,
        agent: Handle,
        flips: mpsc::UnboundedSender<String>,
    ) -> tauri::Result<Self> {
        let root = tauri::menu::Menu::new(app)?;
        let on_click = agent.clone();
        let icon = TrayIconBuilder::with_id("vestibule")
            .menu(&root)
            .icon(icons::single(agent::menu::Icon::SignedOut))
            .icon_as_template(cfg!(target_os = "macos"))
            // On macOS a click opens the menu, as everywhere in its menu bar.
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                let menu = menus.borrow().clone();
                let Some(item) = find(&menu.entries, event.id().as_ref()) else {
                    return;
                };
                if item.checked.is_some() {
                    // The platform flipped the check; whether it is so only the agent knows.
                    let _ = flips.send(event.id().0.clone());
                }
                act(&agent, item.action.clone());
            })
            .on_tray_icon_event(move |_, event| {
                if opens_search(&event) {
                    act(&on_click, Some(Action::Show(Window::Search)));
                }
            })
            .build(app)?;
        Ok(Self {
            app: app.clone(),
            icon,
            root,
            drawn: Vec::new(),
            look: None,
        })
    }

    /// Draws the menu; the checks of the item with the `suspect` id may not be as they were drawn.
    fn draw(&mut self, menu: &Menu, suspect: Option<&str>) -> tauri::Result<()> {
        let look = Some((menu.icon, menu.tooltip.clone()));
        if self.look != look {
            let template = cfg!(target_os = "macos");
            self.icon
                .set_icon_with_as_template(Some(icons::single(menu.icon)), template)?;
            self.icon.set_tooltip(Some(&menu.tooltip))?;
            self.look = look;
        }
        if let Some(id) = suspect {
            look_again(&mut self.drawn, id)?;
        }
        let root = Parent::Root(&self.root);
        level(&self.app, &root, &mut self.drawn, &menu.entries)
    }
}

/// Learns from the platform how the checks of the items with this id really are.
fn look_again(drawn: &mut [Drawn], suspect: &str) -> tauri::Result<()> {
    for one in drawn {
        if let (Entry::Item(item), Widget::Check(check)) = (&mut one.entry, &one.widget)
            && check.id().as_ref() == suspect
        {
            item.checked = Some(check.is_checked()?);
        }
        look_again(&mut one.children, suspect)?;
    }
    Ok(())
}

/// Makes one level of the drawn menu, and all below it, what it should be.
fn level(
    app: &AppHandle,
    parent: &Parent<'_>,
    drawn: &mut Vec<Drawn>,
    wanted: &[Entry],
) -> tauri::Result<()> {
    let kept = patch::kept(drawn.iter().map(|one| &one.entry), wanted);
    for index in (kept.top..drawn.len() - kept.bottom).rev() {
        parent.remove_at(index)?;
        drawn.remove(index);
    }
    for index in kept.top..wanted.len() - kept.bottom {
        let one = Drawn::new(app, &wanted[index])?;
        parent.insert(&one.widget, index)?;
        drawn.insert(index, one);
    }
    for (one, entry) in drawn.iter_mut().zip(wanted) {
        one.become_like(app, entry)?;
    }
    Ok(())
}

impl Drawn {
    /// A submenu starts empty: its entries are added once it is in place, one by one.
    fn new(app: &AppHandle, entry: &Entry) -> tauri::Result<Self> {
        let (entry, widget) = match entry {
            Entry::Separator => (
                Entry::Separator,
                Widget::Separator(PredefinedMenuItem::separator(app)?),
            ),
            Entry::Submenu { title, .. } => {
                let entry = Entry::Submenu {
                    title: title.clone(),
                    entries: Vec::new(),
                };
                (
                    entry,
                    Widget::Submenu(Submenu::new(app, label(title), true)?),
                )
            }
            Entry::Item(item) => (entry.clone(), Widget::for_item(app, item)?),
        };
        Ok(Self {
            entry,
            widget,
            children: Vec::new(),
        })
    }

    fn become_like(&mut self, app: &AppHandle, wanted: &Entry) -> tauri::Result<()> {
        if let (Widget::Submenu(submenu), Entry::Submenu { entries, .. }) = (&self.widget, wanted) {
            return level(app, &Parent::Submenu(submenu), &mut self.children, entries);
        }
        let (Entry::Item(old), Entry::Item(new)) = (&mut self.entry, wanted) else {
            return Ok(());
        };
        if old.title != new.title {
            self.widget.set_text(&label(&new.title))?;
        }
        if old.checked != new.checked
            && let (Widget::Check(check), Some(checked)) = (&self.widget, new.checked)
        {
            check.set_checked(checked)?;
        }
        *old = new.clone();
        Ok(())
    }
}

impl Widget {
    fn for_item(app: &AppHandle, item: &Item) -> tauri::Result<Self> {
        let (text, enabled) = (label(&item.title), item.action.is_some());
        let no_key = None::<&str>;
        Ok(match (&item.action, item.checked) {
            (None, None) => Self::Item(MenuItem::new(app, text, enabled, no_key)?),
            (Some(action), None) => {
                Self::Item(MenuItem::with_id(app, id(action), text, enabled, no_key)?)
            }
            (None, Some(on)) => Self::Check(CheckMenuItem::new(app, text, enabled, on, no_key)?),
            (Some(action), Some(on)) => Self::Check(CheckMenuItem::with_id(
                app,
                id(action),
                text,
                enabled,
                on,
                no_key,
            )?),
        })
    }

    fn as_item(&self) -> &dyn IsMenuItem<Wry> {
        match self {
            Self::Item(item) => item,
            Self::Check(check) => check,
            Self::Submenu(submenu) => submenu,
            Self::Separator(separator) => separator,
        }
    }

    fn set_text(&self, text: &str) -> tauri::Result<()> {
        match self {
            Self::Item(item) => item.set_text(text),
            Self::Check(check) => check.set_text(text),
            Self::Submenu(submenu) => submenu.set_text(text),
            Self::Separator(_) => Ok(()),
        }
    }
}

/// Where entries stand.
enum Parent<'a> {
    Root(&'a tauri::menu::Menu<Wry>),
    Submenu(&'a Submenu<Wry>),
}

impl Parent<'_> {
    fn insert(&self, widget: &Widget, index: usize) -> tauri::Result<()> {
        match self {
            Self::Root(menu) => menu.insert(widget.as_item(), index),
            Self::Submenu(submenu) => submenu.insert(widget.as_item(), index),
        }
    }

    fn remove_at(&self, index: usize) -> tauri::Result<()> {
        match self {
            Self::Root(menu) => menu.remove_at(index),
            Self::Submenu(submenu) => submenu.remove_at(index),
        }
        .map(drop)
    }
}

/// An id says what a click means, so that one on an entry that was just moved still means it.
fn id(action: &Action) -> String {
    format!("{action:?}")
}

fn find<'a>(entries: &'a [Entry], wanted: &str) -> Option<&'a Item> {
    entries.iter().find_map(|entry| match entry {
        Entry::Item(item) => {
            let action = item.action.as_ref()?;
            (id(action) == wanted).then_some(item)
        }
        Entry::Submenu { entries, .. } => find(entries, wanted),
        Entry::Separator => None,
    })
}

fn opens_search(event: &TrayIconEvent) -> bool {
    !cfg!(target_os = "macos")
        && matches!(
            event,
            TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            }
        )
}

fn act(agent: &Handle, action: Option<Action>) {
    if let Some(action) = action {
        let agent = agent.clone();
        tauri::async_runtime::spawn(async move { agent.act(action).await });
    }
}

/// A single ampersand would mark an access key and vanish.
fn label(title: &str) -> String {
    title.replace('&', "&&")
}
