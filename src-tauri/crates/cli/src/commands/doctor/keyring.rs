//! The keyring, which is not asked anything while it is locked: it would ask for a password.

use agent::keyring::Error;
use agent::probe::{self, Bus, Secrets};
use agent::settings::Settings;

use super::finding::Finding;

const PART: &str = "keyring";

pub(super) enum Facts {
    /// There is no bus on which one could be.
    NoBus,
    /// The Secret Service does not stand open.
    Closed(Secrets),
    /// It was read from.
    Read(Result<(), Error>),
}

impl Facts {
    pub(super) fn gather(bus: Option<&Result<Bus, String>>, settings: &Settings) -> Self {
        match bus {
            Some(Err(_)) => Self::NoBus,
            Some(Ok(bus)) if bus.secrets != Secrets::Unlocked => Self::Closed(bus.secrets),
            // Platforms with no bus have a keyring of another kind.
            Some(Ok(_)) | None => Self::Read(probe::keyring(settings)),
        }
    }
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let install =
        "Install and start a Secret Service, such as gnome-keyring, KWallet or KeePassXC.";
    let lost = "sign-ins are kept in memory only and end with the agent.";
    let unlock = "Unlock it in the desktop's password program.";
    let finding = match facts {
        Facts::NoBus => Finding::warning(
            PART,
            format!("There is none without a session bus: {lost}"),
            "Sign in to a desktop, or start the agent within dbus-run-session.",
        ),
        Facts::Closed(Secrets::Locked) => Finding::warning(
            PART,
            format!("It is locked: until it is unlocked {lost}"),
            unlock,
        ),
        Facts::Closed(Secrets::Empty) => Finding::warning(
            PART,
            format!("It has no default collection: {lost}"),
            "Make one in the desktop's password program.",
        ),
        Facts::Closed(_) => Finding::wrong(PART, format!("There is none: {lost}"), install),
        Facts::Read(Ok(())) => Finding::ok(PART, "It can be read."),
        Facts::Read(Err(Error::Silent)) => {
            Finding::wrong(PART, format!("It does not answer: {lost}"), unlock)
        }
        Facts::Read(Err(Error::Refused(reason))) => {
            Finding::wrong(PART, format!("It refuses ({reason}): {lost}"), unlock)
        }
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn a_keyring_that_stands_open_is_well_and_nothing_else_is() {
        for (facts, expected) in [
            (Facts::Read(Ok(())), Outcome::Ok),
            (Facts::Read(Err(Error::Silent)), Outcome::Wrong),
            (Facts::Closed(Secrets::Locked), Outcome::Warning),
            (Facts::Closed(Secrets::Empty), Outcome::Warning),
            (Facts::Closed(Secrets::Absent), Outcome::Wrong),
            (Facts::NoBus, Outcome::Warning),
        ] {
            assert_eq!(check(&facts)[0].outcome, expected);
        }
    }

    #[test]
    fn a_locked_keyring_is_not_asked_anything() {
        let bus = Ok(Bus {
            secrets: Secrets::Locked,
            tray: false,
            notifications: false,
        });
        let facts = Facts::gather(Some(&bus), &Settings::default());
        assert!(matches!(facts, Facts::Closed(Secrets::Locked)));
    }
}
