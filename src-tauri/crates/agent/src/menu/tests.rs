use ipc::message::{Code, Failure, Flow, SessionState};
use time::macros::datetime;

use super::build::LEVEL;
use super::*;
use crate::settings::ConsoleLink;
use crate::snapshot::{Application, Role, Session, SignIn, SignInPhase, Snapshot};

fn session(name: &str, state: SessionState) -> Session {
    Session {
        name: name.to_owned(),
        start_url: "https://acme.awsapps.com/start".parse().unwrap(),
        region: "eu-central-1".to_owned(),
        state,
        until: None,
        user: None,
        problem: None,
        console: ConsoleLink::Federation,
        shares_sign_in: false,
        sign_in: None,
        listing: false,
    }
}

fn role(session: &str, account: usize, name: &str, role: &str) -> Role {
    Role {
        id: RoleId {
            session: session.to_owned(),
            account_id: format!("{account:012}"),
            role_name: role.to_owned(),
        },
        account_name: name.to_owned(),
        favourite: false,
        kept: false,
        recent: None,
    }
}

fn many(accounts: usize, roles: usize) -> Snapshot {
    let names = (0..accounts).map(|account| {
        (
            account,
            format!(
                "{}-{account}",
                (b'a' + (account * 26 / accounts) as u8) as char
            ),
        )
    });
    let role = |(account, name): (usize, String)| {
        (0..roles).map(move |number| role("acme", account, &name, &format!("Role{number:02}")))
    };
    Snapshot {
        sessions: vec![session("acme", SessionState::SignedIn)],
        roles: names.flat_map(role).collect(),
        ..Snapshot::default()
    }
}

#[test]
fn applications_stand_below_the_accounts_in_ranges_where_they_are_many() {
    let application = |session: &str, name: &str| Application {
        session: session.to_owned(),
        id: format!("apl-{name}"),
        name: name.to_owned(),
    };
    let mut snapshot = many(1, 1);
    snapshot.applications = vec![application("acme", "Grafana"), application("acme", "Jira")];
    let lines = drawn(&menu(&snapshot).entries, 0);
    assert!(
        lines.contains("Applications >\n  Grafana\n  Jira\n"),
        "{lines}"
    );

    let names = (0..50).map(|number| application("acme", &format!("Tool {number:02}")));
    snapshot.applications = names.collect();
    let entries = menu(&snapshot).entries;
    let submenu = entries.iter().find_map(|entry| match entry {
        Entry::Submenu { title, entries } if title == "Applications" => Some(entries),
        _ => None,
    });
    assert!(submenu.is_some_and(|entries| entries.len() <= LEVEL));
}

/// The menu as lines, two blanks a level, which is how one reads it.
fn drawn(entries: &[Entry], indent: usize) -> String {
    let line = |entry: &Entry| match entry {
        Entry::Separator => format!("{:indent$}---\n", ""),
        Entry::Submenu { title, entries } => {
            format!("{:indent$}{title} >\n{}", "", drawn(entries, indent + 2))
        }
        Entry::Item(Item {
            title,
            action,
            checked,
        }) => {
            let mark = checked.map_or("", |checked| if checked { "[x] " } else { "[ ] " });
            let grey = if action.is_none() { " (grey)" } else { "" };
            format!("{:indent$}{mark}{title}{grey}\n", "")
        }
    };
    entries.iter().map(line).collect()
}

fn whole(snapshot: &Snapshot) -> String {
    let menu = menu(snapshot);
    format!(
        "{:?} | {}\n{}",
        menu.icon,
        menu.tooltip,
        drawn(&menu.entries, 0)
    )
}

/// How often a role stands in the menu, whatever the way to it.
fn leaves(entries: &[Entry]) -> usize {
    let count = |entry: &Entry| match entry {
        Entry::Submenu { entries, .. } => leaves(entries),
        Entry::Item(Item { title, .. }) => usize::from(title.starts_with("Role")),
        Entry::Separator => 0,
    };
    entries.iter().map(count).sum()
}

fn widest(entries: &[Entry]) -> usize {
    let below = entries.iter().filter_map(|entry| match entry {
        Entry::Submenu { entries, .. } => Some(widest(entries)),
        _ => None,
    });
    let here = entries
        .iter()
        .filter(|entry| **entry != Entry::Separator)
        .count();
    below.max().unwrap_or_default().max(here)
}

