//! Tauri's own tray: everywhere but on Linux, and there with `--tray native`.

use std::sync::Arc;
use std::time::Instant;

use agent::controller::Handle;
use agent::menu::{Action, Entry, Item, Menu, Window};
use tauri::AppHandle;
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tokio::sync::{mpsc, watch};

use super::drawn::{self, Drawn, Parent};
use super::icons;

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
                let start = Instant::now();
                if let Err(error) = canvas.draw(&menu, suspect.as_deref()) {
                    tracing::warn!(%error, "the tray menu could not be drawn");
                }
                tracing::debug!("menu drawn in {} µs", start.elapsed().as_micros());
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
    root: Parent,
    drawn: Vec<Drawn>,
    look: Option<(agent::menu::Icon, String)>,
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
            root: Parent::Root(root),
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
            drawn::look_again(&mut self.drawn, id)?;
        }
        drawn::level(&self.app, &self.root, &mut self.drawn, &menu.entries)
    }
}

fn find<'a>(entries: &'a [Entry], wanted: &str) -> Option<&'a Item> {
    entries.iter().find_map(|entry| match entry {
        Entry::Item(item) => {
            let action = item.action.as_ref()?;
            (drawn::id(action) == wanted).then_some(item)
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
