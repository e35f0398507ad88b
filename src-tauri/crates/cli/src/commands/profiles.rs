//! `vestibule profiles preview`, `write` and `remove`

mod diff;
mod plan;

use std::path::PathBuf;

use aws_files::profiles::{self, Refusals};
use aws_files::{Document, Paths, Refusal, write};
use ipc::dirs::Env;
use ipc::message::{Account, Code, Failure, Request, Response};
use time::OffsetDateTime;

use self::plan::{Plan, Roles, plan};
use super::keep::program;
use super::status::sessions;
use crate::args::profiles::{All, Only, Profiles, Way};
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::Output;

pub(crate) fn run(args: Profiles, env: Env<'_>, output: &mut Output) -> Result<()> {
    match args {
        Profiles::Preview(all) => preview(&all, env, output),
        Profiles::Write(all) => write_all(&all, env, output),
        Profiles::Remove { only } => remove(&only, env, output),
    }
}

fn preview(all: &All, env: Env<'_>, output: &mut Output) -> Result<()> {
    let roles = roles(all, env)?;
    let files = Files::of(env)?;
    let before = read(&files.config)?;
    let plan = plan(&before, &read(&files.credentials)?, &roles, all);
    let (after, refused) = profiles::insert(&before, &plan.wanted);
    refuse_unreadable(&files, &refused)?;
    if after == before {
        output.hint("Every role has its profile already: nothing to change.")?;
    } else {
        diff::print(&files.config, &before, &after, output)?;
    }
    tell(&plan, refused, output)
}

fn write_all(all: &All, env: Env<'_>, output: &mut Output) -> Result<()> {
    let roles = roles(all, env)?;
    let files = Files::of(env)?;
    let credentials = read(&files.credentials)?;
    let mut done = (Plan::default(), Refusals::new(), Vec::new());
    let now = OffsetDateTime::now_utc();
    let backup = write::edit_with_backup(&files.config, now, |before| {
        let plan = plan(before, &credentials, &roles, all);
        let (after, refused) = profiles::insert(before, &plan.wanted);
        unreadable(&refused).map_or(Ok(()), Err)?;
        done = (plan, refused, new_names(before, &after));
        Ok(after)
    })
    .map_err(|error| of_file(&error))?;
    let (plan, refused, new) = done;
    for name in &new {
        output.line(name)?;
    }
    let stand = plan.wanted.len() - refused.len() - new.len();
    output.hint(format_args!(
        "{} in {}, {stand} stood there already.",
        counted(new.len(), "new profile"),
        files.config.display()
    ))?;
    if let Some(backup) = backup {
        output.hint(format_args!("The file as it was: {}", backup.display()))?;
    }
    if all.way == Way::SsoSession && !new.is_empty() {
        output.hint(
            "AWS's tools sign in for these profiles themselves: aws sso login --profile NAME",
        )?;
    }
    tell(&plan, refused, output)
}

fn remove(only: &Only, env: Env<'_>, output: &mut Output) -> Result<()> {
    let files = Files::of(env)?;
    let mut done = (Vec::new(), Refusals::new());
    let now = OffsetDateTime::now_utc();
    let backup = write::edit_with_backup(&files.config, now, |before| {
        let own = profiles::own(before).into_iter();
        let meant = own.filter(|own| !own.kept && only.includes(&own.name));
        let names: Vec<_> = meant.map(|own| own.name).collect();
        let (after, refused) = profiles::remove(before, &names);
        done = (names, refused);
        Ok(after)
    })
    .map_err(|error| of_file(&error))?;
    let (names, refused) = done;
    let removed = names.len() - refused.len();
    output.hint(format_args!("Removed {}.", counted(removed, "profile")))?;
    if let Some(backup) = backup {
        output.hint(format_args!("The file as it was: {}", backup.display()))?;
    }
    tell(&Plan::default(), refused, output)
}

/// AWS's files, by absolute paths.
struct Files {
    config: PathBuf,
    credentials: PathBuf,
}

impl Files {
    fn of(env: Env<'_>) -> Result<Self> {
        let refused = |error: &dyn std::error::Error| {
            let next = "Set HOME or AWS_CONFIG_FILE, then try again.";
            Error::new(Code::File, error.to_string(), next)
        };
        let paths = Paths::from_env(env).map_err(|error| refused(&error))?;
        let absolute = |path| std::path::absolute(path).map_err(|error| refused(&error));
        Ok(Self {
            config: absolute(paths.config)?,
            credentials: absolute(paths.credentials)?,
        })
    }
}

/// Everything the agent knows that a profile needs.
fn roles(all: &All, env: Env<'_>) -> Result<Roles> {
    let session = all.session.session.clone();
    let mut accounts = match ask(env, &Request::Accounts { session }, |_| {})? {
        Response::Accounts { accounts } => accounts,
        _ => return Err(Error::unexpected()),
    };
    if all.way == Way::SsoSession {
        leave_out_chained(&mut accounts, env)?;
    }
    if accounts.is_empty() {
        let message = "no accounts are known yet";
        let next = "Sign in with: vestibule login";
        return Err(Error::new(Code::SignInNeeded, message, next));
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

fn read(path: &std::path::Path) -> Result<Document> {
    write::read(path).map_err(|error| of_file(&error))
}

/// What keeps the file itself from being edited.
fn unreadable(refused: &Refusals) -> Option<Refusal> {
    let mut all = refused.values();
    all.find(|refusal| matches!(refusal, Refusal::Unreadable(_)))
        .cloned()
}

fn refuse_unreadable(files: &Files, refused: &Refusals) -> Result<()> {
    match unreadable(refused) {
        Some(source) => Err(of_file(&write::Error::Refused {
            path: files.config.clone(),
            source,
        })),
        None => Ok(()),
    }
}

fn new_names(before: &Document, after: &Document) -> Vec<String> {
    let stood: std::collections::HashSet<_> = profiles::own(before)
        .into_iter()
        .map(|own| own.name)
        .collect();
    let stand = profiles::own(after).into_iter().map(|own| own.name);
    stand.filter(|name| !stood.contains(name)).collect()
}

/// Tells of profiles of roles that are gone, and fails where a profile could not be changed.
fn tell(plan: &Plan, refused: Refusals, output: &mut Output) -> Result<()> {
    if !plan.gone.is_empty() {
        output.hint(format_args!(
            "Of roles no longer assigned to you: {}. Remove them with: vestibule profiles remove --match NAME",
            plan.gone.join(", ")
        ))?;
    }
    let count = refused.len();
    for (name, refusal) in refused {
        let failure = Failure {
            code: Code::File,
            message: format!("{refusal}."),
            next_step: refusal.next_step().to_owned(),
        };
        output.problem(&name, &failure)?;
    }
    match count {
        0 => Ok(()),
        _ => Err(Error::new(
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

pub(super) fn of_file(error: &write::Error) -> Error {
    Error::new(Code::File, error.to_string(), error.next_step())
}
