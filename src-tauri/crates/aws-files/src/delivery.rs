//! How a kept role reaches the tools that use it.

use serde::{Deserialize, Serialize};

/// A way for AWS's tools to find a role's credentials in `~/.aws`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A profile whose `credential_process` asks Vestibule: nothing secret in any file.
    #[default]
    Process,
    /// A profile that names an `[sso-session]`, whose access token stands in the token cache.
    SsoSession,
    /// Access keys in the credentials file, for tools that know nothing else.
    StaticKeys,
}

impl Delivery {
    /// What tells the profile of a role's second way of delivery from that of its first.
    fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Process => None,
            Self::SsoSession => Some("-sso"),
            Self::StaticKeys => Some("-keys"),
        }
    }

    /// A name for a new profile: `base` where that is free; else with `-sso` or `-keys` for the
    /// ways that have one; else numbered from 2.
    #[must_use]
    pub fn free_name(self, base: &str, taken: &dyn Fn(&str) -> bool) -> String {
        if !taken(base) {
            return base.to_owned();
        }
        let distinct = format!("{base}{}", self.suffix().unwrap_or_default());
        let numbered = (2_u32..).map(|number| format!("{distinct}-{number}"));
        std::iter::once(distinct.clone())
            .chain(numbered)
            .find(|candidate| !taken(candidate))
            .unwrap_or(distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_way_gets_a_name_of_its_own() {
        let name = |delivery: Delivery, taken: &[&str]| {
            delivery.free_name("a-b", &|name| taken.contains(&name))
        };
        assert_eq!(name(Delivery::SsoSession, &[]), "a-b");
        assert_eq!(name(Delivery::Process, &["a-b", "a-b-2"]), "a-b-3");
        assert_eq!(name(Delivery::SsoSession, &["a-b"]), "a-b-sso");
        assert_eq!(name(Delivery::StaticKeys, &["a-b"]), "a-b-keys");
        assert_eq!(
            name(Delivery::StaticKeys, &["a-b", "a-b-keys"]),
            "a-b-keys-2"
        );
    }
}
