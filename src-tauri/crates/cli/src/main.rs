//! The command `vestibule`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
