//! What would change, as a unified diff.

use std::io::{self, Write as _};

use agent::profiles::Preview;
use anstyle::Style;
use similar::TextDiff;

use crate::output::{BAD, BOLD, GOOD, Output};

/// Prints the diff; in colours on a terminal. Lines of the user's stand around what changes: on
/// the user's own terminal they may.
pub(super) fn print(preview: &Preview, output: &mut Output) -> io::Result<()> {
    for line in unified(preview).split_inclusive(|byte| *byte == b'\n') {
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

fn unified(preview: &Preview) -> Vec<u8> {
    let diff = TextDiff::from_lines(preview.before.as_bytes(), preview.after.as_bytes());
    let name = preview.outcome.file.display().to_string();
    let mut text = Vec::new();
    // A vector takes everything.
    let _ = diff
        .unified_diff()
        .header(&name, &name)
        .to_writer(&mut text);
    text
}
