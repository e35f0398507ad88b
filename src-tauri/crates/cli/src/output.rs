//! Where a command writes: results to stdout, everything meant for eyes only to stderr.

use std::io::{self, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use ipc::message::Failure;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// The two streams. Colours reach terminals only, and none where `NO_COLOR` is set.
pub(crate) struct Output {
    pub(crate) out: AutoStream<io::Stdout>,
    pub(crate) err: AutoStream<io::Stderr>,
}

impl Output {
    pub(crate) fn of_process() -> Self {
        Self {
            out: AutoStream::auto(io::stdout()),
            err: AutoStream::auto(io::stderr()),
        }
    }

    /// How many characters fit on a line of stdout; where it is no terminal, all of them do.
    pub(crate) fn width(&self) -> usize {
        platform::width().unwrap_or(usize::MAX)
    }

    /// A result, for people and pipes alike.
    pub(crate) fn line(&mut self, line: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    /// Something to know or to do, which no script should have to skip.
    pub(crate) fn hint(&mut self, line: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.err, "{line}")
    }

    /// A JSON document.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// Why the command failed, and what to do.
    pub(crate) fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.told("error", BAD, failure)
    }

    /// An error that is not of Vestibule's making and has no next step.
    pub(crate) fn error(&mut self, message: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.err, "{BAD}error:{BAD:#} {message}")
    }

    /// Something that may surprise.
    pub(crate) fn warning(&mut self, message: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.err, "{WARNING}warning:{WARNING:#} {message}")
    }

    /// What is wrong with one of several things, though the command did its work.
    pub(crate) fn problem(&mut self, subject: &str, problem: &Failure) -> io::Result<()> {
        self.told(subject, WARNING, problem)
    }

    fn told(&mut self, subject: &str, style: Style, failure: &Failure) -> io::Result<()> {
        let Failure {
            message, next_step, ..
        } = failure;
        writeln!(self.err, "{style}{subject}:{style:#} {message}")?;
        if next_step.is_empty() {
            Ok(())
        } else {
            writeln!(self.err, "{next_step}")
        }
    }
}

/// The text in lines of that many characters at most, broken between words; a longer word stays
/// whole. No text is no line.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Rows as text in columns two spaces apart, each cell with a style; the last column is not padded.
pub(crate) fn table(rows: &[Vec<(Style, String)>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|(_, text)| text.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines = String::new();
    for row in rows {
        for (column, (style, text)) in row.iter().enumerate() {
            lines.push_str(&format!("{style}{text}{style:#}"));
            if column + 1 < row.len() {
                let padding = widths[column] - text.chars().count() + 2;
                lines.push_str(&" ".repeat(padding));
            }
        }
        lines.push('\n');
    }
    lines
}

/// Each row as one line of a [`table`] where the whole table is no wider than that; else its first
/// cell on one line, and the others below it.
pub(crate) fn columns(rows: &[Vec<(Style, String)>], width: usize) -> Vec<Vec<String>> {
    let table = table(rows);
    let plain = anstream::adapter::strip_str(&table).to_string();
    if plain.lines().all(|line| line.chars().count() <= width) {
        return table.lines().map(|line| vec![line.to_owned()]).collect();
    }
    let styled = |(style, text): &(Style, String)| format!("{style}{text}{style:#}");
    rows.iter()
        .map(|row| {
            let mut cells = row.iter().map(styled);
            let first = cells.next().unwrap_or_default();
            vec![first, format!("  {}", cells.collect::<Vec<_>>().join(", "))]
        })
        .collect()
}

#[cfg(unix)]
mod platform {
    pub(super) fn width() -> Option<usize> {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0).then_some(size.ws_col.into())
    }
}

#[cfg(windows)]
mod platform {
    pub(super) fn width() -> Option<usize> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_have_no_trailing_space() {
        let row = |cells: [&str; 2]| cells.map(|cell| (Style::new(), cell.to_owned())).to_vec();
        let rows = [row(["büro", "x"]), row(["a", "long"])];
        assert_eq!(table(&rows), "büro  x\na     long\n");
    }
}
