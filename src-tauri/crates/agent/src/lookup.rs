//! Finding the role that the user means: by id, name or unique prefix, in any case.

use ipc::message::{Code, Failure, RoleQuery};

use crate::catalog::Account;
use crate::failure::failure;
use crate::menu::RoleId;

/// How many near matches an error names.
const SUGGESTIONS: usize = 3;

/// How like a wrong name a suggestion must be, 0 to 1.
const LIKENESS: f64 = 0.6;

/// The role that fits the query in these accounts, each with the name of its session.
///
/// # Errors
/// [`Code::NoSuchAccount`] and [`Code::NoSuchRole`] where none fits, with the nearest names, or
/// where several do.
pub(crate) fn resolve(
    query: &RoleQuery,
    candidates: &[(&str, &Account)],
) -> Result<RoleId, Failure> {
    let keys = |(_, account): &(&str, &Account)| vec![account.id.clone(), account.name.clone()];
    let accounts = fitting(&query.account, candidates, keys);
    let Some((_, first)) = accounts.first() else {
        return Err(no_account(&query.account, candidates));
    };
    if accounts.iter().any(|(_, account)| account.id != first.id) {
        let names = accounts
            .iter()
            .map(|(_, account)| format!("{} ({})", account.name, account.id));
        return Err(ambiguous(
            Code::NoSuchAccount,
            "account",
            &query.account,
            names.collect(),
        ));
    }
    let roles: Vec<(&str, &Account, &str)> = accounts
        .iter()
        .flat_map(|(name, account)| {
            account
                .roles
                .iter()
                .map(move |role| (*name, *account, role.as_str()))
        })
        .collect();
    let fits = fitting(&query.role, &roles, |(_, _, role)| vec![(*role).to_owned()]);
    match fits[..] {
        [] => Err(no_role(&query.role, first, &roles)),
        [(session, account, role)] => Ok(RoleId {
            session: session.to_owned(),
            account_id: account.id.clone(),
            role_name: role.to_owned(),
        }),
        _ => {
            let names = fits
                .iter()
                .map(|(session, _, role)| format!("{role} (session {session})"));
            Err(ambiguous(
                Code::NoSuchRole,
                "role",
                &query.role,
                names.collect(),
            ))
        }
    }
}

/// Those with a key equal to `text`; else equal in another case; else beginning with it.
fn fitting<T: Copy>(text: &str, all: &[T], keys: impl Fn(&T) -> Vec<String>) -> Vec<T> {
    let lower = text.to_lowercase();
    let passes: [&dyn Fn(&str) -> bool; 3] = [
        &|key| key == text,
        &|key| key.to_lowercase() == lower,
        &|key| !lower.is_empty() && key.to_lowercase().starts_with(&lower),
    ];
    passes
        .iter()
        .map(|pass| {
            all.iter()
                .copied()
                .filter(|one| keys(one).iter().any(|key| pass(key)))
                .collect()
        })
        .find(|found: &Vec<T>| !found.is_empty())
        .unwrap_or_default()
}

fn no_account(text: &str, candidates: &[(&str, &Account)]) -> Failure {
    let known = candidates
        .iter()
        .flat_map(|(_, account)| [account.name.as_str(), &account.id]);
    let message = format!("There is no account {text}{}", did_you_mean(text, known));
    failure(
        Code::NoSuchAccount,
        message,
        "vestibule accounts lists the ones you have.",
    )
}

fn no_role(text: &str, account: &Account, roles: &[(&str, &Account, &str)]) -> Failure {
    let known = roles.iter().map(|(_, _, role)| *role);
    let near = did_you_mean(text, known);
    let message = format!(
        "There is no role {text} in account {} ({}){near}",
        account.name, account.id
    );
    let next = match &account.roles[..] {
        [] => "You have no role there; ask whoever manages access.".to_owned(),
        roles => format!("You have there: {}", roles.join(", ")),
    };
    failure(Code::NoSuchRole, message, next)
}

