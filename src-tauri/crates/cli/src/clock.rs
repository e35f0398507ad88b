//! Times as the user's clock on the wall shows them.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned, civil};
use time::OffsetDateTime;

/// Now, in the user's time zone.
pub(crate) fn now() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::system())
}

/// Hour and minute, with the day where it is not today.
pub(crate) fn short(time: OffsetDateTime, now: &Zoned) -> String {
    let time = local(time, now);
    let format = if time.date() == now.date() {
        "%H:%M"
    } else {
        "%a %-d %b, %H:%M"
    };
    time.strftime(format).to_string()
}

/// Day and time to the second, which sort as text.
pub(crate) fn exact(time: OffsetDateTime, now: &Zoned) -> String {
    local(time, now).strftime("%F %T").to_string()
}

/// What a user means by `2h`, `3d`, `2026-11-22` or `2026-11-22T18:00`; `None` where it makes no
/// sense.
pub(crate) fn since(text: &str, now: &Zoned) -> Option<OffsetDateTime> {
    let moment = if let Ok(timestamp) = text.parse::<Timestamp>() {
        timestamp
    } else if let Ok(local) = text.parse::<civil::DateTime>() {
        local.to_zoned(now.time_zone().clone()).ok()?.timestamp()
    } else {
        let ago: Span = text
            .parse()
            .ok()
            .filter(|_| text.starts_with(|c: char| c.is_ascii_digit()))?;
        now.checked_sub(ago).ok()?.timestamp()
    };
    OffsetDateTime::from_unix_timestamp(moment.as_second()).ok()
}

fn local(time: OffsetDateTime, now: &Zoned) -> Zoned {
    let time = Timestamp::from_second(time.unix_timestamp()).unwrap_or_default();
    time.to_zoned(now.time_zone().clone())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn noon() -> Zoned {
        "2026-11-22T12:00+01:00[+01:00]".parse().unwrap()
    }

    #[test]
    fn the_day_is_said_where_it_is_not_today() {
        assert_eq!(short(datetime!(2026-11-22 17:00 UTC), &noon()), "18:00");
        let tomorrow = short(datetime!(2026-11-22 23:30 UTC), &noon());
        assert_eq!(tomorrow, "Mon 23 Nov, 00:30");
        let exact = exact(datetime!(2026-11-22 09:00:07.5 UTC), &noon());
        assert_eq!(exact, "2026-11-22 10:00:07");
    }

    #[test]
    fn a_moment_is_said_as_an_age_or_a_date() {
        for (text, expected) in [
            ("30m", Some(datetime!(2026-11-22 10:30 UTC))),
            ("2h", Some(datetime!(2026-11-22 09:00 UTC))),
            ("1d", Some(datetime!(2026-11-21 11:00 UTC))),
            ("2w", Some(datetime!(2026-11-08 11:00 UTC))),
            ("2026-11-20", Some(datetime!(2026-11-19 23:00 UTC))),
            ("2026-11-20T18:00", Some(datetime!(2026-11-20 17:00 UTC))),
            ("2026-11-20T18:00Z", Some(datetime!(2026-11-20 18:00 UTC))),
            ("yesterday", None),
            ("-2h", None),
            ("", None),
        ] {
            assert_eq!(since(text, &noon()), expected, "{text}");
        }
    }
}
