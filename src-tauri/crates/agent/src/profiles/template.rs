//! How profiles are named.

use std::str::FromStr;

use aws_files::profile;

/// Text with `{account}`, `{account_id}`, `{role}` and `{session}` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// What a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject<'a> {
    pub(crate) account: &'a str,
    pub(crate) account_id: &'a str,
    pub(crate) role: &'a str,
    pub(crate) session: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Account,
    AccountId,
    Role,
    Session,
}

impl Template {
    /// The name as far as the subject decides it: in lower case, of characters that every tool
    /// takes. Account names without any such character are replaced by the account's id.
    pub(crate) fn name(&self, subject: Subject<'_>) -> String {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => name.push_str(text),
                Piece::Account => match profile::slug(subject.account).as_str() {
                    "" => name.push_str(subject.account_id),
                    account => name.push_str(account),
                },
                Piece::AccountId => name.push_str(subject.account_id),
                Piece::Role => name.push_str(&profile::slug(subject.role)),
                Piece::Session => name.push_str(&profile::slug(subject.session)),
            }
        }
        name
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once('{') {
            let (placeholder, behind) = behind
                .split_once('}')
                .ok_or_else(|| format!("{{{behind} has no closing brace"))?;
            pieces.push(literal_piece(literal)?);
            pieces.push(match placeholder {
                "account" => Piece::Account,
                "account_id" => Piece::AccountId,
                "role" => Piece::Role,
                "session" => Piece::Session,
                other => {
                    return Err(format!(
                        "there is no {{{other}}}; there are {{account}}, {{account_id}}, {{role}} and {{session}}"
                    ));
                }
            });
            rest = behind;
        }
        if pieces.is_empty() {
            return Err("all profiles would have one name; use {account} and {role}".to_owned());
        }
        pieces.push(literal_piece(rest)?);
        pieces.retain(|piece| *piece != Piece::Literal(String::new()));
        Ok(Self(pieces))
    }
}

fn literal_piece(text: &str) -> Result<Piece, String> {
    match text.chars().find(|c| !profile::is_name_char(*c)) {
        Some(c) => Err(format!("{c:?} cannot stand in the name of a profile")),
        None => Ok(Piece::Literal(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(template: &str) -> Result<String, String> {
        let subject = Subject {
            account: "Web Shop (Prod)",
            account_id: "111122223333",
            role: "ReadOnly",
            session: "acme",
        };
        template
            .parse::<Template>()
            .map(|template| template.name(subject))
    }

    #[test]
    fn a_name_is_put_together() {
        assert_eq!(name("{account}-{role}").unwrap(), "web-shop-prod-readonly");
        assert_eq!(
            name("X/{session}/{account_id}+{role}").unwrap(),
            "X/acme/111122223333+readonly"
        );
    }

    #[test]
    fn an_account_without_latin_letters_goes_by_its_id() {
        let template: Template = "{account}-{role}".parse().unwrap();
        let subject = Subject {
            account: "開発",
            account_id: "111122223333",
            role: "ReadOnly",
            session: "acme",
        };
        assert_eq!(template.name(subject), "111122223333-readonly");
    }

    #[test]
    fn a_template_that_cannot_be_used_says_why() {
        assert!(name("{rolle}").unwrap_err().contains("no {rolle}"));
        assert!(name("{role").unwrap_err().contains("closing brace"));
        assert!(name("a b{role}").unwrap_err().contains("' '"));
        assert!(name("all").unwrap_err().contains("one name"));
    }
}
