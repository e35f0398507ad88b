use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What a SAML application is told about a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttributeMapping {
    /// The assertion's attribute; `Subject` names the user.
    pub name: String,
    /// Where its value comes from, as in `${user:email}`.
    pub source: String,
    /// The last part of SAML's name of the format: `basic`, `emailAddress`, `persistent`…
    pub format: String,
}

/// An application that the portal knows how to set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// The end of its provider's ARN.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it starts; `{…}` stands for what only the organization knows.
    pub start_url: String,
    /// How to set it up, a step a line.
    pub guide: String,
    /// What it is told about users, unless an administrator says otherwise.
    pub attributes: Vec<AttributeMapping>,
}

impl CatalogueEntry {
    /// Where it starts, if that is the same for every organization.
    pub fn common_url(&self) -> Option<&str> {
        (!self.start_url.contains('{')).then_some(self.start_url.as_str())
    }
}

#[derive(Deserialize)]
struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

static CATALOGUE: LazyLock<Vec<CatalogueEntry>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a part of this program")]
    let catalogue: Catalogue =
        toml::from_str(include_str!("catalogue.toml")).expect("the catalogue");
    catalogue.entries
});

/// Every application of the catalogue, by id.
pub fn catalogue() -> &'static [CatalogueEntry] {
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use url::Url;

    use super::*;
    use crate::applications::Provider;

    #[test]
    fn every_entry_can_be_set_up() {
        let ids: Vec<&str> = catalogue().iter().map(|entry| entry.id.as_str()).collect();
        let sorted: BTreeSet<&str> = ids.iter().copied().collect();
        assert!(ids.iter().eq(sorted.iter()), "by id, each once: {ids:?}");
        for wanted in [
            "Box",
            "Datadog",
            "GitHub",
            "GitLab",
            "Grafana",
            "Jenkins",
            "Jira",
            "Microsoft365",
            "Salesforce",
            "Slack",
        ] {
            assert!(sorted.contains(wanted), "{wanted}");
        }
        for entry in catalogue() {
            let name = &entry.id;
            let filled = entry.start_url.replace(['{', '}'], "");
            let url = Url::parse(&filled).expect(name);
            assert_eq!(url.scheme(), "https", "{name}");
            assert!(entry.guide.lines().count() >= 3, "{name}");
            let subjects = entry
                .attributes
                .iter()
                .filter(|attribute| attribute.name == "Subject");
            assert_eq!(subjects.count(), 1, "{name}");
            assert!(
                Provider::parse(&format!("catalog/{name}")).is_some(),
                "{name}"
            );
        }
    }
}
