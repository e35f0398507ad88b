//! Times as AWS's tools write them into files.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// In UTC and whole seconds with a `Z`, which every SDK reads: `2026-11-22T18:44:40Z`.
pub(crate) fn text(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_utc().format(format).unwrap_or_default()
}

/// RFC 3339 with or without fractions; `UTC` for `Z`, as older AWS CLIs wrote.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = match text.strip_suffix("UTC") {
        Some(local) => format!("{local}Z"),
        None => text.to_owned(),
    };
    OffsetDateTime::parse(&text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn written_plainly_and_read_as_other_tools_write() {
        let time = datetime!(2026-11-22 19:44:40.5 +1);
        assert_eq!(text(time), "2026-11-22T18:44:40Z");
        let read = |text: &str| parse(text).map(|time| time.unix_timestamp());
        let expected = Some(time.unix_timestamp());
        for same in [
            "2026-11-22T18:44:40Z",
            "2026-11-22T18:44:40.123Z",
            "2026-11-22T18:44:40.123456Z",
            "2026-11-22T18:44:40UTC",
            "2026-11-22T18:44:40+00:00",
        ] {
            assert_eq!(read(same), expected, "{same}");
        }
        assert_eq!(read("tomorrow"), None);
    }
}
