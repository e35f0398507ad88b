//! The entries of Tauri's tray menu as they are drawn, and how they become what they should be.
//!
//! Widgets live on the main thread. All of this is called from another one, and each step of it
//! takes the main thread for the few entries of a [`BATCH`] at most.

use std::sync::mpsc;

use agent::menu::{Action, Entry, Item};
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

use super::patch;

/// How many entries are made or removed at once: a few milliseconds with GTK.
const BATCH: usize = 32;

/// One entry; a submenu's own entries stand in `children`, not in `entry`.
pub(super) struct Drawn {
    entry: Entry,
    widget: Widget,
    children: Vec<Drawn>,
}

/// Where entries stand.
#[derive(Clone)]
pub(super) enum Parent {
    /// In the menu itself.
    Root(Menu<Wry>),
    /// In a menu below it.
    Submenu(Submenu<Wry>),
}

enum Widget {
    Item(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
    Submenu(Submenu<Wry>),
    Separator(PredefinedMenuItem<Wry>),
}

/// Makes one level of the menu, and all below it, what it should be.
pub(super) fn level(
    app: &AppHandle,
    parent: &Parent,
    drawn: &mut Vec<Drawn>,
    wanted: &[Entry],
) -> tauri::Result<()> {
    let kept = patch::kept(drawn.iter().map(|one| &one.entry), wanted);
    for index in (kept.top..drawn.len() - kept.bottom).rev() {
        drawn[index].empty(app)?;
        parent.remove_at(index)?;
        drawn.remove(index);
    }
    for (index, entry) in wanted[..wanted.len() - kept.bottom]
        .iter()
        .enumerate()
        .skip(kept.top)
    {
        drawn.insert(index, insert(app, parent, index, entry)?);
    }
    for (one, entry) in drawn.iter_mut().zip(wanted) {
        one.become_like(app, entry)?;
    }
    Ok(())
}

/// Learns from the platform how the checks of the items with this id really are.
pub(super) fn look_again(drawn: &mut [Drawn], suspect: &str) -> tauri::Result<()> {
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

/// An id says what a click means, so that one on an entry that was just moved still means it.
pub(super) fn id(action: &Action) -> String {
    format!("{action:?}")
}

/// Makes an entry and puts it in place; one that is too large comes in empty and is filled there.
fn insert(app: &AppHandle, parent: &Parent, index: usize, entry: &Entry) -> tauri::Result<Drawn> {
    let (handle, parent, entry) = (app.clone(), parent.clone(), entry.clone());
    let (send, made) = mpsc::channel();
    app.run_on_main_thread(move || {
        let whole = weight(&entry) <= BATCH;
        let drawn = Drawn::new(&handle, &entry, whole);
        let drawn = drawn.and_then(|drawn| parent.insert(&drawn.widget, index).map(|()| drawn));
        // Nobody waits for it any more when the program ends.
        let _ = send.send(drawn);
    })?;
    made.recv()
        .map_err(|_| tauri::Error::FailedToReceiveMessage)?
}

/// How many entries it is, with all below it.
fn weight(entry: &Entry) -> usize {
    match entry {
        Entry::Submenu { entries, .. } => 1 + entries.iter().map(weight).sum::<usize>(),
        Entry::Item(_) | Entry::Separator => 1,
    }
}

/// A single ampersand would mark an access key and vanish.
fn label(title: &str) -> String {
    title.replace('&', "&&")
}

impl Drawn {
    /// With all below it if `whole`.
    fn new(app: &AppHandle, entry: &Entry, whole: bool) -> tauri::Result<Self> {
        let mut children = Vec::new();
        let (entry, widget) = match entry {
            Entry::Separator => {
                let separator = PredefinedMenuItem::separator(app)?;
                (Entry::Separator, Widget::Separator(separator))
            }
            Entry::Submenu { title, entries } => {
                let submenu = Submenu::new(app, label(title), true)?;
                let at_once = if whole { entries.as_slice() } else { &[] };
                for entry in at_once {
                    let child = Self::new(app, entry, whole)?;
                    submenu.append(child.widget.as_item())?;
                    children.push(child);
                }
                let title = title.clone();
                let entries = Vec::new();
                (Entry::Submenu { title, entries }, Widget::Submenu(submenu))
            }
            Entry::Item(item) => (entry.clone(), Widget::for_item(app, item)?),
        };
        Ok(Self {
            entry,
            widget,
            children,
        })
    }

    fn become_like(&mut self, app: &AppHandle, wanted: &Entry) -> tauri::Result<()> {
        if let (Widget::Submenu(submenu), Entry::Submenu { entries, .. }) = (&self.widget, wanted) {
            let parent = Parent::Submenu(submenu.clone());
            return level(app, &parent, &mut self.children, entries);
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

    /// Removes what is below it, unless that is so little that it may go with it.
    fn empty(&mut self, app: &AppHandle) -> tauri::Result<()> {
        if let Widget::Submenu(submenu) = &self.widget
            && self.weight() > BATCH
        {
            let parent = Parent::Submenu(submenu.clone());
            level(app, &parent, &mut self.children, &[])?;
        }
        Ok(())
    }

    fn weight(&self) -> usize {
        1 + self.children.iter().map(Self::weight).sum::<usize>()
    }
}

impl Widget {
    fn for_item(app: &AppHandle, item: &Item) -> tauri::Result<Self> {
        let (text, enabled) = (label(&item.title), item.action.is_some());
        // What cannot be clicked needs no id that means something.
        let id = item.action.as_ref().map(id).unwrap_or_default();
        let no_key = None::<&str>;
        Ok(match item.checked {
            None => Self::Item(MenuItem::with_id(app, id, text, enabled, no_key)?),
            Some(on) => Self::Check(CheckMenuItem::with_id(app, id, text, enabled, on, no_key)?),
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

impl Parent {
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
