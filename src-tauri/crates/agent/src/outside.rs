//! The way out of this process, and whom it trusts there.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use ipc::message::{Code, Failure};
use sso::http::{Client, Clock, Error};

use crate::failure::{failure, sentence};
use crate::settings::Settings;

/// The client for every portal, and why certificates that it should trust are not.
///
/// # Errors
/// TLS cannot be set up on this machine.
pub(crate) fn client(
    settings: &Settings,
    env: &dyn Fn(&str) -> Option<OsString>,
    clock: Clock,
) -> Result<(Client, Option<Failure>), Error> {
    let agent = concat!("vestibule/", env!("CARGO_PKG_VERSION"));
    let named = || env("AWS_CA_BUNDLE").filter(|value| !value.is_empty());
    let bundle = settings
        .ca_bundle
        .clone()
        .or_else(|| named().map(PathBuf::from));
    let Some(bundle) = bundle else {
        return Ok((Client::new(agent, clock)?, None));
    };
    let trusting = match fs::read(&bundle) {
        Ok(pem) => Client::trusting(agent, clock.clone(), &pem).map_err(|error| sentence(&error)),
        Err(error) => Err(sentence(&error)),
    };
    match trusting {
        Ok(client) => Ok((client, None)),
        Err(reason) => {
            let message = format!(
                "The certificates in {} cannot be trusted: {reason}",
                bundle.display()
            );
            let next =
                "Correct ca_bundle in the settings, or AWS_CA_BUNDLE, and start Vestibule again.";
            let failure = failure(Code::Settings, message, next);
            Ok((Client::new(agent, clock)?, Some(failure)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use tempfile::TempDir;
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn certificates_that_cannot_be_trusted_are_told_with_what_to_do() {
        let home = TempDir::new().unwrap();
        let ask = |settings: &Settings, named: Option<&Path>| {
            let env = |name: &str| {
                named
                    .filter(|_| name == "AWS_CA_BUNDLE")
                    .map(OsString::from)
            };
            let clock: Clock = Arc::new(OffsetDateTime::now_utc);
            client(settings, &env, clock).unwrap().1
        };
        let broken = home.path().join("broken.pem");
        fs::write(&broken, "-----BEGIN CERTIFICATE-----\n?\n").unwrap();
        for bundle in [home.path().join("missing.pem"), broken] {
            let settings = Settings {
                ca_bundle: Some(bundle.clone()),
                ..Settings::default()
            };
            let by_settings = ask(&settings, None).unwrap();
            let by_variable = ask(&Settings::default(), Some(&bundle)).unwrap();
            assert_eq!(by_settings, by_variable);
            let named = bundle.display().to_string();
            assert!(by_settings.message.contains(&named), "{by_settings:?}");
        }
        assert_eq!(ask(&Settings::default(), None), None);
        assert_eq!(ask(&Settings::default(), Some(Path::new(""))), None);
    }
}
