//! This computer's clock beside those of the portals.

use agent::probe::PortalSeen;
use ipc::message::Failure;
use time::Duration;

use super::finding::Finding;

const PART: &str = "clock";

/// From here on expiry times are read wrongly by a noticeable bit.
const NOTICEABLE: Duration = Duration::minutes(1);

/// From here on AWS refuses signatures.
const HARMFUL: Duration = Duration::minutes(5);

const NEXT_STEP: &str =
    "Let the system set its clock from the network, for instance: timedatectl set-ntp true";

pub(super) fn check(portals: &[Result<PortalSeen, Failure>]) -> Vec<Finding> {
    let ahead = portals
        .iter()
        .flatten()
        .filter_map(|seen| Some(seen.received - seen.date?))
        .min_by_key(|ahead| ahead.abs());
    let finding = match ahead {
        // With no portal that tells the time there is nothing to measure by.
        None => return Vec::new(),
        Some(ahead) if ahead.abs() >= HARMFUL => Finding::wrong(
            PART,
            format!("It is {}: AWS refuses what it signs.", apart(ahead)),
            NEXT_STEP,
        ),
        Some(ahead) if ahead.abs() >= NOTICEABLE => {
            Finding::warning(PART, format!("It is {}.", apart(ahead)), NEXT_STEP)
        }
        Some(_) => Finding::ok(PART, "It agrees with the portal's."),
    };
    vec![finding]
}

fn apart(ahead: Duration) -> String {
    let (amount, direction) = (
        ahead.abs(),
        if ahead.is_negative() {
            "behind"
        } else {
            "ahead of"
        },
    );
    let amount = if amount < Duration::HOUR {
        format!("{} min", amount.whole_minutes())
    } else {
        format!("{} h", amount.whole_hours())
    };
    format!("{amount} {direction} the portal's")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn a_clock_is_measured_by_the_portal_it_agrees_with_best() {
        let received = datetime!(2026-11-22 10:00 UTC);
        let seen = |seconds: i64| {
            Ok(PortalSeen {
                date: Some(received - Duration::seconds(seconds)),
                received,
            })
        };
        for (skews, expected) in [
            (vec![0], Some((Outcome::Ok, "agrees"))),
            (vec![59], Some((Outcome::Ok, "agrees"))),
            (vec![61], Some((Outcome::Warning, "1 min ahead of"))),
            (vec![-299], Some((Outcome::Warning, "4 min behind"))),
            (vec![-7200], Some((Outcome::Wrong, "2 h behind"))),
            (vec![7200, 2], Some((Outcome::Ok, "agrees"))),
            (vec![], None),
        ] {
            let seen: Vec<_> = skews.iter().map(|skew| seen(*skew)).collect();
            let found = check(&seen).pop();
            assert_eq!(
                found.as_ref().map(|one| one.outcome),
                expected.map(|one| one.0)
            );
            if let (Some(found), Some((_, words))) = (found, expected) {
                assert!(found.message.contains(words), "{found:?}");
            }
        }
    }
}
