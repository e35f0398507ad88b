//! Asking for the code of an MFA device on the terminal, while the command waits for credentials.

use std::io;

use ipc::message::{Code, CodeWanted, MfaCode, Request, RoleQuery};

use crate::ask::ask_done;
use crate::failure::Error;
use crate::output::Output;
use crate::terminal::{Reply, Terminal};

/// Asks until a code is taken or wanted no more. A user who ends the input ends the command.
pub(crate) fn ask(wanted: &CodeWanted, is_over: &dyn Fn() -> bool) {
    let Some(mut terminal) = Terminal::open() else {
        return;
    };
    // A terminal that is gone takes the command with it.
    if let Ok(Reply::End) = converse(wanted, &mut terminal, is_over) {
        let message = format!("no code was entered for {}", wanted.role_name);
        let error = Error::new(Code::MfaCodeNeeded, message, "Run the command again.");
        let _ = error.report(&mut Output::of_process());
        std::process::exit(Code::MfaCodeNeeded.exit_code().into());
    }
}

fn converse(
    wanted: &CodeWanted,
    terminal: &mut Terminal,
    is_over: &dyn Fn() -> bool,
) -> io::Result<Reply> {
    let CodeWanted {
        account_name,
        role_name,
        mfa_serial,
        ..
    } = wanted;
    let question = format!("MFA code for {account_name} / {role_name} ({mfa_serial}): ");
    loop {
        let typed = match terminal.ask(&question, is_over)? {
            Reply::Line(typed) => typed,
            other => return Ok(other),
        };
        let Ok(code) = typed.parse::<MfaCode>() else {
            terminal.say("A code has six digits.")?;
            continue;
        };
        let role = RoleQuery {
            account: wanted.account_id.clone(),
            role: role_name.clone(),
            session: Some(wanted.session.clone()),
        };
        match ask_done(&crate::env, &Request::MfaCode { role, code }) {
            Err(Error::Failure(failure)) if failure.code == Code::MfaCodeWrong => {
                terminal.say(&format!("{} {}", failure.message, failure.next_step))?;
            }
            // Whatever else went wrong, the command itself is told as well.
            _ => return Ok(Reply::Over),
        }
    }
}
