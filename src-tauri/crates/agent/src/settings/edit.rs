//! Writing settings into the text that stands there, so that the user's comments stay.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{ConsoleLink, Portal, Settings, VERSION};
use crate::chain::ChainedRole;

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
    let old = tables_of(&mut document, "sessions");
    let sessions = settings.sessions.iter().map(|portal| {
        let mut table = like(&old, &[("name", &portal.name)]);
        fill(&mut table, portal);
        table
    });
    put(&mut document, "sessions", sessions.collect());
    let old = tables_of(&mut document, "chained_roles");
    let chained = settings.chained_roles.iter().map(|chain| {
        let session = &chain.source.session;
        let mut table = like(&old, &[("name", &chain.name), ("session", session)]);
        fill_chained(&mut table, chain);
        table
    });
    put(&mut document, "chained_roles", chained.collect());
    document.to_string()
}

fn tables_of(document: &mut DocumentMut, key: &str) -> ArrayOfTables {
    match document.remove(key) {
        Some(Item::ArrayOfTables(tables)) => tables,
        _ => ArrayOfTables::new(),
    }
}

/// The table that stood for it, with its comments, or a new one.
fn like(old: &ArrayOfTables, keys: &[(&str, &str)]) -> Table {
    let is_it = |table: &&Table| {
        keys.iter()
            .all(|(key, text)| table.get(key).and_then(Item::as_str) == Some(*text))
    };
    old.iter().find(is_it).cloned().unwrap_or_default()
}

fn put(document: &mut DocumentMut, key: &str, tables: ArrayOfTables) {
    if !tables.is_empty() {
        document[key] = Item::ArrayOfTables(tables);
    }
}

fn fill_chained(table: &mut Table, chain: &ChainedRole) {
    let ChainedRole {
        name,
        source,
        assume,
    } = chain;
    set(table, "name", Some(name));
    set(table, "session", Some(&source.session));
    set(table, "source_account", Some(&source.account_id));
    set(table, "source_role", Some(&source.role_name));
    set(table, "role_arn", Some(assume.role_arn.as_str()));
    set(table, "role_session_name", assume.session_name.as_deref());
    match assume.duration_seconds.map(i64::from) {
        None => drop(table.remove("duration_seconds")),
        now if table.get("duration_seconds").and_then(Item::as_integer) == now => {}
        Some(seconds) => table["duration_seconds"] = value(seconds),
    }
    set(table, "external_id", assume.external_id.as_deref());
    set(table, "source_identity", assume.source_identity.as_deref());
    set(table, "mfa_serial", assume.serial_number.as_deref());
    if assume.tags.is_empty() {
        table.remove("tags");
    } else {
        table["tags"] = value(InlineTable::from_iter(&assume.tags));
    }
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
    let mut endpoints = InlineTable::new();
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
