//! `vestibule completions`

use std::io::Write as _;

use clap_complete::Shell;

use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(shell: Shell, output: &mut Output) -> Result<()> {
    // Into memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::command(), "vestibule", &mut script);
    Ok(output.out.write_all(&script)?)
}
