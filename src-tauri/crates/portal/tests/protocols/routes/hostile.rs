//! Texts that are meant to become markup, SQL, headers or templates.

use std::collections::BTreeSet;

use axum::http::Method;

use super::{
    Crawl, administrator,
    crawl::{Form, forms, pattern_of},
    house, is_markup_in, is_unchanged, patterns, routes, state,
};
use crate::browser::{Browser, Page};

const MARKUP: &str = "\"'><img src=x onerror=alert(1)>{{7*7}}${7*7}\r\nX-Injected: yes";
/// What of it would be markup.
const TAG: &str = "<img src=x";
const SQL: &str = "x'; DROP TABLE users; --\"%_\\)";
/// What no text in PostgreSQL can hold.
const NUL: &str = "x\0y";

#[track_caller]
fn is_harmless(place: &str, page: &Page) {
    assert!(page.status.as_u16() < 500, "{place}: {page:?}");
    assert!(!is_markup_in(page, TAG), "{place}: {page:?}");
    assert!(
        !page.headers.contains_key("x-injected"),
        "{place}: {page:?}"
    );
}

#[tokio::test]
async fn nothing_in_an_address_is_markup_or_sql() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut browser).await;
    let before = state(&house).await;
    let patterns = patterns(&house);
    // Every name that any page is asked by, all at once; and those of its own, each alone.
    let every: BTreeSet<String> = patterns
        .iter()
        .flat_map(|pattern| crawl.names(&patterns, pattern))
        .filter(|name| name != "Action")
        .collect();
    assert!(
        every.contains("search") && every.contains("id"),
        "{every:?}"
    );
    for route in routes(&house, &crawl).await {
        if !route.takes(&Method::GET) {
            continue;
        }
        let path = route.address.split('?').next().unwrap_or_default();
        for text in [MARKUP, SQL, NUL] {
            let own = crawl.names(&patterns, &route.pattern);
            let alone = own.into_iter().map(|name| BTreeSet::from([name]));
            for names in alone.chain([every.clone()]) {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(names.iter().map(|name| (name, text)))
                    .finish();
                let address = format!("{path}?{query}");
                is_harmless(&address, &browser.get(&address).await);
            }
            let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let text = text.replace('+', "%20");
            let parts = route.pattern.split('/');
            let parts = parts.map(|part| if part.starts_with('{') { &text } else { part });
            let address = parts.collect::<Vec<_>>().join("/");
            is_harmless(&address, &browser.get(&address).await);
        }
    }
    is_unchanged(&before, &state(&house).await);
}

/// A value that a field takes for what it asks, new each time.
fn plain(name: &str, number: usize) -> String {
    match name.to_ascii_lowercase() {
        name if name.contains("email") => format!("plain{number}@example.com"),
        name if name.contains("url") => format!("https://plain{number}.example.com/"),
        name if name.contains("accountid") => format!("{:012}", 100_000_000_000 + number),
        _ => format!("Plain{number}"),
    }
}

/// Sends a form once for each field that is typed into, with `text` in that field, and once with it in
/// all. How often it was taken.
async fn fill(browser: &mut Browser<'_>, page: &str, form: &Form, text: &str) -> usize {
    let typed: Vec<&str> = form
        .fields
        .iter()
        .filter(|field| field.typed)
        .map(|field| field.name.as_str())
        .collect();
    let mut taken = 0;
    for hostile in typed.iter().map(|name| vec![*name]).chain([typed.clone()]) {
        let csrf = browser.get("/start").await.value("csrf");
        let number = next();
        let fields: Vec<(String, String)> = form
            .fields
            .iter()
            .map(|field| {
                let value = match (field.name.as_str(), field.typed) {
                    ("csrf", _) => csrf.clone(),
                    (name, true) if hostile.contains(&name) => text.to_owned(),
                    (name, true) if field.value.is_empty() => plain(name, number),
                    _ => field.value.clone(),
                };
                (field.name.clone(), value)
            })
            .collect();
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let place = format!("{page}: {} with {hostile:?}", form.action);
        let answer = browser.post(&form.action, &fields).await;
        is_harmless(&place, &answer);
        if answer.status == 303 {
            taken += 1;
            let target = answer.location().to_owned();
            is_harmless(&place, &browser.get(&target).await);
        }
    }
    taken
}

fn next() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[tokio::test]
async fn nothing_an_administrator_writes_is_markup_sql_header_or_template() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut browser).await;
    let patterns = patterns(&house);
    let mut tried = BTreeSet::new();
    let mut taken = 0;
    for (address, page) in &crawl.pages {
        for form in forms(&page.html) {
            let has_text = form.fields.iter().any(|field| field.typed);
            // The session and the password stay as they are.
            let elsewhere = !form.posts || form.action.starts_with("/security/password");
            let names: Vec<&str> = form
                .fields
                .iter()
                .map(|field| field.name.as_str())
                .collect();
            let kind = (pattern_of(&patterns, &form.action), names.join(" "));
            if !has_text || elsewhere || !tried.insert(kind) {
                continue;
            }
            for text in [MARKUP, SQL, NUL] {
                taken += fill(&mut browser, address, &form, text).await;
            }
        }
    }
    assert!(tried.len() >= 15, "{tried:?}");
    assert!(taken >= 15, "only {taken} were taken");
    // Wherever it was taken, it is text on every page of everybody.
    Crawl::of(&house, &mut browser).await.shows_no(TAG);
    let mut user = house.browser();
    user.sign_in("developer").await;
    Crawl::of(&house, &mut user).await.shows_no(TAG);
    let held = portal::directory::user_by_name(house.portal.pool(), "developer").await;
    assert!(
        held.expect("store").is_some(),
        "the table of users is whole"
    );
}