#[test]
fn without_a_portal_there_are_two_ways_to_begin() {
    insta::assert_snapshot!(whole(&Snapshot::default()), @r"
    SignedOut | Vestibule: no portal yet
    Add portal…
    Try the demonstration
    ---
    Settings…
    Quit
    ");
}

#[test]
fn a_session_without_roles_leaves_no_gap() {
    let snapshot = Snapshot {
        sessions: vec![session("acme", SessionState::SignedOut)],
        ..Snapshot::default()
    };
    insta::assert_snapshot!(whole(&snapshot), @r"
    SignedOut | Vestibule: acme: signed out
    acme: signed out (grey)
    Sign in
    ---
    Search…
    Settings…
    Quit
    ");
}

#[test]
fn one_session_shows_everything_in_reach() {
    let mut acme = session("acme", SessionState::SignedIn);
    acme.until = Some(datetime!(2026-11-22 17:30 +1));
    acme.user = Some("ana".to_owned());
    let mut favourite = role("acme", 1, "Payments", "Administrator");
    favourite.favourite = true;
    favourite.recent = Some(0);
    let mut recent = role("acme", 2, "Sandbox", "ReadOnly");
    recent.recent = Some(1);
    recent.kept = true;
    let snapshot = Snapshot {
        sessions: vec![acme],
        roles: vec![favourite, role("acme", 1, "Payments", "Billing"), recent],
        ..Snapshot::default()
    };
    insta::assert_snapshot!(whole(&snapshot), @r"
    SignedIn | Vestibule: ana at acme: signed in until about 22 Nov 17:30
    ana at acme: signed in until about 22 Nov 17:30 (grey)
    Sign out
    ---
    Payments / Administrator
    ---
    Sandbox / ReadOnly
    ---
    Accounts >
      Payments >
        Administrator
        Billing
        ---
        Copy credentials >
          Administrator
          Billing
        Keep refreshed >
          [ ] Administrator
          [ ] Billing
      Sandbox >
        ReadOnly
        ---
        Copy credentials >
          ReadOnly
        Keep refreshed >
          [x] ReadOnly
    ---
    Search…
    Settings…
    Quit
    ");
}

#[test]
fn several_sessions_stand_side_by_side_in_every_state() {
    let mut signing_in = session("beta", SessionState::SigningIn);
    signing_in.sign_in = Some(SignIn {
        flow: Flow::Device,
        phase: SignInPhase::Waiting,
        user_code: Some("ABCD-EFGH".to_owned()),
        verification_uri: None,
        verification_uri_complete: None,
    });
    let mut failing = session("acme", SessionState::SignedIn);
    failing.problem = Some(Failure {
        code: Code::PortalUnreachable,
        message: "It cannot be reached.".to_owned(),
        next_step: "Check the network.".to_owned(),
    });
    let mut recent = role("acme", 1, "Same", "Admin");
    recent.recent = Some(0);
    let snapshot = Snapshot {
        sessions: vec![failing, signing_in, session("gamma", SessionState::Expired)],
        roles: vec![
            recent,
            role("acme", 2, "Same", "Admin"),
            role("gamma", 3, "Other", "Admin"),
        ],
        ..Snapshot::default()
    };
    insta::assert_snapshot!(whole(&snapshot), @r"
    Attention | Vestibule: 1 of 3 sessions signed in
    acme: signed in (grey)
    Cannot be refreshed: retry
    Sign out
    beta: signing in… (grey)
    Confirm the code ABCD-EFGH…
    Cancel sign-in
    gamma: sign in needed (grey)
    Sign in
    ---
    Same / Admin (acme)
    ---
    Accounts >
      acme >
        Same (000000000001) >
          Admin
          ---
          Copy credentials >
            Admin
          Keep refreshed >
            [ ] Admin
        Same (000000000002) >
          Admin
          ---
          Copy credentials >
            Admin
          Keep refreshed >
            [ ] Admin
      gamma >
        Other >
          Admin
          ---
          Copy credentials >
            Admin
          Keep refreshed >
            [ ] Admin
    ---
    Search…
    Settings…
    Quit
    ");
}

#[test]
fn no_level_is_longer_than_twenty_and_huge_catalogs_are_searched() {
    for (accounts, roles) in [(1, 1), (20, 18), (21, 19), (150, 40), (400, 3)] {
        let menu = menu(&many(accounts, roles));
        assert!(
            widest(&menu.entries) <= LEVEL,
            "{accounts} accounts, {roles} roles"
        );
        assert_eq!(
            leaves(&menu.entries),
            3 * accounts * roles,
            "{accounts} accounts, {roles} roles"
        );
    }
    let mut huge = many(401, 1);
    huge.roles.iter_mut().for_each(|role| role.favourite = true);
    let menu = menu(&huge);
    assert!(widest(&menu.entries) <= LEVEL);
    assert!(!drawn(&menu.entries, 0).contains("Accounts"));
    let mut crowd = many(1, 1);
    crowd.sessions = (0..30)
        .map(|number| session(&format!("s{number}"), SessionState::SignedIn))
        .collect();
    assert!(widest(&super::menu(&crowd).entries) <= LEVEL);
}

#[test]
fn every_state_of_a_session_has_its_icon_and_its_words() {
    use SessionState::{Expired, SignedIn, SignedOut, SigningIn};
    let problem = Failure {
        code: Code::PortalUnreachable,
        message: "It cannot be reached.".to_owned(),
        next_step: "Check the network.".to_owned(),
    };
    let plain = (false, false);
    let (failing, listing) = ((true, false), (false, true));
    for (state, (fails, lists), icon, words) in [
        (SignedOut, plain, Icon::SignedOut, "signed out"),
        (SigningIn, plain, Icon::Busy, "signing in…"),
        (SigningIn, failing, Icon::Attention, "signing in…"),
        (SignedIn, plain, Icon::SignedIn, "signed in"),
        (
            SignedIn,
            listing,
            Icon::Busy,
            "signed in, listing accounts…",
        ),
        (
            SignedIn,
            failing,
            Icon::Attention,
            "signed in, not refreshed",
        ),
        (Expired, plain, Icon::Attention, "sign in needed"),
    ] {
        let mut acme = session("acme", state);
        acme.problem = fails.then(|| problem.clone());
        acme.listing = lists;
        let snapshot = Snapshot {
            sessions: vec![acme],
            ..Snapshot::default()
        };
        let menu = menu(&snapshot);
        let expected = (icon, format!("Vestibule: acme: {words}"));
        assert_eq!((menu.icon, menu.tooltip), expected);
    }
}

#[test]
fn what_needs_the_user_shows_in_the_icon() {
    let mut snapshot = many(1, 1);
    assert_eq!(menu(&snapshot).icon, Icon::SignedIn);
    snapshot.sessions[0].listing = true;
    assert_eq!(menu(&snapshot).icon, Icon::Busy);
    snapshot.sessions[0].state = SessionState::Expired;
    assert_eq!(menu(&snapshot).icon, Icon::Attention);
    snapshot.sessions[0] = session("acme", SessionState::SignedOut);
    assert_eq!(menu(&snapshot).icon, Icon::SignedOut);
}
