use std::fs;
use std::path::Path;

use ipc::message::Way;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::testing::SetClock;

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn entry(role_name: &str) -> Entry {
    Entry {
        act: Act::Credentials,
        by: Some(Caller {
            program: "aws".to_owned(),
            pid: Some(7),
            way: Way::CredentialProcess,
        }),
        session: "acme".to_owned(),
        role: Some(RoleId {
            session: "acme".to_owned(),
            account_id: "111122223333".to_owned(),
            role_name: role_name.to_owned(),
        }),
        account_name: Some("Payments".to_owned()),
        failure: None,
    }
}

struct Trail {
    home: TempDir,
    clock: SetClock,
    told: mpsc::Receiver<bool>,
    journal: Journal,
}

impl Trail {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let clock = SetClock::at(NOW);
        let (tell, told) = mpsc::channel();
        let journal = Journal::start(
            home.path().join("journal"),
            Arc::new(clock.clone()),
            move |told| {
                tell.send(told.is_ok()).unwrap();
            },
        );
        Self {
            home,
            clock,
            told,
            journal,
        }
    }

    fn folder(&self) -> std::path::PathBuf {
        self.home.path().join("journal")
    }

    fn set(&self, now: OffsetDateTime) {
        self.clock.set(now);
    }

    fn note(&self, role_name: &str) {
        self.journal.note(entry(role_name));
        self.journal.flush().blocking_recv().unwrap();
    }

    fn names(&self) -> Vec<String> {
        let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().into();
        files::all(&self.folder())
            .unwrap()
            .iter()
            .map(name)
            .collect()
    }
}

fn roles(folder: &Path, since: Option<OffsetDateTime>) -> Vec<String> {
    let mut tail = Tail::new(folder, since);
    read(&mut tail)
}

fn read(tail: &mut Tail) -> Vec<String> {
    let mut roles = Vec::new();
    tail.read(|record| {
        roles.push(
            record
                .role_name
                .unwrap_or_else(|| format!("{:?}", record.act)),
        );
        Ok(())
    })
    .unwrap();
    roles
}

#[test]
fn a_line_says_who_asked_for_what_and_how_it_ended() {
    let trail = Trail::new();
    let failed = Entry {
        failure: Some(Code::SignInNeeded),
        ..entry("Billing")
    };
    trail.journal.note(failed);
    trail.note("Admin");
    let text = fs::read_to_string(trail.folder().join("2026-11-22.001.jsonl")).unwrap();
    let rest = r#""way":"credential_process","session":"acme","account_id":"111122223333","account_name":"Payments""#;
    let expected = format!(
        "{{\"time\":\"2026-11-22T10:00:00Z\",\"act\":\"credentials\",{rest},\"role_name\":\"Billing\",\"program\":\"aws\",\"pid\":7,\"failure\":\"sign_in_needed\"}}\n\
         {{\"time\":\"2026-11-22T10:00:00Z\",\"act\":\"credentials\",{rest},\"role_name\":\"Admin\",\"program\":\"aws\",\"pid\":7}}\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn each_day_has_its_file_and_ninety_days_are_kept() {
    let trail = Trail::new();
    trail.note("first");
    trail.set(NOW + time::Duration::days(90));
    trail.note("later");
    assert_eq!(
        trail.names(),
        ["2026-11-22.001.jsonl", "2027-02-20.001.jsonl"]
    );
    trail.set(NOW + time::Duration::days(91));
    trail.note("last");
    assert_eq!(
        trail.names(),
        ["2027-02-20.001.jsonl", "2027-02-21.001.jsonl"]
    );
    let since = Some(NOW + time::Duration::days(91));
    assert_eq!(roles(&trail.folder(), since), ["last"]);
}

#[test]
fn a_file_that_has_grown_is_followed_by_another() {
    let trail = Trail::new();
    trail.note("first");
    let first = trail.folder().join("2026-11-22.001.jsonl");
    let file = fs::File::options().write(true).open(first).unwrap();
    file.set_len(8 * 1024 * 1024).unwrap();
    let again = Journal::start(trail.folder(), Arc::new(trail.clock.clone()), |_| {});
    again.note(entry("second"));
    again.flush().blocking_recv().unwrap();
    assert_eq!(
        trail.names(),
        ["2026-11-22.001.jsonl", "2026-11-22.002.jsonl"]
    );
    assert_eq!(roles(&trail.folder(), None), ["first", "second"]);
}

#[test]
fn a_torn_last_line_is_skipped_and_harms_no_other() {
    let trail = Trail::new();
    trail.note("first");
    let path = trail.folder().join("2026-11-22.001.jsonl");
    let whole = fs::read(&path).unwrap();
    for cut in 1..whole.len() {
        fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
        let mut tail = Tail::new(&trail.folder(), None);
        assert_eq!(read(&mut tail), ["first"], "{cut}");
        let next = Journal::start(trail.folder(), Arc::new(trail.clock.clone()), |_| {});
        next.note(entry("next"));
        next.flush().blocking_recv().unwrap();
        let more = read(&mut tail);
        // Cut just before its end the line is whole after all.
        assert_eq!(more.last().unwrap(), "next", "{cut}");
        assert_eq!(more.len(), 1 + usize::from(cut == whole.len() - 1), "{cut}");
    }
}

#[test]
fn a_reader_goes_on_where_it_stopped() {
    let trail = Trail::new();
    let mut tail = Tail::new(&trail.folder(), None);
    assert_eq!(read(&mut tail), [""; 0]);
    trail.note("one");
    assert_eq!(read(&mut tail), ["one"]);
    assert_eq!(read(&mut tail), [""; 0]);
    trail.note("two");
    trail.set(NOW + time::Duration::DAY);
    trail.note("three");
    assert_eq!(read(&mut tail), ["two", "three"]);
}

#[test]
fn what_cannot_be_written_is_told_once_and_counted() {
    let trail = Trail::new();
    fs::write(trail.folder(), "in the way").unwrap();
    for _ in 0..3 {
        trail.note("lost");
    }
    assert!(!trail.told.try_recv().unwrap());
    assert!(trail.told.try_recv().is_err());
    fs::remove_file(trail.folder()).unwrap();
    trail.note("kept");
    assert!(trail.told.try_recv().unwrap());
    assert_eq!(roles(&trail.folder(), None), ["Lost", "kept"]);
    let text = fs::read_to_string(trail.folder().join("2026-11-22.001.jsonl")).unwrap();
    assert!(text.contains(r#""act":"lost","count":3"#), "{text}");
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let trail = Trail::new();
    trail.note("mine");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&trail.folder()), 0o700);
    assert_eq!(mode(&trail.folder().join("2026-11-22.001.jsonl")), 0o600);
}
