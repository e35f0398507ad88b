//! `vestibule status`

use std::io::Write as _;

use anstyle::Style;
use ipc::dirs::Env;
use ipc::message::{Request, Response, SessionState, SessionStatus};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use time::OffsetDateTime;

use crate::args::Json;
use crate::ask::ask;
use crate::failure::{Error, Result};
use crate::output::{BOLD, GOOD, Output, WARNING, table};

#[derive(serde::Serialize)]
struct Document {
    sessions: Vec<SessionStatus>,
}

pub(crate) fn run(args: &Json, env: Env<'_>, output: &mut Output) -> Result<()> {
    let sessions = sessions(env)?;
    if args.json {
        return Ok(output.json(&Document { sessions })?);
    }
    if sessions.is_empty() {
        return Ok(output.hint(NO_PORTAL)?);
    }
    let now = Timestamp::now().to_zoned(TimeZone::system());
    let rows: Vec<_> = sessions.iter().map(|session| row(session, &now)).collect();
    write!(output.out, "{}", table(&rows))?;
    for session in sessions {
        if let Some(problem) = session.problem {
            output.problem(&session.name, &problem)?;
        }
    }
    Ok(())
}

/// What `status` and `portal list` say where there is nothing to list.
pub(crate) const NO_PORTAL: &str =
    "No portal yet. Add one with: vestibule portal add START_URL --region REGION";

pub(crate) fn sessions(env: Env<'_>) -> Result<Vec<SessionStatus>> {
    match ask(env, &Request::Status, |_| {})? {
        Response::Status { sessions } => Ok(sessions),
        _ => Err(Error::unexpected()),
    }
}

fn row(session: &SessionStatus, now: &Zoned) -> Vec<(Style, String)> {
    let (style, state) = match session.state {
        SessionState::SignedOut => (Style::new(), "signed out".to_owned()),
        SessionState::SigningIn => (WARNING, "signing in".to_owned()),
        SessionState::SignedIn => (GOOD, signed_in(session, now)),
        SessionState::Expired => (WARNING, "sign-in needed".to_owned()),
    };
    vec![
        (BOLD, session.name.clone()),
        (style, state),
        (Style::new(), session.start_url.to_string()),
        (Style::new(), session.region.clone()),
    ]
}

fn signed_in(session: &SessionStatus, now: &Zoned) -> String {
    let mut text = "signed in".to_owned();
    if let Some(user) = &session.user {
        text += &format!(" as {user}");
    }
    if let Some(until) = session.until.and_then(|until| local(until, now)) {
        text += &format!(" until {until}");
    }
    text
}

/// A time as a clock on the wall shows it, with the day where it is not today.
fn local(time: OffsetDateTime, now: &Zoned) -> Option<String> {
    let time = Timestamp::from_second(time.unix_timestamp()).ok()?;
    let time = time.to_zoned(now.time_zone().clone());
    let format = if time.date() == now.date() {
        "%H:%M"
    } else {
        "%a %-d %b, %H:%M"
    };
    Some(time.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use ipc::message::EndpointOverrides;

    use super::*;

    fn session(state: SessionState, user: Option<&str>, until: Option<i64>) -> SessionStatus {
        SessionStatus {
            name: "acme".into(),
            start_url: url::Url::parse("https://acme.awsapps.com/start").unwrap(),
            region: "eu-west-1".into(),
            state,
            until: until.map(|until| OffsetDateTime::from_unix_timestamp(until).unwrap()),
            user: user.map(Into::into),
            problem: None,
            endpoints: EndpointOverrides::default(),
        }
    }

    #[test]
    fn a_session_says_who_and_until_when_as_far_as_it_is_known() {
        let now = "2026-11-22T10:00+01:00[+01:00]".parse::<Zoned>().unwrap();
        let at = |hours: i64| Some(now.timestamp().as_second() + hours * 3600);
        let state = |user, until| {
            row(&session(SessionState::SignedIn, user, until), &now)[1]
                .1
                .clone()
        };
        assert_eq!(state(None, None), "signed in");
        assert_eq!(state(Some("ana"), at(2)), "signed in as ana until 12:00");
        assert_eq!(state(None, at(20)), "signed in until Mon 23 Nov, 06:00");
    }

    #[test]
    fn an_ended_session_says_what_it_needs() {
        let now = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        let expired = session(SessionState::Expired, Some("ana"), Some(0));
        assert_eq!(row(&expired, &now)[1].1, "sign-in needed");
    }
}
