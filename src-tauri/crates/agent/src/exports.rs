//! Credentials as lines that a shell takes in: for the clipboard and for `vestibule credentials`.

use ipc::message::Credentials;
use secrecy::ExposeSecret;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

/// Lines for bash, zsh and every other POSIX shell.
#[must_use]
pub fn posix(credentials: &Credentials) -> Zeroizing<String> {
    lines(credentials, "export ", "=", r"'\''")
}

/// Lines for PowerShell.
#[must_use]
pub fn power_shell(credentials: &Credentials) -> Zeroizing<String> {
    lines(credentials, "$Env:", " = ", "''")
}

/// Lines for the shell that people use on this platform.
pub(crate) fn for_pasting(credentials: &Credentials) -> Zeroizing<String> {
    if cfg!(windows) {
        power_shell(credentials)
    } else {
        posix(credentials)
    }
}

/// The variables that AWS's tools read, and those that `aws configure export-credentials` adds.
fn lines(credentials: &Credentials, set: &str, to: &str, quote: &str) -> Zeroizing<String> {
    let expiration = credentials.expiration.truncate_to_second();
    let expiration = expiration.format(&Rfc3339).unwrap_or_default();
    let variables = [
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
    ];
    // Large enough that growing leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
    for (name, value) in variables {
        let value = Zeroizing::new(value.replace('\'', quote));
        text.extend([set, name, to, "'", &value, "'\n"]);
    }
    text
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
}
