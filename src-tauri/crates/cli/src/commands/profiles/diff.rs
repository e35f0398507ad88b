//! What would change, as a unified diff.

use std::io::{self, Write as _};
use std::path::Path;

use anstyle::Style;
use aws_files::Document;
use similar::TextDiff;

use crate::output::{BAD, BOLD, GOOD, Output};

/// Prints the diff; in colours on a terminal.
pub(super) fn print(
    path: &Path,
    before: &Document,
    after: &Document,
    output: &mut Output,
) -> io::Result<()> {
    for line in unified(path, before, after).split_inclusive(|byte| *byte == b'\n') {
        let style = match line {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => BOLD,
            [b'+', ..] => GOOD,
            [b'-', ..] => BAD,
            _ => Style::new(),
        };
        let text = line.trim_ascii_end();
        let end = &line[text.len()..];
        write!(output.out, "{style}")?;
        output.out.write_all(text)?;
        write!(output.out, "{style:#}")?;
        output.out.write_all(end)?;
    }
    Ok(())
}

fn unified(path: &Path, before: &Document, after: &Document) -> Vec<u8> {
    let diff = TextDiff::from_lines(before.as_bytes(), after.as_bytes());
    let name = path.display().to_string();
    let mut text = Vec::new();
    // A vector takes everything.
    let _ = diff
        .unified_diff()
        .header(&name, &name)
        .to_writer(&mut text);
    text
}
