//! `vestibule status`

use std::io::Write as _;

use agent::paths::Paths;
use agent::settings;
use anstyle::Style;
use ipc::dirs::Env;
use ipc::message::{Failure, KeptStatus, Request, Response, SessionState, SessionStatus, Way};
use jiff::Zoned;

use crate::args::Json;
use crate::ask::ask;
use crate::clock;
use crate::failure::{Error, Result};
use crate::output::{BOLD, GOOD, Output, WARNING, columns, wrapped};

#[derive(serde::Serialize)]
struct Document {
    sessions: Vec<SessionStatus>,
    kept: Vec<KeptStatus>,
}

pub(crate) fn run(args: &Json, env: Env<'_>, output: &mut Output) -> Result<()> {
    let status = status(env)?;
    // The agent goes on with what it read when it began.
    if let Err(error) = settings::load(&Paths::from_env(env)?.settings) {
        output.warning(format_args!(
            "{error}. See what to do with: vestibule doctor"
        ))?;
    }
    if args.json {
        return Ok(output.json(&status)?);
    }
    if status.sessions.is_empty() {
        return Ok(output.hint(NO_PORTAL)?);
    }
    let width = output.width();
    for line in lines(&status, width, &clock::now()) {
        writeln!(output.out, "{line}")?;
    }
    Ok(())
}

/// What `status` and `portal list` say where there is nothing to list.
pub(crate) const NO_PORTAL: &str =
    "No portal yet. Add one with: vestibule portal add START_URL --region REGION";

pub(crate) fn sessions(env: Env<'_>) -> Result<Vec<SessionStatus>> {
    Ok(status(env)?.sessions)
}

fn status(env: Env<'_>) -> Result<Document> {
    match ask(env, &Request::Status, |_| {})? {
        Response::Status { sessions, kept } => Ok(Document { sessions, kept }),
        _ => Err(Error::unexpected()),
    }
}

fn lines(status: &Document, width: usize, now: &Zoned) -> Vec<String> {
    let sessions = &status.sessions;
    let lengths = sessions.iter().map(|one| one.name.chars().count());
    let column = lengths.max().unwrap_or_default();
    let mut lines = Vec::new();
    for session in sessions {
        let mut told = told(session, width.saturating_sub(column + 2), now).into_iter();
        let first = told.next().unwrap_or_default();
        let padding = " ".repeat(column - session.name.chars().count());
        let name = &session.name;
        lines.push(format!("{BOLD}{name}{BOLD:#}{padding}  {first}"));
        lines.extend(told.map(|line| format!("{:column$}  {line}", "")));
    }
    if !status.kept.is_empty() {
        lines.extend([String::new(), format!("{BOLD}Kept refreshed{BOLD:#}")]);
        lines.extend(kept(status, width, now));
    }
    lines
}

/// Where a session stands, where its portal is, when it was and will be refreshed, and why not.
fn told(session: &SessionStatus, width: usize, now: &Zoned) -> Vec<String> {
    let (style, state) = match session.state {
        SessionState::SignedOut => (Style::new(), "signed out".to_owned()),
        SessionState::SigningIn => (WARNING, "signing in".to_owned()),
        SessionState::SignedIn => (GOOD, signed_in(session, now)),
        SessionState::Expired => (WARNING, "sign-in needed".to_owned()),
    };
    let mut lines = vec![
        format!("{style}{state}{style:#}"),
        format!("{}, {}", session.start_url, session.region),
    ];
    let times = [
        session
            .refreshed
            .map(|at| format!("refreshed {}", clock::short(at, now))),
        session
            .next
            .map(|at| format!("next {}", clock::short(at, now))),
    ];
    let times: Vec<_> = times.into_iter().flatten().collect();
    if !times.is_empty() {
        lines.push(times.join(", "));
    }
    lines.extend(
        session
            .problem
            .iter()
            .flat_map(|problem| why(problem, width)),
    );
    lines
}

fn signed_in(session: &SessionStatus, now: &Zoned) -> String {
    let mut text = "signed in".to_owned();
    if let Some(user) = &session.user {
        text += &format!(" as {user}");
    }
    // The portal does not tell when it ends: it was learned from earlier sessions.
    if let Some(until) = session.until {
        text += &format!(" until about {}", clock::short(until, now));
    }
    text
}

/// A problem and what to do, each in as many lines as it takes.
fn why(problem: &Failure, width: usize) -> impl Iterator<Item = String> {
    let message = wrapped(&problem.message, width);
    let message = message
        .into_iter()
        .map(|line| format!("{WARNING}{line}{WARNING:#}"));
    message.chain(wrapped(&problem.next_step, width))
}

/// The kept roles in columns; in a narrow terminal each on two lines. A problem that its session
/// has told already is not told again.
fn kept(status: &Document, width: usize, now: &Zoned) -> Vec<String> {
    let several = status.sessions.len() > 1;
    let rows: Vec<_> = status
        .kept
        .iter()
        .map(|kept| kept_row(kept, several, now))
        .collect();
    let rows = columns(&rows, width);
    let mut lines = Vec::new();
    for (kept, row) in status.kept.iter().zip(rows) {
        lines.extend(row);
        let session = status.sessions.iter().find(|one| one.name == kept.session);
        let is_told = session.is_some_and(|session| match session.state {
            SessionState::SignedIn => session.problem == kept.problem,
            _ => true,
        });
        if let Some(problem) = kept.problem.as_ref().filter(|_| !is_told) {
            let indented = why(problem, width.saturating_sub(2));
            lines.extend(indented.map(|line| format!("  {line}")));
        }
    }
    lines
}

fn kept_row(kept: &KeptStatus, several: bool, now: &Zoned) -> Vec<(Style, String)> {
    let account = kept.account_name.as_ref().unwrap_or(&kept.account_id);
    let mut role = format!("{account} / {}", kept.role_name);
    if several {
        role += &format!(" ({})", kept.session);
    }
    let way = match kept.way {
        Way::SsoSession => "sso-session",
        Way::StaticKeys => "static keys",
        _ => "process",
    };
    let times = [
        kept.expires
            .map(|at| format!("until {}", clock::short(at, now))),
        kept.next
            .map(|at| format!("next {}", clock::short(at, now))),
    ];
    let times: Vec<_> = times.into_iter().flatten().collect();
    let (style, state) = match &kept.problem {
        Some(_) => (WARNING, "not refreshed".to_owned()),
        None if times.is_empty() => (Style::new(), "waiting".to_owned()),
        None => (Style::new(), times.join(", ")),
    };
    vec![
        (BOLD, kept.profile.clone()),
        (Style::new(), role),
        (Style::new(), way.to_owned()),
        (style, state),
    ]
}

#[cfg(test)]
mod tests;
