//! Everything that a user's pages lead to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::StatusCode;

use super::{is_markup_in, patterns};
use crate::{
    browser::{Browser, Page},
    house::House,
};

/// Where people begin, and where only time or another spelling leads to.
const BEGINNINGS: [&str; 6] = [
    "/start",
    "/start/",
    "/security",
    "/security/confirm",
    "/admin",
    "/admin/",
];
/// So many pages of one kind are looked at.
const ALIKE: usize = 3;

/// A form as a page shows it.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) action: String,
    /// Whether it changes something.
    pub(super) posts: bool,
    pub(super) fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether one types into it.
    pub(super) typed: bool,
}

impl Form {
    /// What a browser sends of it, but for its token.
    pub(super) fn sent(&self) -> Vec<(&str, &str)> {
        let sent = self.fields.iter().filter(|field| field.name != "csrf");
        sent.map(|field| (field.name.as_str(), field.value.as_str()))
            .collect()
    }
}

/// What somebody comes across who follows every link.
#[derive(Debug, Default)]
pub(super) struct Crawl {
    /// Where there is a page.
    pub(super) addresses: BTreeSet<String>,
    pub(super) forms: Vec<Form>,
    pub(super) pages: BTreeMap<String, Page>,
}

impl Crawl {
    /// Follows every link of this browser's user.
    pub(super) async fn of(house: &House, browser: &mut Browser<'_>) -> Self {
        let patterns = patterns(house);
        let mut crawl = Self::default();
        let mut alike: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut next: VecDeque<String> = BEGINNINGS.map(str::to_owned).into();
        while let Some(address) = next.pop_front() {
            let Some(pattern) = pattern_of(&patterns, &address) else {
                continue;
            };
            if crawl.addresses.contains(&address) || pattern.starts_with("/oauth") {
                continue;
            }
            let seen = alike.entry((pattern, queried(&address))).or_default();
            *seen += 1;
            if *seen > ALIKE {
                continue;
            }
            let page = browser.get(&address).await;
            crawl.addresses.insert(address.clone());
            if page.status == StatusCode::SEE_OTHER {
                next.push_back(page.location().to_owned());
            }
            next.extend(links(&page.html));
            for form in forms(&page.html) {
                if !form.posts {
                    next.push_back(asked(&form));
                }
                crawl.forms.push(form);
            }
            crawl.pages.insert(address, page);
        }
        crawl
    }

    /// An address of this path of the router's, and a form that is sent there.
    pub(super) fn found(
        &self,
        patterns: &[String],
        pattern: &str,
    ) -> Option<(String, Option<Form>)> {
        let fits =
            |address: &str| pattern_of(patterns, address).is_some_and(|found| found == pattern);
        let mut forms = self.forms.iter().filter(|form| form.posts);
        let form = forms.find(|form| fits(&form.action)).cloned();
        let address = self.addresses.iter().find(|address| fits(address)).cloned();
        let address = address.or_else(|| Some(form.as_ref()?.action.clone()))?;
        Some((address, form))
    }

    /// What pages of this path are asked by.
    pub(super) fn names(&self, patterns: &[String], pattern: &str) -> BTreeSet<String> {
        let fits =
            |address: &&String| pattern_of(patterns, address).is_some_and(|found| found == pattern);
        let found = self.addresses.iter().filter(fits);
        found.flat_map(|address| names_in(address)).collect()
    }

    /// No page of it holds `markup` as markup.
    #[track_caller]
    pub(super) fn shows_no(&self, markup: &str) {
        for (address, page) in &self.pages {
            assert!(!is_markup_in(page, markup), "{address}: {page:?}");
        }
    }
}

/// The path of the router's that an address belongs to: of several, the one that says most of it.
pub(super) fn pattern_of(patterns: &[String], address: &str) -> Option<String> {
    let path: Vec<&str> = address.split(['?', '#']).next()?.split('/').collect();
    let fits = |pattern: &&String| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        let mut parts = pattern.iter().zip(&path);
        pattern.len() == path.len()
            && parts.all(|(pattern, part)| {
                pattern == part || pattern.starts_with('{') && !part.is_empty()
            })
    };
    let fitting = patterns.iter().filter(fits);
    fitting
        .min_by_key(|pattern| pattern.matches('{').count())
        .cloned()
}

/// The names of what an address asks for.
fn queried(address: &str) -> String {
    names_in(address).into_iter().collect()
}

fn names_in(address: &str) -> BTreeSet<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).collect()
}

fn asked(form: &Form) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.sent())
        .finish();
    format!("{}?{query}", form.action)
}

fn links(html: &str) -> Vec<String> {
    let tags = html.split("<a").skip(1);
    let targets = tags.filter_map(|tag| attribute(tag.split('>').next()?, "href"));
    let here = targets.filter(|target| target.starts_with('/'));
    here.map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// The forms of a page.
pub(super) fn forms(html: &str) -> Vec<Form> {
    let forms = html.split("<form").skip(1);
    forms
        .filter_map(|form| {
            let (form, _) = form.split_once("</form>")?;
            let (head, content) = form.split_once('>')?;
            Some(Form {
                action: attribute(head, "action")?,
                posts: attribute(head, "method").as_deref() == Some("post"),
                fields: fields(content),
            })
        })
        .collect()
}

fn fields(content: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    for tag in content.split('<').skip(1) {
        let Some((head, text)) = tag.split_once('>') else {
            continue;
        };
        let kind = head.split_ascii_whitespace().next().unwrap_or_default();
        let Some(name) = attribute(head, "name") else {
            continue;
        };
        let of = |attribute_name| attribute(head, attribute_name).unwrap_or_default();
        let (value, typed) = match (kind, of("type").as_str()) {
            ("input", "text" | "search" | "email" | "password") => (of("value"), true),
            ("input", "checkbox") if !head.contains(" checked") => continue,
            ("input" | "button", _) => (of("value"), false),
            ("textarea", _) => (decoded(text.trim_start_matches('\n')), true),
            ("select", _) => (chosen(content, head), false),
            _ => continue,
        };
        fields.push(Field { name, value, typed });
    }
    fields
}

/// What is chosen in the list that begins with `head`, or its first choice.
fn chosen(content: &str, head: &str) -> String {
    let list = content.split_once(head).map_or("", |(_, list)| list);
    let list = list.split("</select>").next().unwrap_or_default();
    let choices: Vec<&str> = list.split("<option").skip(1).collect();
    let selected = choices.iter().find(|choice| choice.contains(" selected"));
    let choice = selected.or(choices.first()).copied().unwrap_or_default();
    attribute(choice, "value").unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next().map(decoded)
}

/// Text as it was before it became a page.
fn decoded(text: &str) -> String {
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (written, meant)| {
        text.replace(written, meant)
    })
}
