//! The desktop's own parts: what shows the tray icon and the notifications.

use agent::probe::Bus;

use super::finding::Finding;

const PART: &str = "desktop";

pub(super) fn check(bus: Option<&Result<Bus, String>>) -> Vec<Finding> {
    let Some(Ok(bus)) = bus else {
        // Other platforms have both; with no bus there is no desktop to show them.
        return Vec::new();
    };
    let mut findings = Vec::new();
    if !bus.tray {
        findings.push(Finding::warning(
            PART,
            "Nothing shows tray icons, so Vestibule's does not appear.",
            "Add the panel's plugin for them; on GNOME install the extension AppIndicator. \
             Everything works from the command line meanwhile.",
        ));
    }
    if !bus.notifications {
        findings.push(Finding::warning(
            PART,
            "Nothing shows notifications: the end of a session is not told ahead.",
            "Start the desktop's notifications, or install a program such as dunst.",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(PART, "It shows tray icons and notifications."));
    }
    findings
}

#[cfg(test)]
mod tests {
    use agent::probe::Secrets;

    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn what_is_missing_is_a_warning_each() {
        let outcomes = |tray, notifications| -> Vec<Outcome> {
            let bus = Ok(Bus {
                secrets: Secrets::Unlocked,
                tray,
                notifications,
            });
            check(Some(&bus)).iter().map(|one| one.outcome).collect()
        };
        assert_eq!(outcomes(true, true), [Outcome::Ok]);
        assert_eq!(outcomes(false, true), [Outcome::Warning]);
        assert_eq!(outcomes(false, false), [Outcome::Warning, Outcome::Warning]);
        assert_eq!(check(Some(&Err("none".to_owned()))), []);
    }
}
