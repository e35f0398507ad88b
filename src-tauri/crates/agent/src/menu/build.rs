//! `Snapshot → Menu`: pure, so that whole menus are tested by value.

use ipc::message::SessionState;
use time::OffsetDateTime;
use time::macros::format_description;

use super::accounts::{accounts, in_ranges};
use super::{Action, Entry, Icon, Item, Menu, RoleId, Window};
use crate::snapshot::{Application, Role, Session, Snapshot};

/// Items and submenus on one level, at most.
pub(super) const LEVEL: usize = 20;

/// Above this many accounts they are found by searching, not by walking through menus.
const ACCOUNTS: usize = 400;

/// Sessions shown in full at the top; more get a submenu each.
const SESSIONS_INLINE: usize = 3;

/// MFA codes asked for in one session's part of the menu.
const CODES: usize = 2;

/// Recent roles shown.
const RECENTS: usize = 5;

/// The menu of this state. Nothing in it changes by the mere passing of time.
#[must_use]
pub fn menu(snapshot: &Snapshot) -> Menu {
    let mut entries = Vec::new();
    if snapshot.settings_problem.is_some() {
        entries.push(item(
            "The settings cannot be used…",
            Action::Show(Window::Settings),
        ));
        entries.push(Entry::Separator);
    }
    if snapshot.sessions.is_empty() {
        entries.push(item("Add portal…", Action::Show(Window::Settings)));
        entries.push(item("Try the demonstration", Action::TryDemonstration));
        entries.push(Entry::Separator);
        entries.push(item("Settings…", Action::Show(Window::Settings)));
    } else {
        entries.extend(sessions(snapshot));
        let room = LEVEL.saturating_sub(count(&entries) + FOOT);
        entries.extend(shortcuts(snapshot, room));
        entries.extend(all_accounts(snapshot));
        entries.extend(all_applications(snapshot));
        if entries.last() != Some(&Entry::Separator) {
            entries.push(Entry::Separator);
        }
        entries.push(item("Search…", Action::Show(Window::Search)));
        entries.push(item("Settings…", Action::Show(Window::Settings)));
    }
    entries.push(item("Quit", Action::Quit));
    Menu {
        icon: icon(snapshot),
        tooltip: tooltip(snapshot),
        entries,
    }
}

/// *Accounts*, *Applications*, *Search…*, *Settings…* and *Quit*.
const FOOT: usize = 5;

fn sessions(snapshot: &Snapshot) -> Vec<Entry> {
    let inline = snapshot.sessions.len() <= SESSIONS_INLINE;
    let mut entries = Vec::new();
    for session in snapshot.sessions.iter().take(LEVEL / 2) {
        let mut lines = vec![disabled(header(session))];
        lines.extend(doors(session, snapshot));
        if inline {
            entries.extend(lines);
        } else {
            entries.push(Entry::Submenu {
                title: header(session),
                entries: lines.split_off(1),
            });
        }
    }
    entries.push(Entry::Separator);
    entries
}

/// Who, where and whether signed in.
fn header(session: &Session) -> String {
    let state = match session.state {
        SessionState::SignedIn => match session.until {
            Some(until) => format!("signed in until about {}", moment(until)),
            None => "signed in".to_owned(),
        },
        SessionState::SigningIn => "signing in…".to_owned(),
        SessionState::SignedOut => "signed out".to_owned(),
        SessionState::Expired => "sign in needed".to_owned(),
    };
    match &session.user {
        Some(user) => format!("{user} at {}: {state}", session.name),
        None => format!("{}: {state}", session.name),
    }
}

/// Ways in and out of the session, and what to do about its problem.
fn doors(session: &Session, snapshot: &Snapshot) -> Vec<Entry> {
    let name = session.name.clone();
    match session.state {
        SessionState::SigningIn => {
            let mut entries = Vec::new();
            if let Some(code) = session
                .sign_in
                .as_ref()
                .and_then(|sign_in| sign_in.user_code.as_ref())
            {
                let window = Window::SignIn {
                    session: name.clone(),
                };
                entries.push(item(
                    format!("Confirm the code {code}…"),
                    Action::Show(window),
                ));
            }
            entries.push(item(
                "Cancel sign-in",
                Action::CancelSignIn { session: name },
            ));
            entries
        }
        SessionState::SignedIn => {
            let codes = snapshot.codes.iter();
            let codes = codes.filter(|code| code.role.session == name);
            let mut entries: Vec<Entry> = codes
                .take(CODES)
                .map(|code| {
                    let title = format!("Enter the MFA code for {}…", code.role.role_name);
                    item(title, Action::Show(Window::MfaCode(code.role.clone())))
                })
                .collect();
            if session.problem.is_some() {
                entries.push(item(
                    "Cannot be refreshed: retry",
                    Action::Retry {
                        session: name.clone(),
                    },
                ));
            }
            entries.push(item("Sign out", Action::SignOut { session: name }));
            entries
        }
        SessionState::SignedOut | SessionState::Expired => {
            vec![item("Sign in", Action::SignIn { session: name })]
        }
    }
}

