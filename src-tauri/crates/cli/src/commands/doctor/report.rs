//! The report, for people and for programs.

use std::io::{self, Write as _};

use anstyle::Style;
use serde::Serialize;

use super::finding::{Finding, Outcome};
use crate::output::{BAD, BOLD, GOOD, Output, WARNING, wrapped};

/// What `--json` prints.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// Whether nothing is wrong.
    ok: bool,
    checks: &'a [Finding],
}

impl<'a> Document<'a> {
    pub(super) fn of(checks: &'a [Finding]) -> Self {
        Self {
            ok: count(checks, Outcome::Wrong) == 0,
            checks,
        }
    }
}

pub(super) fn print(findings: &[Finding], output: &mut Output) -> io::Result<()> {
    let width = output.width();
    for line in lines(findings, width) {
        writeln!(output.out, "{line}")?;
    }
    writeln!(output.out)?;
    let summary = summary(findings);
    writeln!(output.out, "{BOLD}{summary}{BOLD:#}")
}

/// Each finding on lines of its own: its mark, what it is about, and what was found.
fn lines(findings: &[Finding], width: usize) -> Vec<String> {
    let titles: Vec<_> = findings.iter().map(title).collect();
    let lengths = titles.iter().map(|title| title.chars().count());
    let column = lengths.max().unwrap_or_default();
    let mut lines = Vec::new();
    for (finding, title) in findings.iter().zip(&titles) {
        let (style, mark) = mark(finding.outcome);
        let padding = " ".repeat(column - title.chars().count());
        let indent = MARKS + 2 + column + 2;
        let texts = [&finding.message, &finding.next_step];
        let mut texts = texts
            .into_iter()
            .flat_map(|text| wrapped(text, width.saturating_sub(indent)));
        let first = texts.next().unwrap_or_default();
        lines.push(format!(
            "{style}{mark:MARKS$}{style:#}  {BOLD}{title}{BOLD:#}{padding}  {first}"
        ));
        lines.extend(texts.map(|text| format!("{:indent$}{text}", "")));
    }
    lines
}

/// Length of the longest mark.
const MARKS: usize = "warning".len();

fn mark(outcome: Outcome) -> (Style, &'static str) {
    match outcome {
        Outcome::Ok => (GOOD, "ok"),
        Outcome::Warning => (WARNING, "warning"),
        Outcome::Wrong => (BAD, "wrong"),
    }
}

fn title(finding: &Finding) -> String {
    match &finding.subject {
        Some(subject) => format!("{} {subject}", finding.part),
        None => finding.part.to_owned(),
    }
}

fn summary(findings: &[Finding]) -> String {
    let wrong = count(findings, Outcome::Wrong);
    let warnings = match count(findings, Outcome::Warning) {
        0 => String::new(),
        1 => ", and 1 warning".to_owned(),
        several => format!(", and {several} warnings"),
    };
    match wrong {
        0 => format!("Nothing is wrong{warnings}."),
        1 => format!("1 thing is wrong{warnings}."),
        several => format!("{several} things are wrong{warnings}."),
    }
}

fn count(findings: &[Finding], outcome: Outcome) -> usize {
    let found = findings.iter().filter(|one| one.outcome == outcome);
    found.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok("clock", "It agrees with the portal's."),
            Finding::wrong("portal", "It cannot be reached at all.", "Check it.").about("acme"),
        ]
    }

    #[test]
    fn what_to_do_stands_below_what_is_wrong_however_narrow_the_terminal() {
        let plain = |width| {
            let lines = lines(&findings(), width).join("\n");
            anstream::adapter::strip_str(&lines).to_string()
        };
        assert_eq!(
            plain(80),
            "ok       clock        It agrees with the portal's.\n\
             wrong    portal acme  It cannot be reached at all.\n\
             \x20                     Check it."
        );
        assert_eq!(
            plain(40),
            "ok       clock        It agrees with the\n\
             \x20                     portal's.\n\
             wrong    portal acme  It cannot be\n\
             \x20                     reached at all.\n\
             \x20                     Check it."
        );
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(summary(&findings()), "1 thing is wrong.");
        assert_eq!(summary(&findings()[..1]), "Nothing is wrong.");
        let warned = Finding::warning("keyring", "It is locked.", "Unlock it.");
        assert_eq!(summary(&[warned]), "Nothing is wrong, and 1 warning.");
    }
}
