//! Ids, ARNs and what names may be made of.

use super::{Organization, OrganizationError, founding::check_enum};
use crate::random;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// What has a place in the tree, by the form of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// `r-…`
    Root,
    /// `ou-…`
    Unit,
    /// Twelve digits.
    Account,
}

impl Node {
    /// What an id of this form names, whether or not it exists; none: no id of the tree.
    pub fn of(id: &str) -> Option<Self> {
        if is_account_id(id) {
            return Some(Self::Account);
        }
        let parts: Vec<&str> = id.split('-').collect();
        let plain = |part: &str, fewest: usize| {
            (fewest..=32).contains(&part.len()) && part.bytes().all(|byte| LETTERS.contains(&byte))
        };
        match parts[..] {
            ["r", root] if plain(root, 4) => Some(Self::Root),
            ["ou", root, unit] if plain(root, 4) && plain(unit, 8) => Some(Self::Unit),
            _ => None,
        }
    }

    /// The kind of child that AWS calls `name`.
    pub fn child_named(name: &str) -> Result<Self, OrganizationError> {
        let kinds = [Self::Account, Self::Unit];
        check_enum("ChildType", name, &["ACCOUNT", "ORGANIZATIONAL_UNIT"])?;
        Ok(kinds
            .into_iter()
            .find(|kind| kind.name() == name)
            .unwrap_or(Self::Account))
    }

    /// AWS's name of it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Root => "ROOT",
            Self::Unit => "ORGANIZATIONAL_UNIT",
            Self::Account => "ACCOUNT",
        }
    }
}

/// Whether it has twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it can be an email address: AWS's pattern, and no more.
pub(super) fn is_email(text: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| plain(name) && plain(host) && is_mail_domain(host))
}

/// Whether there is a dot between its ends.
pub(super) fn is_mail_domain(host: &str) -> bool {
    let mut labels = host.split('.');
    host.contains('.') && labels.all(|label| !label.is_empty() && label.parse::<u8>().is_err())
}

/// ARNs, which all name the management account and the organization.
impl Organization {
    /// The organization's own.
    pub fn arn(&self, partition: &str) -> String {
        format!("{}/{}", self.arn_of(partition, "organization"), self.id)
    }

    /// Where something lies, from the organization down, given the ids of its units with `/` between
    /// them: `o-…/r-…/ou-…/`.
    pub fn path(&self, units: &str) -> String {
        let slash = if units.is_empty() { "" } else { "/" };
        format!("{}/{}/{units}{slash}", self.id, self.root_id)
    }

    /// That of the root, a unit or an account.
    pub fn node_arn(&self, partition: &str, id: &str) -> String {
        let kind = match Node::of(id) {
            Some(Node::Root) => "root",
            Some(Node::Unit) => "ou",
            _ => "account",
        };
        self.resource_arn(partition, kind, id)
    }

    /// That of `id`, of this kind.
    pub fn resource_arn(&self, partition: &str, kind: &str, id: &str) -> String {
        format!("{}/{}/{id}", self.arn_of(partition, kind), self.id)
    }

    fn arn_of(&self, partition: &str, kind: &str) -> String {
        let management = &self.management_account_id;
        format!("arn:{partition}:organizations::{management}:{kind}")
    }
}

/// A new id: `prefix` and `length` lower-case letters and digits.
pub(super) fn new_id(prefix: &str, length: usize) -> String {
    format!("{prefix}{}", random::characters(LETTERS, length))
}

/// Refuses what is shorter or longer, in characters.
pub(super) fn check_length(
    field: &'static str,
    text: &str,
    fewest: usize,
    most: usize,
) -> Result<(), OrganizationError> {
    let length = text.chars().count();
    if length < fewest {
        let problem = match fewest {
            1 => "it is needed".to_owned(),
            _ => format!("it needs at least {fewest} characters"),
        };
        return Err(OrganizationError::invalid(
            field,
            "MIN_LENGTH_EXCEEDED",
            problem,
        ));
    }
    if length > most {
        let problem = format!("it has {length} characters, {most} at most");
        return Err(OrganizationError::invalid(
            field,
            "MAX_LENGTH_EXCEEDED",
            problem,
        ));
    }
    Ok(())
}

/// Refuses what is not of the form that AWS's model asks for.
pub(super) fn check_pattern(
    field: &'static str,
    holds: bool,
    form: &str,
) -> Result<(), OrganizationError> {
    if holds {
        return Ok(());
    }
    let problem = format!("it must be {form}");
    Err(OrganizationError::invalid(
        field,
        "INVALID_PATTERN",
        problem,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_by_their_form() {
        assert_eq!(Node::of("r-ab12"), Some(Node::Root));
        assert_eq!(Node::of("ou-ab12-abcdefg1"), Some(Node::Unit));
        assert_eq!(Node::of("123456789012"), Some(Node::Account));
        for other in [
            "",
            "r-",
            "r-abc",
            "r-AB12",
            "ou-ab12",
            "ou-ab12-abc",
            "12345678901",
            "1234567890123",
            "p-FullAWSAccess",
            "ou-ab12-abcdefg1-x",
        ] {
            assert_eq!(Node::of(other), None, "{other}");
        }
    }
}
