//! Chained roles: roles that are taken with the credentials of another role. They stand in the
//! settings, and beside the assigned ones wherever roles are shown.

use std::borrow::Cow;

use ipc::message::{Chain, Failure};
use sso::sts::{AssumeRole, Invalid};

use crate::catalog::{Account, Catalog};
use crate::menu::RoleId;

pub use sso::sts::Parameter;

/// A role taken from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRole {
    /// What the user calls it; unique in its session and account.
    pub name: String,
    /// The role it is taken from: an assigned one, or another chained role.
    pub source: RoleId,
    /// What is asked of AWS.
    pub assume: AssumeRole,
}

/// Why a chained role cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name does not fit where names of roles stand.
    #[error("“{0}” cannot be the name of a chained role: use up to 64 letters, digits, -, _ and .")]
    Name(String),
    /// The name is taken.
    #[error("there is a chained role {name} in account {account_id} already")]
    Twice {
        /// The name.
        name: String,
        /// The account of both.
        account_id: String,
    },
    /// Following the sources never comes to an assigned role.
    #[error("the chained role is taken from itself: {}", .0.join(" from "))]
    Circle(Vec<String>),
    /// AWS would refuse it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// A part of a chained role, for forms that show beside it what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its name.
    Name,
    /// The role it is taken from.
    Source,
    /// What is asked of AWS.
    Asked(Parameter),
}

/// Why a chained role was not added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What of it is wrong, where it is one part.
    pub part: Option<Part>,
    /// Why, and what to do.
    pub failure: Failure,
}

impl Error {
    /// What of the chained role is wrong.
    #[must_use]
    pub fn part(&self) -> Part {
        match self {
            Self::Name(_) | Self::Twice { .. } => Part::Name,
            Self::Circle(_) => Part::Source,
            Self::Invalid(invalid) => Part::Asked(invalid.parameter()),
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let part = None;
        Self { part, failure }
    }
}

impl ChainedRole {
    /// The chained role that is asked for.
    ///
    /// # Errors
    /// Its ARN is none; see [`check`] for the rest.
    pub(crate) fn asked(source: RoleId, chain: &Chain) -> Result<Self, Error> {
        Ok(Self {
            name: chain.name.clone(),
            source,
            assume: AssumeRole {
                role_arn: chain.role_arn.parse()?,
                session_name: chain.role_session_name.clone(),
                duration_seconds: chain.duration_seconds,
                external_id: chain.external_id.clone(),
                tags: chain.tags.clone(),
                source_identity: chain.source_identity.clone(),
                serial_number: chain.mfa_serial.clone(),
            },
        })
    }

    /// What was asked for.
    pub(crate) fn told(&self) -> Chain {
        let assume = &self.assume;
        Chain {
            name: self.name.clone(),
            role_arn: assume.role_arn.to_string(),
            role_session_name: assume.session_name.clone(),
            duration_seconds: assume.duration_seconds,
            external_id: assume.external_id.clone(),
            tags: assume.tags.clone(),
            source_identity: assume.source_identity.clone(),
            mfa_serial: assume.serial_number.clone(),
        }
    }

    /// As every other role is named: by the account that its ARN says.
    #[must_use]
    pub fn id(&self) -> RoleId {
        RoleId {
            session: self.source.session.clone(),
            account_id: self.assume.role_arn.account_id().to_owned(),
            role_name: self.name.clone(),
        }
    }

    fn is(&self, id: &RoleId) -> bool {
        self.name == id.role_name
            && self.source.session == id.session
            && self.assume.role_arn.account_id() == id.account_id
    }
}

/// The chained role of that name, if it is one.
pub(crate) fn find<'a>(chains: &'a [ChainedRole], id: &RoleId) -> Option<&'a ChainedRole> {
    chains.iter().find(|chain| chain.is(id))
}

/// The role and those it is taken from, one from the next; the last is taken from an assigned role.
pub(crate) fn links<'a>(
    chains: &'a [ChainedRole],
    id: &RoleId,
) -> impl Iterator<Item = &'a ChainedRole> {
    std::iter::successors(find(chains, id), |chain| find(chains, &chain.source))
}

/// Whether all of them can stand side by side; else which cannot, and why.
pub(crate) fn check(chains: &[ChainedRole]) -> Result<(), (usize, Error)> {
    for (at, chain) in chains.iter().enumerate() {
        let one = || {
            if !is_name(&chain.name) {
                return Err(Error::Name(chain.name.clone()));
            }
            chain.assume.check()?;
            let id = chain.id();
            if chains[..at].iter().any(|other| other.is(&id)) {
                return Err(Error::Twice {
                    name: id.role_name,
                    account_id: id.account_id,
                });
            }
            // More links than there are roles go round in a circle.
            let mut names: Vec<String> = links(chains, &id)
                .take(chains.len() + 1)
                .map(|link| link.name.clone())
                .collect();
            if names.len() > chains.len() {
                let again = names.iter().skip(1).position(|name| *name == names[0]);
                names.truncate(again.map_or(names.len(), |at| at + 2));
                return Err(Error::Circle(names));
            }
            Ok(())
        };
        one().map_err(|error| (at, error))?;
    }
    Ok(())
}

