//! Credentials as text, for stdout and nothing else.

use std::io;

use agent::exports;
use ipc::message::Credentials;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::args::Format;

/// The credentials in one of the formats of `credentials --format`, wiped when dropped.
pub(crate) fn credentials(
    credentials: &Credentials,
    format: Format,
) -> io::Result<Zeroizing<String>> {
    match format {
        Format::Process => {
            let shown = &Shown::of(credentials)?;
            json(|text| serde_json::to_writer(text, &Process { version: 1, shown }))
        }
        Format::Json => {
            let named = Named {
                role_name: &credentials.role_name,
                shown: &Shown::of(credentials)?,
            };
            json(|text| serde_json::to_writer_pretty(text, &named))
        }
        Format::Env => Ok(exports::posix(credentials)),
        Format::Powershell => Ok(exports::power_shell(credentials)),
    }
}

fn json(
    write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> io::Result<Zeroizing<String>> {
    // Large enough that growing leaves no copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(8 * 1024));
    write(&mut text)?;
    text.push(b'\n');
    let text = std::mem::take(&mut *text);
    String::from_utf8(text)
        .map(Zeroizing::new)
        .map_err(io::Error::other)
}

/// The border to AWS's tools, with AWS's names.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: String,
    account_id: &'a str,
}

/// What `credential_process` must print, version 1.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Process<'a> {
    version: u8,
    #[serde(flatten)]
    shown: &'a Shown<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Named<'a> {
    role_name: &'a str,
    #[serde(flatten)]
    shown: &'a Shown<'a>,
}

impl<'a> Shown<'a> {
    fn of(credentials: &'a Credentials) -> io::Result<Self> {
        let expiration = credentials.expiration.truncate_to_second();
        Ok(Self {
            access_key_id: &credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose_secret(),
            session_token: credentials.session_token.expose_secret(),
            expiration: expiration.format(&Rfc3339).map_err(io::Error::other)?,
            account_id: &credentials.account_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn text(format: Format) -> String {
        let example = Credentials {
            account_id: "111122223333".into(),
            role_name: "Billing".into(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: "se/cr+et".into(),
            session_token: "it's=".into(),
            expiration: datetime!(2026-11-22 18:44:40.5 UTC),
        };
        credentials(&example, format).unwrap().to_string()
    }

    #[test]
    fn process_is_one_line_of_version_1() {
        assert_eq!(
            text(Format::Process),
            r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"se/cr+et","SessionToken":"it's=","Expiration":"2026-11-22T18:44:40Z","AccountId":"111122223333"}
"#
        );
    }

    #[test]
    fn json_names_the_role() {
        let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
        assert_eq!(json["RoleName"], "Billing");
        assert_eq!(json["AccountId"], "111122223333");
        assert_eq!(json.get("Version"), None);
    }
}
