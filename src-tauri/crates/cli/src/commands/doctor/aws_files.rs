//! The files of AWS's own tools, and what stands in them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ::aws_files::reading::{self, Problem, Sections};
use ::aws_files::{Document, Paths, profiles};

use super::finding::Finding;

const PART: &str = "AWS files";

/// The key that makes AWS's tools use what stands in the credentials file, whatever else there is.
const KEY: &str = "aws_access_key_id";

pub(super) struct Facts {
    config: File,
    credentials: File,
    /// The program that each profile of Vestibule's runs, where that is not there.
    gone: BTreeMap<String, String>,
}

struct File {
    path: PathBuf,
    /// What it says; nothing where there is none, or where AWS's tools refuse it.
    profiles: Sections,
    /// The profiles in it that are Vestibule's.
    own: Vec<String>,
    problems: Vec<Problem>,
    /// Why it cannot be read.
    unreadable: Option<String>,
    writable: bool,
    /// Whether other users can read it.
    open_to_others: bool,
}

impl Facts {
    pub(super) fn gather(paths: &Paths) -> Self {
        let config = File::gather(&paths.config);
        let credentials = File::gather(&paths.credentials);
        let programs = config.own.iter().filter_map(|name| {
            let process = config.profiles.get(name)?.get("credential_process")?;
            let program = shlex::split(process.text()?)?.into_iter().next()?;
            (!Path::new(&program).is_file()).then(|| (name.clone(), program))
        });
        Self {
            gone: programs.collect(),
            config,
            credentials,
        }
    }

    /// Whether either file has a profile of that name; `None` where one of them cannot be read.
    pub(super) fn has_profile(&self, name: &str) -> Option<bool> {
        let files = [&self.config, &self.credentials];
        let readable = |file: &&File| file.problems.is_empty() && file.unreadable.is_none();
        files.iter().all(readable).then(|| {
            let mut files = files.iter();
            files.any(|file| file.profiles.contains_key(name))
        })
    }
}

impl File {
    fn gather(path: &Path) -> Self {
        let (document, unreadable) = match std::fs::read(path) {
            Ok(bytes) => (Document::parse(bytes), None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (Document::parse(Vec::new()), None)
            }
            Err(error) => (Document::parse(Vec::new()), Some(error.to_string())),
        };
        let read = reading::read(&document).unwrap_or_default();
        let own = profiles::own(&document).into_iter();
        Self {
            path: path.to_owned(),
            // A credentials file names its profiles without the word `profile`.
            profiles: read.profiles.into_iter().chain(read.others).collect(),
            own: own.map(|own| own.name).collect(),
            problems: reading::problems(&document),
            unreadable,
            writable: platform::is_writable(path),
            open_to_others: platform::is_open_to_others(path),
        }
    }
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<_> = of(&facts.config)
        .into_iter()
        .chain(of(&facts.credentials))
        .collect();
    if facts.credentials.open_to_others {
        let path = facts.credentials.path.display();
        let message = format!("Other users of this computer can read {path}.");
        findings.push(Finding::warning(
            PART,
            message,
            format!("Run: chmod 600 {path}"),
        ));
    }
    for (name, program) in &facts.gone {
        let message = format!("The profile {name} runs {program}, which is gone.");
        let next = "Run any command of Vestibule's, such as vestibule status: its agent puts the \
                    new path in.";
        findings.push(Finding::wrong(PART, message, next));
    }
    for name in shadowed(facts) {
        let (config, credentials) = (&facts.config.path, &facts.credentials.path);
        let message = format!(
            "AWS's tools take the keys of {name} in {}, not what its profile in {} says.",
            credentials.display(),
            config.display()
        );
        let next = format!(
            "Remove or rename the section [{name}] in {}.",
            credentials.display()
        );
        findings.push(Finding::wrong(PART, message, next));
    }
    if findings.is_empty() {
        let (config, credentials) = (&facts.config.path, &facts.credentials.path);
        let message = format!(
            "{} and {} can be read and written.",
            config.display(),
            credentials.display()
        );
        findings.push(Finding::ok(PART, message));
    }
    findings
}

fn of(file: &File) -> Vec<Finding> {
    let path = file.path.display();
    if let Some(reason) = &file.unreadable {
        let message = format!("{path} cannot be read: {reason}.");
        return vec![Finding::wrong(PART, message, "Make it readable for you.")];
    }
    let mut findings: Vec<_> = file
        .problems
        .iter()
        .map(|problem| {
            let message = format!("{path}, {problem}: AWS's tools refuse the whole file.");
            Finding::wrong(PART, message, "Mend that line.")
        })
        .collect();
    if !file.writable {
        let message = format!("{path} cannot be written: roles cannot be kept refreshed.");
        let next = "Make the file and its folder writable for you.";
        findings.push(Finding::warning(PART, message, next));
    }
    findings
}