/// Favourites, then recently used roles that are none, a click away from their consoles.
fn shortcuts(snapshot: &Snapshot, room: usize) -> Vec<Entry> {
    let mut recents: Vec<&Role> = snapshot
        .roles
        .iter()
        .filter(|role| role.recent.is_some() && !role.favourite)
        .collect();
    recents.sort_by_key(|role| role.recent);
    recents.truncate(RECENTS.min(room));
    let favourites = snapshot.roles.iter().filter(|role| role.favourite);
    let favourites: Vec<&Role> = favourites.take(room - recents.len()).collect();
    let several = snapshot.sessions.len() > 1;
    let mut entries = Vec::new();
    for group in [favourites, recents] {
        if !group.is_empty() {
            entries.extend(
                group
                    .into_iter()
                    .map(|role| console(role, shortcut_title(role, several))),
            );
            entries.push(Entry::Separator);
        }
    }
    entries
}

fn shortcut_title(role: &Role, several_sessions: bool) -> String {
    let RoleId {
        session, role_name, ..
    } = &role.id;
    let title = format!("{} / {role_name}", role.account_name);
    if several_sessions {
        format!("{title} ({session})")
    } else {
        title
    }
}

fn all_accounts(snapshot: &Snapshot) -> Option<Entry> {
    let roles = &snapshot.roles;
    let mut ids: Vec<_> = roles
        .iter()
        .map(|role| (&role.id.session, &role.id.account_id))
        .collect();
    ids.dedup();
    if ids.is_empty() || ids.len() > ACCOUNTS {
        return None;
    }
    let mut by_session: Vec<&[Role]> = roles
        .chunk_by(|one, other| one.id.session == other.id.session)
        .collect();
    by_session.truncate(LEVEL);
    let entries = match by_session[..] {
        [only] => accounts(only),
        _ => by_session
            .into_iter()
            .map(|roles| Entry::Submenu {
                title: roles[0].id.session.clone(),
                entries: accounts(roles),
            })
            .collect(),
    };
    Some(Entry::Submenu {
        title: "Accounts".to_owned(),
        entries,
    })
}

fn all_applications(snapshot: &Snapshot) -> Option<Entry> {
    let all = &snapshot.applications;
    let mut by_session: Vec<&[Application]> = all
        .chunk_by(|one, other| one.session == other.session)
        .collect();
    by_session.truncate(LEVEL);
    let entries = match by_session[..] {
        [] => return None,
        [only] => applications(only),
        _ => by_session
            .into_iter()
            .map(|its| Entry::Submenu {
                title: its[0].session.clone(),
                entries: applications(its),
            })
            .collect(),
    };
    Some(Entry::Submenu {
        title: "Applications".to_owned(),
        entries,
    })
}

/// The applications of one session, in ranges of letters where they are many.
fn applications(all: &[Application]) -> Vec<Entry> {
    let titled: Vec<_> = all.iter().map(|one| (one.name.clone(), one)).collect();
    in_ranges(&titled, LEVEL, &|(title, application)| {
        let action = Action::OpenApplication {
            session: application.session.clone(),
            id: application.id.clone(),
        };
        item(title.clone(), action)
    })
}

fn icon(snapshot: &Snapshot) -> Icon {
    let any = |state| {
        snapshot
            .sessions
            .iter()
            .any(|session| session.state == state)
    };
    let failing = snapshot
        .sessions
        .iter()
        .any(|session| session.problem.is_some());
    let busy =
        any(SessionState::SigningIn) || snapshot.sessions.iter().any(|session| session.listing);
    let asking = !snapshot.codes.is_empty();
    if snapshot.settings_problem.is_some() || any(SessionState::Expired) || failing || asking {
        Icon::Attention
    } else if busy {
        Icon::Busy
    } else if any(SessionState::SignedIn) {
        Icon::SignedIn
    } else {
        Icon::SignedOut
    }
}

fn tooltip(snapshot: &Snapshot) -> String {
    match &snapshot.sessions[..] {
        [] => "Vestibule: no portal yet".to_owned(),
        [only] => format!("Vestibule: {}{}", header(only), doing(only)),
        several => {
            let signed_in = several
                .iter()
                .filter(|one| one.state == SessionState::SignedIn)
                .count();
            format!(
                "Vestibule: {signed_in} of {} sessions signed in",
                several.len()
            )
        }
    }
}

/// What else the icon tells of the session.
fn doing(session: &Session) -> &'static str {
    match (session.state, &session.problem) {
        (SessionState::SigningIn, _) => "",
        (_, Some(_)) => ", not refreshed",
        (_, None) if session.listing => ", listing accounts…",
        (_, None) => "",
    }
}

/// Day and time, so that the text stays the same as time passes.
fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [hour]:[minute]");
    at.format(&format).unwrap_or_default()
}

pub(super) fn console(role: &Role, title: String) -> Entry {
    item(title, Action::OpenConsole(role.id.clone()))
}

pub(super) fn item(title: impl Into<String>, action: Action) -> Entry {
    Entry::Item(Item {
        title: title.into(),
        action: Some(action),
        checked: None,
    })
}

fn disabled(title: String) -> Entry {
    Entry::Item(Item {
        title,
        action: None,
        checked: None,
    })
}

fn count(entries: &[Entry]) -> usize {
    entries
        .iter()
        .filter(|entry| **entry != Entry::Separator)
        .count()
}
