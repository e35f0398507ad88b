use crate::{
    access::AccessError, check::Invalid, directory::DirectoryError, invitations::InvitationError,
    mfa::MfaError, organization::OrganizationError, sessions::SessionError, web::Refusal,
};

/// Said of a field that may not be empty, and is.
pub(super) const NEEDED: &str = "It is needed.";

/// What is wrong with a form, and with which of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// AWS's name of the parameter; none: it is about no field.
    field: Option<String>,
    /// A sentence for people.
    pub(super) text: String,
}

impl Problem {
    pub(super) fn general(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { field: None, text }
    }

    pub(super) fn with(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            text: text.into(),
        }
    }

    /// The same, about the form's field `name` if it is about this member of some entry of a list.
    pub(super) fn of_member(self, member: &str, name: &str) -> Self {
        let is_of_member = |field: &String| field.ends_with(&format!(".member.{member}"));
        match self.field.as_ref().is_some_and(is_of_member) {
            true => Self::with(name, self.text),
            false => self,
        }
    }

    /// Whether it is about the form's field of this name: `emails` holds `emails.1.member.value`.
    pub(super) fn is_about(&self, name: &str) -> bool {
        let Some(rest) = self
            .field
            .as_ref()
            .and_then(|field| field.strip_prefix(name))
        else {
            return false;
        };
        rest.is_empty() || rest.starts_with('.')
    }
}

/// An error of the domain that people are told about beside a form, unless the portal failed.
pub(super) trait Explained {
    /// What to say.
    ///
    /// # Errors
    /// If it is not about the form: the portal failed.
    fn explained(self) -> Result<Problem, Refusal>;
}

impl Explained for Invalid {
    fn explained(self) -> Result<Problem, Refusal> {
        let text = match &self.value {
            Some(value) if value.is_empty() => NEEDED.to_owned(),
            _ => sentence(&self.problem()),
        };
        Ok(Problem::with(self.field, text))
    }
}

impl Explained for DirectoryError {
    fn explained(self) -> Result<Problem, Refusal> {
        Ok(match self {
            Self::Store(error) => return Err(error.into()),
            Self::Invalid(invalid) => return invalid.explained(),
            Self::Duplicate("UserName") => {
                Problem::with("userName", "Another user has this name already.")
            }
            Self::Duplicate("Email") => {
                Problem::with("emails", "Another user has this address already.")
            }
            Self::Duplicate(_) => {
                Problem::with("displayName", "Another group has this name already.")
            }
            Self::Attribute { attribute, problem } => Problem::with(attribute, sentence(&problem)),
            Self::Member => Problem::general("The user is in the group already."),
            Self::Changed(_) => Problem::general(
                "Somebody else has changed it meanwhile. Load the page again to see how it is now.",
            ),
            error @ Self::NotFound { .. } => Problem::general(error.to_string()),
        })
    }
}

impl Explained for AccessError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            Self::Store(error) => Err(error.into()),
            Self::Invalid(invalid) => invalid.explained(),
            error => Ok(Problem::general(sentence(&error.to_string()))),
        }
    }
}

impl Explained for OrganizationError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            Self::Store(error) => Err(error.into()),
            Self::Invalid { field, problem, .. } => Ok(Problem::with(field, sentence(&problem))),
            error => Ok(Problem::general(sentence(&error.to_string()))),
        }
    }
}

impl Explained for InvitationError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            error @ (Self::Mail(_) | Self::Store(_)) => Err(error.into()),
            error => Ok(Problem::general(sentence(&error.to_string()))),
        }
    }
}

impl Explained for MfaError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            error @ (Self::Totp(_) | Self::Seal(_) | Self::Store(_)) => Err(error.into()),
            Self::Invalid { field, problem } => Ok(Problem::with(field, problem)),
            error => Ok(Problem::general(sentence(&error.to_string()))),
        }
    }
}

impl Explained for SessionError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            Self::NotFound => Ok(Problem::general("The session has ended already.")),
            error @ Self::Store(_) => Err(error.into()),
        }
    }
}

impl Explained for sqlx::Error {
    fn explained(self) -> Result<Problem, Refusal> {
        Err(self.into())
    }
}

/// A message of the domain as a sentence about a field: with a capital and a full stop, and without
/// the word by which AWS names whatever the field is.
fn sentence(message: &str) -> String {
    let message = match message.strip_prefix("Member ") {
        Some(rest) => format!("It {rest}"),
        None => message.to_owned(),
    };
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let stop = if message.ends_with('.') { "" } else { "." };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_a_sentence() {
        for (message, text) in [
            ("it must be a date", "It must be a date."),
            ("Member must be given once", "It must be given once."),
            ("There is none.", "There is none."),
        ] {
            assert_eq!(sentence(message), text);
        }
    }

    #[test]
    fn a_problem_is_about_the_field_that_holds_what_it_names() {
        let problem = Problem::with("emails.1.member.value", "");
        assert!(problem.is_about("emails"));
        assert!(!problem.is_about("email"));
        assert!(!Problem::general("").is_about(""));
    }
}
