use time::Duration;

use crate::check::{Constraint, Invalid};

const FIELD: &str = "sessionDuration";

/// Reads a session's length as ISO 8601 writes it: `PT1H`, `PT90M`, `PT4H30M`.
///
/// # Errors
/// Refuses what is not such a length.
pub fn parse_session_duration(text: &str) -> Result<Duration, Invalid> {
    let problem = || {
        let words = "Member must be an ISO 8601 duration, as in PT8H or PT1H30M";
        Invalid::new(FIELD, text, Constraint::Other(words.to_owned()))
    };
    let period = text.strip_prefix('P').ok_or_else(problem)?;
    let (date, time) = period.split_once('T').unwrap_or((period, ""));
    let days = seconds(date, &[('D', 86_400)]).ok_or_else(problem)?;
    let rest = seconds(time, &[('H', 3600), ('M', 60), ('S', 1)]).ok_or_else(problem)?;
    match (date.is_empty() && time.is_empty(), days.checked_add(rest)) {
        (false, Some(total)) => Ok(Duration::seconds(total)),
        _ => Err(problem()),
    }
}

/// Writes a session's length as ISO 8601 does, in hours, minutes and seconds: `PT1H30M`.
pub fn format_session_duration(session: Duration) -> String {
    let seconds = session.whole_seconds();
    let parts = [
        (seconds / 3600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ];
    let written = parts
        .iter()
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| format!("{number}{unit}"));
    format!("PT{}", written.collect::<String>())
}

/// Refuses a session outside 1 to 12 hours.
pub(super) fn check(session: Duration) -> Result<(), Invalid> {
    if (Duration::hours(1)..=Duration::hours(12)).contains(&session) {
        return Ok(());
    }
    Err(Invalid::new(
        FIELD,
        format_session_duration(session),
        Constraint::Other("Member must be between PT1H and PT12H".to_owned()),
    ))
}

/// The sum of numbers with these units, each at most once and in this order.
fn seconds(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut total: i64 = 0;
    for (unit, length) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i64 = digits.then(|| number.parse().ok())??;
            total = total.checked_add(number.checked_mul(*length)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written_as_iso_8601_does() {
        for (text, minutes, written) in [
            ("PT1H", 60, "PT1H"),
            ("PT12H", 720, "PT12H"),
            ("PT90M", 90, "PT1H30M"),
            ("PT3600S", 60, "PT1H"),
            ("PT1H30M", 90, "PT1H30M"),
            ("P1D", 1440, "PT24H"),
        ] {
            let session = parse_session_duration(text).expect(text);
            assert_eq!(session, Duration::minutes(minutes), "{text}");
            assert_eq!(format_session_duration(session), written);
        }
    }

    #[test]
    fn nothing_else_is_a_length() {
        let huge = format!("PT{}H", i64::MAX);
        for text in [
            "", "P", "PT", "1H", "PTH", "PT1", "PT1M1H", "PT1H1H", "PT-1H", "PT+1H", "P1H", "pt1h",
            &huge,
        ] {
            assert!(parse_session_duration(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_session_lasts_one_to_twelve_hours() {
        for (minutes, allowed) in [(59, false), (60, true), (720, true), (721, false)] {
            assert_eq!(
                check(Duration::minutes(minutes)).is_ok(),
                allowed,
                "{minutes}"
            );
        }
    }
}
