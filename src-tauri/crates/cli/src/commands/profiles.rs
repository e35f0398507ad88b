//! `vestibule profiles preview`, `write` and `remove`

mod diff;

use agent::profiles::{self, Outcome, Roles};
use aws_files::Paths;
use ipc::dirs::Env;
use ipc::message::{Account, Code, Request, Response};
use time::OffsetDateTime;

use super::keep::program;
use super::status::sessions;
use crate::args::profiles::{All, Only, Profiles, Way};
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;
use crate::wait::Wait;

pub(crate) fn run(args: Profiles, env: Env<'_>, output: &mut Output) -> Result<()> {
    match args {
        Profiles::Preview(all) => preview(all, env, output),
        Profiles::Write(all) => write(all, env, output),
        Profiles::Remove { only } => remove(only, env, output),
    }
}

fn preview(all: All, env: Env<'_>, output: &mut Output) -> Result<()> {
    let (roles, glob) = (roles(&all, env)?, all.only.glob.clone());
    let preview = profiles::preview(&files(env)?, &roles, &all.into())?;
    match glob {
        _ if preview.after != preview.before => diff::print(&preview, output)?,
        Some(glob) if preview.outcome.stood == 0 => output.hint(format_args!(
            "Nothing to change: no profile that write makes is named like {glob}."
        ))?,
        _ => output.hint("Every role has its profile already: nothing to change.")?,
    }
    tell(&preview.outcome, output)
}

fn write(all: All, env: Env<'_>, output: &mut Output) -> Result<()> {
    let (roles, way) = (roles(&all, env)?, all.way);
    let now = OffsetDateTime::now_utc();
    let done = profiles::write(&files(env)?, &roles, &all.into(), now)?;
    for name in &done.names {
        output.line(name)?;
    }
    output.hint(format_args!(
        "{} in {}, {} stood there already.",
        counted(done.names.len(), "new profile"),
        done.file.display(),
        done.stood
    ))?;
    tell_backup(&done, output)?;
    if way == Way::SsoSession && !done.names.is_empty() {
        output.hint(
            "AWS's tools sign in for these profiles themselves: aws sso login --profile NAME",
        )?;
    }
    tell(&done, output)
}

fn remove(only: Only, env: Env<'_>, output: &mut Output) -> Result<()> {
    let done = profiles::remove(&files(env)?, &only.into(), OffsetDateTime::now_utc())?;
    let removed = counted(done.names.len(), "profile");
    output.hint(format_args!("Removed {removed}."))?;
    tell_backup(&done, output)?;
    tell(&done, output)
}

/// AWS's files, by absolute paths.
fn files(env: Env<'_>) -> Result<Paths> {
    let refused = |error: &dyn std::error::Error| {
        let next = "Set HOME or AWS_CONFIG_FILE, then try again.";
        Error::new(Code::File, error.to_string(), next)
    };
    let paths = Paths::from_env(env).map_err(|error| refused(&error))?;
    let absolute = |path| std::path::absolute(path).map_err(|error| refused(&error));
    Ok(Paths {
        config: absolute(paths.config)?,
        credentials: absolute(paths.credentials)?,
        ..paths
    })
}

/// Everything the agent knows that a profile needs.
fn roles(all: &All, env: Env<'_>) -> Result<Roles> {
    let session = all.session.session.clone();
    let wait = Wait::begin();
    let request = Request::Accounts { session };
    let mut accounts = match ask(env, &request, |step| wait.step(step))? {
        Response::Accounts { accounts } => accounts,
        _ => return Err(Error::unexpected()),
    };
    drop(wait);
    if all.way == Way::SsoSession {
        leave_out_chained(&mut accounts, env)?;
    }
    if accounts.is_empty() {
        return Err(profiles::no_roles("Sign in with: vestibule login").into());
    }
    Ok(Roles {
        accounts,
        sessions: sessions(env)?,
        program: program()?,
    })
}

/// AWS's tools get assigned roles from a portal, and no others.
fn leave_out_chained(accounts: &mut [Account], env: Env<'_>) -> Result<()> {
    let chains = match ask(env, &Request::Chains, |_| {})? {
        Response::Chains { chains } => chains,
        _ => return Err(Error::unexpected()),
    };
    for account in accounts {
        account.roles.retain(|role| {
            !chains.iter().any(|listed| {
                listed.session == account.session
                    && listed.account_id == account.id
                    && listed.chain.name == *role
            })
        });
    }
    Ok(())
}

fn tell_backup(done: &Outcome, output: &mut Output) -> Result<()> {
    match &done.backup {
        Some(backup) => Ok(output.hint(format_args!("The file as it was: {}", backup.display()))?),
        None => Ok(()),
    }
}

/// Tells of profiles of roles that are gone, and fails where a profile could not be changed.
fn tell(done: &Outcome, output: &mut Output) -> Result<()> {
    if !done.gone.is_empty() {
        output.hint(format_args!(
            "Of roles no longer assigned to you: {}. Remove them with: vestibule profiles remove --match NAME",
            done.gone.join(", ")
        ))?;
    }
    for (name, failure) in &done.refused {
        output.problem(name, failure)?;
    }
    match done.refused.len() {
        0 => Ok(()),
        count => Err(Error::new(
            Code::File,
            format!("{} could not be changed", counted(count, "profile")),
            "Do as it says above, then try again.",
        )),
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
