use std::io::Write;

use anyhow::{Context, Result, bail};
use portal::{
    Portal,
    access::{self, AccessError, AccountAssignment, EVENT_SOURCE, Principal},
};
use serde_json::json;

use super::{groups, users, watched};
use crate::commands::{Which, perform};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The permission set's name
    permission_set: String,
    /// The user
    #[arg(long, required_unless_present = "group", conflicts_with = "group")]
    user: Option<String>,
    /// The group
    #[arg(long)]
    group: Option<String>,
    /// The accounts, by id
    #[arg(long = "account", required = true, value_name = "ID")]
    accounts: Vec<String>,
    #[command(flatten)]
    which: Which,
}

/// Assigns in all the accounts, or in none.
pub(super) async fn assign(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let (assignments, who) = assignments(&portal, &arguments).await?;
    let event = "CreateAccountAssignment";
    let parameters = json!({ "targetIds": arguments.accounts });
    perform(&portal, EVENT_SOURCE, event, parameters, async |act| {
        for wanted in &assignments {
            let request = access::create_account_assignment(act, wanted).await?;
            if let Some(reason) = request.failure_reason {
                return Err(AccessError::Conflict(reason));
            }
        }
        Ok(())
    })
    .await?;
    let set = &arguments.permission_set;
    for account in &arguments.accounts {
        writeln!(std::io::stdout(), "{who} has {set} in {account}.")?;
    }
    Ok(())
}

/// Takes all of them away, or none.
pub(super) async fn unassign(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let (assignments, who) = assignments(&portal, &arguments).await?;
    let event = "DeleteAccountAssignment";
    let parameters = json!({ "targetIds": arguments.accounts });
    watched(&portal, async {
        perform(&portal, EVENT_SOURCE, event, parameters, async |act| {
            for unwanted in &assignments {
                access::delete_account_assignment(act, unwanted).await?;
            }
            Ok::<(), AccessError>(())
        })
        .await?;
        let set = &arguments.permission_set;
        for account in &arguments.accounts {
            writeln!(std::io::stdout(), "{who} no longer has {set} in {account}.")?;
        }
        Ok(())
    })
    .await
}

async fn assignments(
    portal: &Portal,
    arguments: &Arguments,
) -> Result<(Vec<AccountAssignment>, String)> {
    let name = &arguments.permission_set;
    let set = access::permission_set_by_name(portal.pool(), name).await?;
    let set = set.with_context(|| format!("there is no permission set {name:?}"))?;
    let (principal, who) = match (&arguments.user, &arguments.group) {
        (Some(user), _) => (Principal::User(users::id_of(portal, user).await?), user),
        (None, Some(group)) => (Principal::Group(groups::id_of(portal, group).await?), group),
        (None, None) => bail!("name a user or a group"),
    };
    let assignment = |account: &String| AccountAssignment {
        account_id: account.clone(),
        permission_set_id: set.id.clone(),
        principal: principal.clone(),
    };
    let all = arguments.accounts.iter().map(assignment).collect();
    Ok((all, who.clone()))
}