/// The accounts of a session with its chained roles among the assigned ones. An account where the
/// user has no other role is known by its number.
pub(crate) fn accounts<'a>(
    session: &str,
    catalog: &'a Catalog,
    chains: &[ChainedRole],
) -> Vec<Cow<'a, Account>> {
    let mut accounts: Vec<Cow<'a, Account>> = catalog.accounts.iter().map(Cow::Borrowed).collect();
    for chain in chains
        .iter()
        .filter(|chain| chain.source.session == session)
    {
        let id = chain.assume.role_arn.account_id();
        let known = accounts.iter().position(|account| account.id == id);
        let at = known.unwrap_or_else(|| {
            accounts.push(Cow::Owned(Account::unnamed(id)));
            accounts.len() - 1
        });
        let roles = &mut accounts[at].to_mut().roles;
        if let Err(place) = roles.binary_search(&chain.name) {
            roles.insert(place, chain.name.clone());
        }
    }
    if accounts.len() > catalog.accounts.len() {
        accounts.sort_by_cached_key(|account| account.order());
    }
    accounts
}

/// It also stands in names of profiles and in arguments.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&name.len()) && !name.starts_with(['.', '-']) && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(account: &str, name: &str) -> RoleId {
        RoleId {
            session: "acme".to_owned(),
            account_id: account.to_owned(),
            role_name: name.to_owned(),
        }
    }

    fn chain(name: &str, source: RoleId) -> ChainedRole {
        let arn = "arn:aws:iam::222222222222:role/Deploy".parse().unwrap();
        ChainedRole {
            name: name.to_owned(),
            source,
            assume: AssumeRole::new(arn),
        }
    }

    fn catalog() -> Catalog {
        let mut catalog = Catalog::default();
        for (id, name) in [("111111111111", "Payments"), ("333333333333", "Web")] {
            let mut account = Account::unnamed(id);
            account.name = name.to_owned();
            account.roles = vec!["Admin".to_owned(), "View".to_owned()];
            catalog.put(account);
        }
        catalog
    }

    #[test]
    fn chained_roles_stand_among_the_assigned_ones() {
        let mut near = chain("Break", role("111111111111", "Admin"));
        near.assume.role_arn = "arn:aws:iam::333333333333:role/B".parse().unwrap();
        let mut elsewhere = near.clone();
        elsewhere.source.session = "other".to_owned();
        let far = chain("deploy", role("111111111111", "Admin"));
        let catalog = catalog();
        let accounts = accounts("acme", &catalog, &[near, far, elsewhere]);
        let seen: Vec<(&str, Vec<&str>)> = accounts
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.roles.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("222222222222", vec!["deploy"]),
                ("Payments", vec!["Admin", "View"]),
                ("Web", vec!["Admin", "Break", "View"]),
            ]
        );
    }

    #[test]
    fn a_chain_leads_to_an_assigned_role() {
        let chains = [
            chain("c", role("222222222222", "b")),
            chain("b", role("222222222222", "a")),
            chain("a", role("111111111111", "Admin")),
        ];
        assert_eq!(check(&chains), Ok(()));
        let names = |id| {
            links(&chains, &id)
                .map(|link| link.name.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(role("222222222222", "c")), ["c", "b", "a"]);
        assert_eq!(names(role("111111111111", "Admin")), [""; 0]);
    }

    #[test]
    fn what_cannot_stand_is_named() {
        let a = chain("a", role("222222222222", "b"));
        let b = chain("b", role("222222222222", "a"));
        let (_, circle) = check(&[a.clone(), b.clone()]).unwrap_err();
        assert_eq!(
            circle.to_string(),
            "the chained role is taken from itself: a from b from a"
        );
        let into = chain("c", role("222222222222", "a"));
        let (at, _) = check(&[into, a.clone(), b]).unwrap_err();
        assert_eq!(at, 0);
        let itself = chain("d", role("222222222222", "d"));
        assert!(matches!(check(&[itself]), Err((0, Error::Circle(_)))));
        let root = chain("a", role("111111111111", "Admin"));
        assert!(matches!(
            check(&[root.clone(), a]),
            Err((1, Error::Twice { .. }))
        ));
        for name in ["", "a b", "-a", "a/b"] {
            let named = chain(name, root.source.clone());
            assert_eq!(check(&[named]), Err((0, Error::Name(name.to_owned()))));
        }
        let mut long = root;
        long.assume.duration_seconds = Some(7200);
        assert!(matches!(check(&[long]), Err((0, Error::Invalid(_)))));
    }
}
