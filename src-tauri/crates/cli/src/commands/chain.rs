//! `vestibule chain add`, `list` and `remove`

use std::io::Write as _;

use anstyle::Style;
use ipc::dirs::Env;
use ipc::message::{Chain, ListedChain, Request, Response, RoleQuery};

use crate::args::{ChainAdd, ChainCommand};
use crate::ask::{ask, ask_done};
use crate::failure::{Error, Result};
use crate::output::{BOLD, Output, table};
use crate::wait::Wait;

pub(crate) fn run(args: ChainCommand, env: Env<'_>, output: &mut Output) -> Result<()> {
    match args {
        ChainCommand::Add(args) => add(args, env, output),
        ChainCommand::List(args) => list(args.json, env, output),
        ChainCommand::Remove { name, session } => {
            let request = Request::RemoveChain {
                name: name.clone(),
                session: session.session,
            };
            ask_done(env, &request)?;
            Ok(output.hint(format_args!("Removed {name}."))?)
        }
    }
}

fn add(args: ChainAdd, env: Env<'_>, output: &mut Output) -> Result<()> {
    let name = args.name.clone();
    let wait = Wait::begin();
    match ask(env, &request(args), |step| wait.step(step))? {
        Response::ChainAdded { account_id, .. } => {
            output.line(&name)?;
            Ok(output.hint(format_args!(
                "It is a role of account {account_id} now. Try: vestibule credentials --account {account_id} --role {name}"
            ))?)
        }
        _ => Err(Error::unexpected()),
    }
}

fn request(args: ChainAdd) -> Request {
    let mut from = args.from.into_iter();
    Request::AddChain {
        from: RoleQuery {
            account: from.next().unwrap_or_default(),
            role: from.next().unwrap_or_default(),
            session: args.session.session,
        },
        chain: Chain {
            name: args.name,
            role_arn: args.role_arn,
            role_session_name: args.session_name,
            duration_seconds: args.duration,
            external_id: args.external_id,
            tags: args.tags.into_iter().collect(),
            source_identity: args.source_identity,
            mfa_serial: args.mfa_serial,
        },
    }
}

fn list(json: bool, env: Env<'_>, output: &mut Output) -> Result<()> {
    let Response::Chains { chains } = ask(env, &Request::Chains, |_| {})? else {
        return Err(Error::unexpected());
    };
    if json {
        return Ok(output.json(&chains)?);
    }
    if chains.is_empty() {
        return Ok(output.hint(
            "There is no chained role. Add one: vestibule chain add NAME --from ACCOUNT ROLE --role-arn ARN",
        )?);
    }
    let plain = Style::new();
    let rows: Vec<_> = chains
        .iter()
        .map(|listed| {
            vec![
                (BOLD, listed.chain.name.clone()),
                (plain, listed.chain.role_arn.clone()),
                (plain, from(listed)),
            ]
        })
        .collect();
    Ok(write!(output.out, "{}", table(&rows))?)
}

fn from(listed: &ListedChain) -> String {
    let ListedChain {
        session,
        source_account_id,
        source_role_name,
        chain,
        ..
    } = listed;
    let mfa = if chain.mfa_serial.is_some() {
        ", with MFA"
    } else {
        ""
    };
    format!("from {source_account_id} {source_role_name} ({session}){mfa}")
}