fn ambiguous(code: Code, what: &str, text: &str, mut names: Vec<String>) -> Failure {
    let count = names.len();
    names.truncate(5);
    let more = if count > names.len() { ", …" } else { "" };
    let message = format!(
        "The {what} {text} could be {count}: {}{more}.",
        names.join(", ")
    );
    failure(
        code,
        message,
        "Write more of the name, or the account's id; --session picks a session.",
    )
}

fn did_you_mean<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> String {
    let lower = text.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&lower, &name.to_lowercase());
    let mut near: Vec<(f64, &str)> = known
        .map(|name| (likeness(name), name))
        .filter(|(like, _)| *like >= LIKENESS)
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.dedup_by_key(|(_, name)| *name);
    near.truncate(SUGGESTIONS);
    match &near[..] {
        [] => ".".to_owned(),
        near => {
            let names: Vec<&str> = near.iter().map(|(_, name)| *name).collect();
            format!(". Did you mean {}?", names.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn catalog(accounts: &[(&str, &str, &[&str])]) -> Catalog {
        let mut catalog = Catalog::default();
        for (id, name, roles) in accounts {
            let roles = roles.iter().map(|&role| role.to_owned()).collect();
            let (id, name) = ((*id).to_owned(), (*name).to_owned());
            catalog.put(Account {
                id,
                name,
                email: String::new(),
                roles,
            });
        }
        catalog
    }

    fn ask(account: &str, role: &str) -> Result<String, Failure> {
        let acme = catalog(&[
            ("111111111111", "payments", &["Administrator", "ReadOnly"]),
            ("222222222222", "Payments-Test", &["ReadOnly"]),
            ("333333333333", "Sandbox", &["Admin", "AdminAudit"]),
        ]);
        let other = catalog(&[("333333333333", "Sandbox", &["Billing", "Admin"])]);
        let query = RoleQuery {
            account: account.to_owned(),
            role: role.to_owned(),
            session: None,
        };
        let acme = acme.accounts.iter().map(|account| ("acme", account));
        let other = other.accounts.iter().map(|account| ("other", account));
        let candidates: Vec<_> = acme.chain(other).collect();
        resolve(&query, &candidates)
            .map(|role| format!("{}:{}:{}", role.session, role.account_id, role.role_name))
    }

    #[test]
    fn ids_names_and_unique_prefixes_fit_in_any_case() {
        for (account, role, expected) in [
            ("111111111111", "ReadOnly", "acme:111111111111:ReadOnly"),
            ("1", "readonly", "acme:111111111111:ReadOnly"),
            ("payments", "admin", "acme:111111111111:Administrator"),
            ("PAYMENTS", "read", "acme:111111111111:ReadOnly"),
            ("payments-t", "r", "acme:222222222222:ReadOnly"),
            ("sand", "billing", "other:333333333333:Billing"),
        ] {
            assert_eq!(ask(account, role).unwrap(), expected, "{account} {role}");
        }
    }

    #[test]
    fn what_fits_several_is_refused_with_their_names() {
        let failure = ask("pay", "ReadOnly").unwrap_err();
        assert_eq!(failure.code, Code::NoSuchAccount);
        assert!(
            failure
                .message
                .contains("payments (111111111111), Payments-Test (222222222222)")
        );
        let failure = ask("sandbox", "Admin").unwrap_err();
        assert_eq!(failure.code, Code::NoSuchRole);
        assert!(
            failure
                .message
                .contains("Admin (session acme), Admin (session other)")
        );
    }

    #[test]
    fn a_wrong_name_gets_the_nearest_ones() {
        let failure = ask("paymants", "ReadOnly").unwrap_err();
        assert_eq!(failure.code, Code::NoSuchAccount);
        assert!(
            failure
                .message
                .starts_with("There is no account paymants. Did you mean payments or")
        );
        let failure = ask("payments", "ReadWrite").unwrap_err();
        assert_eq!(failure.code, Code::NoSuchRole);
        assert!(
            failure
                .message
                .contains("in account payments (111111111111). Did you mean ReadOnly")
        );
        assert_eq!(failure.next_step, "You have there: Administrator, ReadOnly");
        assert_eq!(
            ask("zzz", "x").unwrap_err().message,
            "There is no account zzz."
        );
        assert_eq!(ask("", "x").unwrap_err().code, Code::NoSuchAccount);
    }
}
