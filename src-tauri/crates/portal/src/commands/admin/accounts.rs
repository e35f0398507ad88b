use std::io::Write;

use anyhow::Result;
use portal::organization;

use crate::commands::Which;

/// How many accounts are read at a time.
const PAGE: i64 = 500;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List all accounts: id, state, address, name
    List,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let Command::List = arguments.command;
    let mut after = String::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let page = organization::accounts(portal.pool(), &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for account in page {
            let state = match (account.is_suspended, account.is_management) {
                (true, _) => "closed",
                (false, true) => "management",
                (false, false) => "active",
            };
            let organization::Account {
                id, email, name, ..
            } = account;
            writeln!(out, "{id}\t{state}\t{email}\t{name}")?;
        }
    }
    Ok(out.flush()?)
}
