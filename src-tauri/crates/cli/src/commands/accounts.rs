//! `vestibule accounts`

use std::io::Write as _;

use anstyle::Style;
use ipc::dirs::Env;
use ipc::message::{Account, Request, Response};

use crate::args::Accounts;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::{BOLD, Output, table};
use crate::wait::Wait;

#[derive(serde::Serialize)]
struct Document {
    accounts: Vec<Account>,
}

pub(crate) fn run(args: Accounts, env: Env<'_>, output: &mut Output) -> Result<()> {
    let request = Request::Accounts {
        session: args.session.session,
    };
    let wait = Wait::begin();
    let accounts = match ask(env, &request, |step| wait.step(step))? {
        Response::Accounts { accounts } => accounts,
        _ => return Err(Error::unexpected()),
    };
    drop(wait);
    if args.json.json {
        return Ok(output.json(&Document { accounts })?);
    }
    if accounts.is_empty() {
        return Ok(
            output.hint("No accounts yet. If you are signed out, sign in with: vestibule login")?
        );
    }
    let several = accounts
        .iter()
        .any(|account| account.session != accounts[0].session);
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| row(account, several))
        .collect();
    Ok(write!(output.out, "{}", table(&rows))?)
}

fn row(account: &Account, with_session: bool) -> Vec<(Style, String)> {
    let session = with_session.then(|| (Style::new(), account.session.clone()));
    let rest = [
        (Style::new(), account.id.clone()),
        (BOLD, account.name.clone()),
        (Style::new(), account.roles.join(", ")),
    ];
    session.into_iter().chain(rest).collect()
}
