//! `vestibule log`: reads the journal's files, with or without an agent.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use agent::journal::{Act, Record, Tail};
use agent::paths::Paths;
use ipc::dirs::Env;
use ipc::message::{Code, Way};
use jiff::Zoned;

use crate::args::Log;
use crate::clock;
use crate::failure::{Error, Result};
use crate::output::{Output, WARNING};

/// What is shown where the user names no time.
const SINCE: &str = "1d";

/// Room for accounts and roles; longer ones make more for all that is shown with them and later.
const SUBJECT: usize = 32;

/// How often to look for new lines.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) fn run(args: Log, env: Env<'_>, output: &mut Output) -> Result<()> {
    let now = clock::now();
    let since = args.since.as_deref().unwrap_or(SINCE);
    let Some(from) = clock::since(since, &now) else {
        return Err(Error::new(
            Code::BadRequest,
            format!("--since takes an age or a date, not {since}"),
            "Write it like 30m, 2h, 7d, 2026-11-22 or 2026-11-22T18:00.",
        ));
    };
    let mut tail = Tail::new(&Paths::from_env(env)?.journal, Some(from));
    let mut shown = false;
    let mut width = SUBJECT;
    loop {
        let mut records = Vec::new();
        tail.read(|record| {
            if is_wanted(&record, &args) {
                records.push(record);
            }
            Ok(())
        })?;
        shown |= !records.is_empty();
        width = widened(width, &records);
        for record in &records {
            match args.json.json {
                true => show_json(record, output)?,
                false => show(record, width, &now, output)?,
            }
        }
        if !args.follow {
            break;
        }
        output.out.flush()?;
        thread::sleep(PAUSE);
    }
    if !shown {
        let from = clock::short(from, &now);
        output.hint(format_args!("Nothing was noted since {from}."))?;
    }
    Ok(())
}

fn is_wanted(record: &Record, args: &Log) -> bool {
    let begins = |value: Option<&String>, wanted: &str| {
        value.is_some_and(|value| value.to_lowercase().starts_with(&wanted.to_lowercase()))
    };
    let account = args.account.as_deref().is_none_or(|wanted| {
        begins(record.account_id.as_ref(), wanted) || begins(record.account_name.as_ref(), wanted)
    });
    let role = args.role.as_deref();
    account && role.is_none_or(|wanted| begins(record.role_name.as_ref(), wanted))
}

/// As wide as the widest of these accounts and roles, if none before was wider.
fn widened(width: usize, records: &[Record]) -> usize {
    let widths = records.iter().map(|record| subject(record).chars().count());
    widths.fold(width, usize::max)
}

/// As it stands in the file.
fn show_json(record: &Record, output: &mut Output) -> io::Result<()> {
    serde_json::to_writer(&mut output.out, record)?;
    writeln!(output.out)
}

fn show(record: &Record, width: usize, now: &Zoned, output: &mut Output) -> io::Result<()> {
    let line = line(record, width, now);
    match record.failure {
        Some(_) => writeln!(output.out, "{WARNING}{line}{WARNING:#}"),
        None => writeln!(output.out, "{line}"),
    }
}

