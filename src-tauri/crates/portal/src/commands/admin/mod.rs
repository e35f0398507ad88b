//! The everyday acts of an administrator, on the portal's own machine.

use anyhow::Result;
use portal::{Portal, admin::Authority};

use crate::commands::tell_nobody_is_left;

mod accounts;
mod assignments;
mod groups;
mod settings;
mod users;

const EXAMPLE: &str = "\
For example:

  vestibule-portal admin users add ana --display-name \"Ana\" --email ana@example.com
  vestibule-portal admin groups add Writers
  vestibule-portal admin groups add-member Writers ana
  vestibule-portal admin assign ReadOnlyAccess --group Writers --account 111122223333

Each takes the portal's --config or --data.";

/// Users, groups, accounts, assignments and the address of the portal, one act at a time
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List, add, disable, enable and delete users, and reset their passwords
    Users(users::Arguments),
    /// List, add and delete groups, and say who is in them
    Groups(groups::Arguments),
    /// List accounts
    Accounts(accounts::Arguments),
    /// Give a user or a group a permission set in accounts
    Assign(assignments::Arguments),
    /// Take it away
    Unassign(assignments::Arguments),
    /// Give the portal an address of its own, once
    CustomizeUrl(settings::Arguments),
}

/// Does what was asked.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Command::Users(arguments) => users::run(arguments).await,
        Command::Groups(arguments) => groups::run(arguments).await,
        Command::Accounts(arguments) => accounts::run(arguments).await,
        Command::Assign(arguments) => assignments::assign(arguments).await,
        Command::Unassign(arguments) => assignments::unassign(arguments).await,
        Command::CustomizeUrl(arguments) => settings::customize_url(arguments).await,
    }
}

/// Does what takes something away, and says so if it leaves nobody to administer the portal.
async fn watched(portal: &Portal, act: impl Future<Output = Result<()>>) -> Result<()> {
    let had_somebody = Authority::has_holder(portal.pool()).await?;
    act.await?;
    if had_somebody && !Authority::has_holder(portal.pool()).await? {
        let account = portal.instance().owner_account_id(portal.pool()).await?;
        tell_nobody_is_left(&account, "can")?;
    }
    Ok(())
}
