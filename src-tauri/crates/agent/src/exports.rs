//! Credentials as variables, and as lines that a shell takes in: for the clipboard and for the
//! commands `credentials`, `env`, `exec` and `shell`.

use ipc::message::Credentials;
use secrecy::ExposeSecret;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::endpoint::Endpoint;

/// A variable of the environment and its value, which may be secret.
pub type Variable = (&'static str, Zeroizing<String>);

/// How a shell sets and removes variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// bash, zsh and every other POSIX shell.
    Posix,
    /// fish.
    Fish,
    /// PowerShell.
    PowerShell,
}

impl Syntax {
    /// Lines that remove some variables, then set others, for the shell and what it starts.
    #[must_use]
    pub fn lines(self, unset: &[&str], set: &[Variable]) -> Zeroizing<String> {
        // Large enough that growing leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
        for name in unset {
            let (before, after) = match self {
                Self::Posix => ("unset ", "\n"),
                Self::Fish => ("set -e ", "\n"),
                Self::PowerShell => ("Remove-Item Env:", " -ErrorAction Ignore\n"),
            };
            text.extend([before, name, after]);
        }
        for (name, value) in set {
            let (before, between) = match self {
                Self::Posix => ("export ", "="),
                Self::Fish => ("set -gx ", " "),
                Self::PowerShell => ("$Env:", " = "),
            };
            text.extend([before, name, between, "'", &self.escaped(value), "'\n"]);
        }
        text
    }

    /// The value as it stands between single quotes.
    fn escaped(self, value: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Posix => value.replace('\'', r"'\''"),
            Self::Fish => value.replace('\\', r"\\").replace('\'', r"\'"),
            Self::PowerShell => value.replace('\'', "''"),
        })
    }
}

/// The variables that AWS's tools read, and those that `aws configure export-credentials` adds.
#[must_use]
pub fn variables(credentials: &Credentials) -> Vec<Variable> {
    let expiration = credentials.expiration.truncate_to_second();
    let expiration = expiration.format(&Rfc3339).unwrap_or_default();
    [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        (
            "AWS_SECRET_ACCESS_KEY",
            credentials.secret_access_key.expose_secret(),
        ),
        (
            "AWS_SESSION_TOKEN",
            credentials.session_token.expose_secret(),
        ),
        ("AWS_CREDENTIAL_EXPIRATION", &expiration),
        ("AWS_ACCOUNT_ID", &credentials.account_id),
    ]
    .into_iter()
    .map(|(name, value)| (name, Zeroizing::new(value.to_owned())))
    .collect()
}

/// The variables that lead a client of `endpoint` to `url`.
#[must_use]
pub fn endpoint(endpoint: &Endpoint, url: &str) -> Vec<Variable> {
    let token = endpoint.token().expose_secret();
    [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", token),
    ]
    .map(|(name, value)| (name, Zeroizing::new(value.to_owned())))
    .into()
}

/// Lines for bash, zsh and every other POSIX shell.
#[must_use]
pub fn posix(credentials: &Credentials) -> Zeroizing<String> {
    Syntax::Posix.lines(&[], &variables(credentials))
}

/// Lines for PowerShell.
#[must_use]
pub fn power_shell(credentials: &Credentials) -> Zeroizing<String> {
    Syntax::PowerShell.lines(&[], &variables(credentials))
}

/// Lines for the shell that people use on this platform.
pub(crate) fn for_pasting(variables: &[Variable]) -> Zeroizing<String> {
    let syntax = match cfg!(windows) {
        true => Syntax::PowerShell,
        false => Syntax::Posix,
    };
    syntax.lines(&[], variables)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn shells_read_the_values_back() {
        let credentials = Credentials {
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: "se/cr+et".into(),
            session_token: "it's=".into(),
            expiration: datetime!(2026-11-22 18:44:40.5 UTC),
        };
        assert_eq!(
            *posix(&credentials),
            "export AWS_ACCESS_KEY_ID='ASIAEXAMPLE'\n\
             export AWS_SECRET_ACCESS_KEY='se/cr+et'\n\
             export AWS_SESSION_TOKEN='it'\\''s='\n\
             export AWS_CREDENTIAL_EXPIRATION='2026-11-22T18:44:40Z'\n\
             export AWS_ACCOUNT_ID='111122223333'\n"
        );
        assert_eq!(
            *power_shell(&credentials),
            "$Env:AWS_ACCESS_KEY_ID = 'ASIAEXAMPLE'\n\
             $Env:AWS_SECRET_ACCESS_KEY = 'se/cr+et'\n\
             $Env:AWS_SESSION_TOKEN = 'it''s='\n\
             $Env:AWS_CREDENTIAL_EXPIRATION = '2026-11-22T18:44:40Z'\n\
             $Env:AWS_ACCOUNT_ID = '111122223333'\n"
        );
    }

    #[test]
    fn each_shell_has_its_own_quotes() {
        let set = [("A", Zeroizing::new(r"it's a\b $x".to_owned()))];
        for (syntax, expected) in [
            (Syntax::Posix, "unset B\nexport A='it'\\''s a\\b $x'\n"),
            (Syntax::Fish, "set -e B\nset -gx A 'it\\'s a\\\\b $x'\n"),
            (
                Syntax::PowerShell,
                "Remove-Item Env:B -ErrorAction Ignore\n$Env:A = 'it''s a\\b $x'\n",
            ),
        ] {
            assert_eq!(*syntax.lines(&["B"], &set), expected, "{syntax:?}");
        }
    }
}