/// What happened when, to what, and who asked, in columns; `width` is that of accounts and roles.
fn line(record: &Record, width: usize, now: &Zoned) -> String {
    let mut line = format!(
        "{}  {:13}  {:width$}",
        clock::exact(record.time, now),
        act(record),
        subject(record),
    );
    let by = by(record);
    if !by.is_empty() {
        line += &format!("  {by}");
    }
    if let Some(code) = record.failure {
        line += &format!("  failed: {}", words(code));
    }
    // Names come from portals and programs: none of them may steer the terminal.
    line.trim_end()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn act(record: &Record) -> String {
    match record.act {
        Act::Credentials => "credentials".to_owned(),
        Act::Console => "console".to_owned(),
        Act::Keep => "keep".to_owned(),
        Act::Unkeep => "keep no more".to_owned(),
        Act::SignIn => "sign in".to_owned(),
        Act::SignOut => "sign out".to_owned(),
        Act::SessionEnded => "session ended".to_owned(),
        Act::Lost => format!("{} lines lost", record.count.unwrap_or_default()),
    }
}

fn subject(record: &Record) -> String {
    let account = record.account_name.as_ref().or(record.account_id.as_ref());
    match (account, &record.role_name) {
        (Some(account), Some(role)) => format!("{account} / {role}"),
        _ => record.session.clone().unwrap_or_default(),
    }
}

fn by(record: &Record) -> String {
    let way = match record.way {
        None => return String::new(),
        Some(Way::Tray) => return "tray".to_owned(),
        Some(Way::Clipboard) => return "tray, to the clipboard".to_owned(),
        Some(Way::StaticKeys) => return "kept as static keys".to_owned(),
        Some(Way::SsoSession) => return "kept in the token cache".to_owned(),
        Some(Way::Command) => "",
        Some(Way::CredentialProcess) => ", credential_process",
        Some(Way::Env) => ", env",
        Some(Way::Exec) => ", exec",
        Some(Way::Shell) => ", shell",
        Some(Way::Endpoint) => ", endpoint",
    };
    let program = record.program.as_deref().unwrap_or("unknown");
    match record.pid {
        Some(pid) => format!("{program} ({pid}){way}"),
        None => format!("{program}{way}"),
    }
}

/// `sign_in_needed` as people say it.
fn words(code: Code) -> String {
    let code = serde_json::to_value(code).unwrap_or_default();
    let code = code.as_str().unwrap_or_default();
    code.replace("sign_in", "sign-in").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Record {
        serde_json::from_str(json).unwrap()
    }

    const ROLE: &str = r#"{"time":"2026-11-22T10:00:00Z","act":"credentials",
        "way":"credential_process","session":"acme","account_id":"111122223333",
        "account_name":"Payments","role_name":"Billing","program":"aws","pid":7}"#;

    #[test]
    fn a_line_says_what_when_and_who() {
        let now: Zoned = "2026-11-22T12:00+01:00[+01:00]".parse().unwrap();
        assert_eq!(
            line(&record(ROLE), SUBJECT, &now),
            "2026-11-22 11:00:00  credentials    Payments / Billing                aws (7), credential_process"
        );
        let refused = r#"{"time":"2026-11-22T10:00:00Z","act":"sign_in","session":"ac\u001bme",
            "failure":"sign_in_refused"}"#;
        assert_eq!(
            line(&record(refused), SUBJECT, &now),
            "2026-11-22 11:00:00  sign in        ac\u{fffd}me                             failed: sign-in refused"
        );
        let ended = r#"{"time":"2026-11-22T10:00:00Z","act":"session_ended","session":"acme"}"#;
        assert_eq!(
            line(&record(ended), SUBJECT, &now),
            "2026-11-22 11:00:00  session ended  acme"
        );
    }

    #[test]
    fn short_names_line_up_with_long_ones() {
        let now: Zoned = "2026-11-22T12:00+01:00[+01:00]".parse().unwrap();
        let long = ROLE.replace("Payments", "Payments of the whole of the group");
        let records = [record(&long), record(ROLE)];
        let width = widened(SUBJECT, &records);
        let columns = records.map(|record| line(&record, width, &now).find("aws (7)"));
        assert_eq!(columns[0], columns[1]);
        assert_eq!(widened(width, &[record(ROLE)]), width);
    }

    #[test]
    fn accounts_and_roles_are_found_by_how_they_begin() {
        let wanted = |account: Option<&str>, role: Option<&str>| {
            let args = Log {
                since: None,
                account: account.map(str::to_owned),
                role: role.map(str::to_owned),
                follow: false,
                json: crate::args::Json { json: false },
            };
            is_wanted(&record(ROLE), &args)
        };
        assert!(wanted(None, None));
        assert!(wanted(Some("pay"), Some("bill")));
        assert!(wanted(Some("111122223333"), None));
        assert!(!wanted(Some("sand"), None));
        assert!(!wanted(Some("pay"), Some("admin")));
    }
}
