//! The settings file.

use std::path::{Path, PathBuf};

use agent::settings::{self, Error, Settings};

use super::finding::Finding;

const PART: &str = "settings";

/// What the file says, or why it says nothing.
pub(super) struct Read {
    path: PathBuf,
    content: Result<Settings, Error>,
}

impl Read {
    /// Those of the file; the defaults where it is broken.
    pub(super) fn settings(&self) -> Settings {
        self.content.as_ref().cloned().unwrap_or_default()
    }
}

pub(super) fn read(path: &Path) -> Read {
    Read {
        path: path.to_owned(),
        content: settings::load(path),
    }
}

pub(super) fn check(read: &Read) -> Vec<Finding> {
    let path = read.path.display();
    let finding = match &read.content {
        Ok(settings) if settings.sessions.is_empty() => Finding::warning(
            PART,
            "No portal has been added.",
            "Add one: vestibule portal add START_URL --region REGION",
        ),
        Ok(_) => Finding::ok(PART, format!("{path} can be read.")),
        Err(error @ Error::Newer { .. }) => Finding::wrong(
            PART,
            format!("{error}."),
            "Install the later release again, or remove the file and add the portals anew.",
        ),
        Err(error @ Error::Broken { .. }) => {
            let next = "Mend that line, then start Vestibule again.";
            Finding::wrong(PART, format!("{error}."), next)
        }
        Err(error @ Error::File(_)) => {
            let next = "Make the file readable for you, then start Vestibule again.";
            Finding::wrong(PART, format!("{error}."), next)
        }
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn a_broken_line_is_named_and_no_portal_is_worth_a_word() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("settings.toml");
        let found = |text: Option<&str>| {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            check(&read(&path)).remove(0)
        };
        assert_eq!(found(None).outcome, Outcome::Warning);
        assert!(!path.exists(), "nothing is changed");
        let broken = found(Some("version = 1\nbrowser = \n"));
        assert_eq!(broken.outcome, Outcome::Wrong);
        assert!(
            broken.message.contains("settings.toml, line 2: "),
            "{broken:?}"
        );
        let newer = found(Some("version = 99\n"));
        assert!(newer.message.contains("version 99"), "{newer:?}");
    }
}
