//! What a value may be. Refusals are said in AWS's words to its clients, and in plain ones beside
//! the field of a page.

use std::{fmt, ops::RangeInclusive, sync::OnceLock};

use regex::Regex;
use thiserror::Error;

/// A value that is not what it may be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "1 validation error detected: Value {} at '{field}' failed to satisfy constraint: {constraint}",
    shown(value.as_deref())
)]
pub struct Invalid {
    /// AWS's name of the parameter, as its messages write it: `emails.1.member.value`.
    pub field: String,
    /// What was given; none: nothing was.
    pub value: Option<String>,
    /// What it must be.
    pub constraint: Constraint,
}

/// What a value must be. Its text is AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// Given at all.
    Given,
    /// So many characters, or members, at least.
    Shortest(usize),
    /// So many characters, or members, at most.
    Longest(usize),
    /// A number no smaller.
    Least(i64),
    /// A number no greater.
    Greatest(i64),
    /// Of the form of this regular expression.
    Form(&'static str),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Something else, said in a sentence.
    Other(String),
}

impl Invalid {
    /// `value`, given as `field`, breaks `constraint`.
    pub fn new(field: impl Into<String>, value: impl Into<String>, constraint: Constraint) -> Self {
        Self {
            field: field.into(),
            value: Some(value.into()),
            constraint,
        }
    }

    /// `field` was not given, and must be.
    pub fn missing(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            value: None,
            constraint: Constraint::Given,
        }
    }

    /// What is wrong, in plain words, for a page that shows it beside the field.
    pub fn problem(&self) -> String {
        match &self.constraint {
            Constraint::Given => "It is needed.".to_owned(),
            Constraint::Shortest(length) => format!("It has at least {length} characters."),
            Constraint::Longest(length) => format!("It has at most {length} characters."),
            Constraint::Least(least) => format!("It is at least {least}."),
            Constraint::Greatest(greatest) => format!("It is at most {greatest}."),
            Constraint::Form(_) => "It holds a character that cannot stand there.".to_owned(),
            Constraint::OneOf(values) => format!("It is one of {}.", values.join(", ")),
            Constraint::Other(problem) => problem.clone(),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("Member must not be null"),
            Self::Shortest(length) => {
                write!(
                    f,
                    "Member must have length greater than or equal to {length}"
                )
            }
            Self::Longest(length) => {
                write!(f, "Member must have length less than or equal to {length}")
            }
            Self::Least(least) => {
                write!(f, "Member must have value greater than or equal to {least}")
            }
            Self::Greatest(greatest) => {
                write!(f, "Member must have value less than or equal to {greatest}")
            }
            Self::Form(pattern) => {
                write!(
                    f,
                    "Member must satisfy regular expression pattern: {pattern}"
                )
            }
            Self::OneOf(values) => {
                write!(
                    f,
                    "Member must satisfy enum value set: [{}]",
                    values.join(", ")
                )
            }
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

/// A regular expression that a whole value must match, as AWS's models write it.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// For a `static`: it is compiled once, when first used.
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }

    /// Refuses a `value` that does not match.
    pub fn check(&self, field: &str, value: &str) -> Result<(), Invalid> {
        let compiled = self.compiled.get_or_init(|| {
            #[expect(clippy::expect_used, reason = "a constant of this program")]
            Regex::new(&format!("^(?:{})$", self.text)).expect("a regular expression")
        });
        match compiled.is_match(value) {
            true => Ok(()),
            false => Err(Invalid::new(field, value, Constraint::Form(self.text))),
        }
    }
}

/// Refuses a `value` with fewer or more characters.
pub fn length(field: &str, value: &str, allowed: RangeInclusive<usize>) -> Result<(), Invalid> {
    count(field, value, value.chars().count(), allowed)
}

/// Refuses a list, shown as `value`, with fewer or more members.
pub fn count(
    field: &str,
    value: &str,
    members: usize,
    allowed: RangeInclusive<usize>,
) -> Result<(), Invalid> {
    let constraint = if members < *allowed.start() {
        Constraint::Shortest(*allowed.start())
    } else if members > *allowed.end() {
        Constraint::Longest(*allowed.end())
    } else {
        return Ok(());
    };
    Err(Invalid::new(field, value, constraint))
}

/// Refuses a smaller or greater number.
pub fn number(field: &str, value: i64, allowed: RangeInclusive<i64>) -> Result<(), Invalid> {
    let constraint = if value < *allowed.start() {
        Constraint::Least(*allowed.start())
    } else if value > *allowed.end() {
        Constraint::Greatest(*allowed.end())
    } else {
        return Ok(());
    };
    Err(Invalid::new(field, value.to_string(), constraint))
}

/// Refuses what is none of `values`.
pub fn one_of(field: &str, value: &str, values: &'static [&'static str]) -> Result<(), Invalid> {
    match values.contains(&value) {
        true => Ok(()),
        false => Err(Invalid::new(field, value, Constraint::OneOf(values))),
    }
}

/// The value as AWS's messages quote it; a long one is cut.
fn shown(value: Option<&str>) -> String {
    const LONGEST: usize = 256;
    match value {
        None => "null".to_owned(),
        Some(value) if value.chars().count() > LONGEST => {
            format!("'{}…'", value.chars().take(LONGEST).collect::<String>())
        }
        Some(value) => format!("'{value}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_in_the_words_of_aws() {
        let missing = Invalid::missing("identityStoreId").to_string();
        assert_eq!(
            missing,
            "1 validation error detected: Value null at 'identityStoreId' failed to satisfy \
             constraint: Member must not be null"
        );
        let long = number("maxResults", 101, 1..=100).expect_err("too many");
        assert_eq!(
            long.to_string(),
            "1 validation error detected: Value '101' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 100"
        );
        assert_eq!(long.problem(), "It is at most 100.");
    }

    #[test]
    fn a_pattern_is_matched_by_the_whole_value() {
        static DIGITS: Pattern = Pattern::new("[0-9]+|x");
        assert!(DIGITS.check("revision", "12").is_ok());
        for value in ["", "12a", "a12", "12\n", "xx"] {
            assert!(DIGITS.check("revision", value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn a_long_value_is_quoted_in_part() {
        let refused = length("title", &"ä".repeat(2000), 1..=1024).expect_err("too long");
        let text = refused.to_string();
        assert!(text.contains("less than or equal to 1024"), "{text}");
        assert!(text.chars().count() < 500, "{text}");
    }
}
