use serde::{Deserialize, Deserializer};
use url::Url;

/// The pages a sign-in may lead to.
const PAGES: [&str; 6] = [
    "/start",
    "/start/console",
    "/start/application",
    "/device",
    "/consent",
    "/security",
];

/// Where the browser goes after signing in: a page of this portal, never elsewhere. Whatever else
/// is asked for becomes the portal's first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// The portal's first page.
    pub(crate) fn start() -> Self {
        Self("/start".to_owned())
    }

    /// The page at this path and query, if it is one of those known.
    pub(crate) fn parse(asked: &str) -> Self {
        const HERE: &str = "http://portal.invalid";
        let Some(url) = Url::parse(HERE).and_then(|here| here.join(asked)).ok() else {
            return Self::start();
        };
        let is_here = url.origin().ascii_serialization() == HERE;
        if !is_here || !is_page(url.path()) {
            return Self::start();
        }
        Self(match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
    }

    /// Path and query.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_page(path: &str) -> bool {
    PAGES.contains(&path) || path == "/admin" || path.starts_with("/admin/")
}

impl<'de> Deserialize<'de> for ReturnTo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pages_are_kept_with_their_query() {
        for page in [
            "/start",
            "/device?user_code=ABCD-EFGH",
            "/consent?request=%2F%2Fevil.example",
            "/admin/users?search=ada",
        ] {
            assert_eq!(ReturnTo::parse(page).as_str(), page);
        }
    }

    #[test]
    fn everything_else_is_the_first_page() {
        for elsewhere in [
            "",
            "/signout",
            "/start/../federation",
            "/admin/../federation",
            "/administer",
            "https://evil.example/start",
            "//evil.example/start",
            "/\\evil.example/start",
            "\\\\evil.example/start",
            "/\t/evil.example/start",
            "javascript:alert(1)",
            "http://portal.invalid@evil.example/start",
        ] {
            assert_eq!(ReturnTo::parse(elsewhere), ReturnTo::start(), "{elsewhere}");
        }
    }
}
