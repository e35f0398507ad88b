//! The way out of this process, and whom it trusts there.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ipc::message::{Code, Failure};
use sso::http::{Client, Error};

use super::Environment;
use crate::clock::Steady;
use crate::failure::{failure, sentence};
use crate::settings::Settings;

/// The client for every portal, and why certificates that it should trust are not.
///
/// # Errors
/// TLS cannot be set up on this machine.
pub(super) fn client(
    environment: &Environment,
    settings: &Settings,
    time: &Steady,
) -> Result<(Client, Option<Failure>), Error> {
    let clock = time.clone();
    let clock: sso::http::Clock = Arc::new(move || clock.now());
    let agent = concat!("vestibule/", env!("CARGO_PKG_VERSION"));
    let named = || (environment.env)("AWS_CA_BUNDLE").filter(|value| !value.is_empty());
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
    use tempfile::TempDir;

    use super::*;
    use crate::testing::environment;

    #[tokio::test]
    async fn certificates_that_cannot_be_trusted_are_told_with_what_to_do() {
        let home = TempDir::new().unwrap();
        let environment = environment(&home);
        let time = Steady::start(environment.clock.clone());
        let broken = home.path().join("broken.pem");
        fs::write(&broken, "-----BEGIN CERTIFICATE-----\n?\n").unwrap();
        for bundle in [home.path().join("missing.pem"), broken] {
            let settings = Settings {
                ca_bundle: Some(bundle.clone()),
                ..Settings::default()
            };
            let (_, problem) = client(&environment, &settings, &time).unwrap();
            let problem = problem.unwrap();
            let named = bundle.display().to_string();
            assert!(problem.message.contains(&named), "{problem:?}");
            assert!(problem.next_step.contains("AWS_CA_BUNDLE"), "{problem:?}");
        }
        let (_, problem) = client(&environment, &Settings::default(), &time).unwrap();
        assert_eq!(problem, None);
    }
}