/// Profiles of Vestibule's in the config file for which the credentials file has keys.
fn shadowed(facts: &Facts) -> impl Iterator<Item = &String> {
    let has_keys = |name: &&String| {
        let keys = facts.credentials.profiles.get(*name);
        keys.is_some_and(|settings| settings.contains_key(KEY))
    };
    facts.config.own.iter().filter(has_keys)
}

#[cfg(unix)]
mod platform {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use rustix::fs::{Access, access};

    /// Whether it, or where it is missing the next folder above that is there, can be written.
    pub(super) fn is_writable(path: &Path) -> bool {
        let there = path.ancestors().find(|path| path.exists());
        there.is_some_and(|path| access(path, Access::WRITE_OK).is_ok())
    }

    pub(super) fn is_open_to_others(path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0)
    }
}

#[cfg(windows)]
mod platform {
    use std::path::Path;

    pub(super) fn is_writable(path: &Path) -> bool {
        std::fs::metadata(path).map_or(true, |file| !file.permissions().readonly())
    }

    /// The user's profile, in which it lies, is the user's alone.
    pub(super) fn is_open_to_others(_: &Path) -> bool {
        false
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use ::aws_files::{Profile, profile};

    use super::super::finding::Outcome;
    use super::*;

    fn found(config: &[u8], credentials: &[u8], mode: u32) -> Vec<(Outcome, String)> {
        let home = tempfile::tempdir().unwrap();
        let env = |name: &str| (name == "HOME").then(|| home.path().into());
        let paths = Paths::from_env(&env).unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        fs::write(&paths.config, config).unwrap();
        fs::write(&paths.credentials, credentials).unwrap();
        fs::set_permissions(&paths.credentials, Permissions::from_mode(mode)).unwrap();
        let folder = format!("{}/", home.path().display());
        check(&Facts::gather(&paths))
            .into_iter()
            .map(|one| (one.outcome, one.message.replace(&folder, "")))
            .collect()
    }

    fn own(program: &str) -> Vec<u8> {
        let profile = Profile {
            name: "pay".into(),
            account_id: "111122223333".into(),
            role_name: "Admin".into(),
            session: "acme".into(),
            program: program.into(),
            region: None,
            sts_endpoint: None,
        };
        let written = profile::insert(&Document::parse(Vec::new()), &profile).unwrap();
        written.as_bytes().to_vec()
    }

    #[test]
    fn files_as_they_should_be_are_well() {
        let here = std::env::current_exe().unwrap();
        let found = found(&own(here.to_str().unwrap()), b"", 0o600);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, Outcome::Ok);
    }

    #[test]
    fn each_line_that_aws_refuses_is_named() {
        let found = found(b"[profile a]\nnonsense\n[profile a]\n", b"\xff\n", 0o600);
        let messages: Vec<_> = found.iter().map(|(_, message)| message.as_str()).collect();
        assert!(found.iter().all(|(outcome, _)| *outcome == Outcome::Wrong));
        assert!(
            messages[0].starts_with(".aws/config, line 2, column 1: "),
            "{messages:?}"
        );
        assert!(
            messages[1].starts_with(".aws/config, line 3, column "),
            "{messages:?}"
        );
        assert!(
            messages[2].starts_with(".aws/credentials, line 1, column 1: "),
            "{messages:?}"
        );
    }

    #[test]
    fn a_program_that_is_gone_and_keys_that_win_are_told() {
        let keys = b"[pay]\naws_access_key_id = AKIA\naws_secret_access_key = s3cret\n";
        let found = found(&own("/nonexistent/vestibule"), keys, 0o644);
        let outcomes: Vec<_> = found.iter().map(|(outcome, _)| *outcome).collect();
        assert_eq!(outcomes, [Outcome::Warning, Outcome::Wrong, Outcome::Wrong]);
        assert!(found[0].1.contains(".aws/credentials"), "{found:?}");
        assert!(found[1].1.contains("/nonexistent/vestibule"), "{found:?}");
        assert!(found[2].1.contains("keys of pay"), "{found:?}");
        assert!(!format!("{found:?}").contains("s3cret"));
    }
}
