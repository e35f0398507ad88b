//! Writing settings into the text that stands there, so that the user's comments stay.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::{ConsoleLink, Portal, Settings, VERSION};

/// The text with these settings in it. A text that cannot be read is begun anew: its owner has
/// a copy by then.
pub(super) fn apply(text: &str, settings: &Settings) -> String {
    let mut document: DocumentMut = text.parse().unwrap_or_default();
    document["version"] = value(VERSION);
    set(&mut document, "browser", settings.browser.as_deref());
    set(
        &mut document,
        "keyring_service",
        settings.keyring_service.as_deref(),
    );
    let ca_bundle = settings.ca_bundle.as_deref().and_then(Path::to_str);
    set(&mut document, "ca_bundle", ca_bundle);
    let old = match document.remove("sessions") {
        Some(Item::ArrayOfTables(tables)) => tables,
        _ => ArrayOfTables::new(),
    };
    let mut sessions = ArrayOfTables::new();
    for portal in &settings.sessions {
        let is_it = |table: &&Table| table.get("name").and_then(Item::as_str) == Some(&portal.name);
        let mut table = old.iter().find(is_it).cloned().unwrap_or_default();
        fill(&mut table, portal);
        sessions.push(table);
    }
    if !sessions.is_empty() {
        document["sessions"] = Item::ArrayOfTables(sessions);
    }
    document.to_string()
}

fn fill(table: &mut Table, portal: &Portal) {
    set(table, "name", Some(&portal.name));
    set(table, "start_url", Some(portal.start_url.as_str()));
    set(table, "region", Some(portal.region.as_str()));
    let shortcut = portal.console == ConsoleLink::Shortcut;
    set(table, "console", shortcut.then_some("shortcut"));
    match portal.share_sign_in {
        false => drop(table.remove("share_sign_in")),
        true if table.get("share_sign_in").and_then(Item::as_bool) == Some(true) => {}
        true => table["share_sign_in"] = value(true),
    }
    let overrides = &portal.endpoints;
    let named = [
        ("sso_oidc", &overrides.oidc),
        ("sso", &overrides.portal),
        ("signin", &overrides.signin),
        ("sts", &overrides.sts),
        ("console", &overrides.console),
    ];
    if named.iter().all(|(_, url)| url.is_none()) {
        table.remove("endpoints");
        return;
    }
    let mut endpoints = toml_edit::InlineTable::new();
    for (name, url) in named {
        if let Some(url) = url {
            endpoints.insert(name, url.as_str().into());
        }
    }
    table["endpoints"] = value(Value::InlineTable(endpoints));
}

/// Sets the key where its value differs, so that an unchanged line keeps its comment.
fn set(table: &mut Table, key: &str, wanted: Option<&str>) {
    match wanted {
        None => drop(table.remove(key)),
        Some(text) if table.get(key).and_then(Item::as_str) == Some(text) => {}
        Some(text) => table[key] = value(text),
    }
}
