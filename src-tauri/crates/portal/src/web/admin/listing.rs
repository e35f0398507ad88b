use serde::Deserialize;

use super::{
    Done,
    view::{Field, Form, Input},
};

/// Entries on one page.
pub(super) const PER_PAGE: i64 = 50;

/// What is asked of a page that lists something.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    search: String,
    /// The key of the last entry of the page before.
    pub(super) after: String,
    done: String,
}

impl Asked {
    pub(super) fn search(&self) -> &str {
        self.search.trim()
    }

    /// What was done before, according to the address.
    pub(super) fn done(&self) -> Option<Done> {
        Done::named(&self.done)
    }

    /// A form that searches the list at `path`.
    pub(super) fn form(&self, path: &str, label: &'static str) -> Form {
        Form::asking("find", path)
            .field(Field::new("search", label, Input::Find).value(self.search()))
    }

    /// Cuts what was fetched with [`PROBE`] to a page, and says where the next one is.
    pub(super) fn cut<T>(
        &self,
        path: &str,
        found: &mut Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> Option<String> {
        let last = cut(found, key)?;
        Some(address(
            path,
            &[("search", self.search()), ("after", &last)],
        ))
    }
}

/// How many to fetch: one more than is shown tells whether there is another page.
pub(super) const PROBE: i64 = PER_PAGE + 1;

/// Cuts what was fetched with [`PROBE`] to a page. The key of its last entry if there are more.
pub(super) fn cut<T>(found: &mut Vec<T>, key: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    if found.len() <= limit {
        return None;
    }
    found.truncate(limit);
    found.last().map(key)
}

/// An address with those of these parameters that say something.
pub(super) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let given = query.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
