//! What a check found.

use serde::Serialize;

/// How a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but the user should know.
    Warning,
    /// Something does not work.
    Wrong,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at, such as `keyring`.
    pub(super) part: &'static str,
    /// Which one, where there are several: the name of a session or of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<String>,
    pub(super) outcome: Outcome,
    /// A sentence.
    pub(super) message: String,
    /// What to do about it; empty where all is well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) next_step: String,
}

impl Finding {
    pub(super) fn ok(part: &'static str, message: impl Into<String>) -> Self {
        Self::new(part, Outcome::Ok, message, "")
    }

    pub(super) fn warning(
        part: &'static str,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self::new(part, Outcome::Warning, message, next_step)
    }

    pub(super) fn wrong(
        part: &'static str,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self::new(part, Outcome::Wrong, message, next_step)
    }

    /// The same about one of several.
    pub(super) fn about(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }

    fn new(
        part: &'static str,
        outcome: Outcome,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self {
            part,
            subject: None,
            outcome,
            message: message.into(),
            next_step: next_step.into(),
        }
    }
}
