//! What went wrong, in the words of the user and with a code for programs.

use std::error::Error;

use ipc::message::{Code, Failure};
use sso::error::{Kind, Unreachable};
use sso::sts::Reason;

use crate::shell::OpenError;

/// A failure with its next step.
pub(crate) fn failure(
    code: Code,
    message: impl Into<String>,
    next_step: impl Into<String>,
) -> Failure {
    Failure {
        code,
        message: message.into(),
        next_step: next_step.into(),
    }
}

/// A failure of a call to the portal of `session`.
pub(crate) fn of_portal(session: &str, kind: Kind, error: &(dyn Error + 'static)) -> Failure {
    let (code, next_step) = meaning(session, kind);
    failure(code, sentence(error), next_step)
}

/// The error and its causes as one sentence.
pub(crate) fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let part = error.to_string();
        // Some errors repeat their cause in their own text.
        if !parts.iter().any(|earlier| earlier.contains(&part)) {
            parts.push(part);
        }
        next = error.source();
    }
    let mut text = parts.join(": ");
    // A host at the beginning is written as it is.
    let word = text.split_whitespace().next().unwrap_or_default();
    if let (Some(first), false) = (text.get(..1), word.contains(['.', ':'])) {
        text.replace_range(..1, &first.to_uppercase());
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// The next step of whoever has to sign in; there need not be a tray.
pub(crate) fn sign_in(session: &str) -> String {
    format!("Sign in with: vestibule login {session}")
}

/// A sign-in is needed and none may be started by itself.
pub(crate) fn sign_in_needed(session: &str) -> Failure {
    failure(
        Code::SignInNeeded,
        format!("The session {session} is not signed in."),
        sign_in(session),
    )
}

/// The sign-in was not finished in time.
pub(crate) fn timed_out(session: &str) -> Failure {
    failure(
        Code::SignInTimedOut,
        format!("Nobody finished the sign-in to {session} in time."),
        sign_in(session),
    )
}

/// No browser could be started.
pub(crate) fn no_browser(error: &OpenError) -> Failure {
    failure(
        Code::NoBrowser,
        sentence(error),
        "Name another browser in the settings or in BROWSER, or take the URL yourself: \
         vestibule login --print-url, vestibule console --print",
    )
}

/// A failure to take a chained role of `session`.
pub(crate) fn of_chain(session: &str, names_device: bool, error: &sso::sts::Error) -> Failure {
    let (code, next_step) = match error.reason() {
        Reason::Denied if names_device => (
            Code::AccessDenied,
            "Ask the role's owner whether it trusts the role it is taken from, and under which external id.",
        ),
        Reason::Denied => (
            Code::AccessDenied,
            "Ask the role's owner whether it trusts the role it is taken from, and under which external id; \
             if it wants MFA, add it again with --mfa-serial.",
        ),
        Reason::Invalid => (
            Code::Settings,
            "Remove the chained role and add it again as AWS takes it: vestibule chain remove, vestibule chain add",
        ),
        Reason::RegionDisabled => (
            Code::AccessDenied,
            "Ask whoever manages the account to activate STS in this region, or name another endpoint for sts in the settings.",
        ),
        Reason::WrongClock => (
            Code::AccessDenied,
            "Set the clock of this computer, then try again.",
        ),
        Reason::WrongCode | Reason::DeadCredentials | Reason::Other => {
            return of_portal(session, error.kind(), error);
        }
    };
    failure(code, sentence(error), next_step)
}

/// Nobody has that chained role.
pub(crate) fn no_such_chain(name: &str) -> Failure {
    failure(
        Code::NoSuchRole,
        format!("There is no chained role {name}."),
        "vestibule chain list shows the ones you have.",
    )
}

/// Nobody entered a code for the role.
pub(crate) fn no_code(role: &str) -> Failure {
    let message = format!("Nobody entered the MFA code for {role} in time.");
    failure(Code::MfaCodeNeeded, message, ENTER_CODE)
}

/// The role needs a code, and there is neither a terminal nor a desktop to ask for it on.
pub(crate) fn nobody_to_ask(role: &str) -> Failure {
    failure(
        Code::MfaCodeNeeded,
        format!("{role} needs the code of an MFA device, and there is nowhere to ask for it here."),
        "Run the command in a terminal, to enter it.",
    )
}

/// The user did not want to enter a code for the role.
pub(crate) fn code_cancelled(role: &str) -> Failure {
    let message = format!("The MFA code for {role} was not entered.");
    failure(Code::MfaCodeNeeded, message, ENTER_CODE)
}

const ENTER_CODE: &str =
    "Click the role in the tray, or run the command in a terminal, to enter it.";

/// The code was wrong.
pub(crate) fn wrong_code(role: &str) -> Failure {
    failure(
        Code::MfaCodeWrong,
        format!("The code for {role} was not taken: it is wrong, or was used before."),
        "Wait for the next code and enter that one.",
    )
}

/// A code came that nobody asked for.
pub(crate) fn no_code_wanted(role: &str) -> Failure {
    failure(
        Code::BadRequest,
        format!("No MFA code is asked for {role} now."),
        "Nothing is left to do.",
    )
}

/// Nobody has that session.
pub(crate) fn no_such_session(name: &str, known: &[&str]) -> Failure {
    let next = match known {
        [] => "Add a portal first: vestibule portal add START_URL --region REGION".to_owned(),
        known => format!("There are: {}", known.join(", ")),
    };
    failure(
        Code::NoSuchSession,
        format!("There is no session named {name}."),
        next,
    )
}

/// The role is not kept, or not in that way.
pub(crate) fn not_kept(account: &str, role: &str) -> Failure {
    failure(
        Code::NoSuchRole,
        format!("No such profile is kept for {account} / {role}."),
        "vestibule status lists those that are.",
    )
}

/// The application is no longer assigned.
pub(crate) fn no_such_application(session: &str) -> Failure {
    failure(
        Code::NoSuchRole,
        format!("{session} no longer assigns that application."),
        "Ask whoever manages access for it.",
    )
}

/// No portal was added yet.
pub(crate) fn no_portal() -> Failure {
    failure(
        Code::NoPortal,
        "No portal has been added.",
        "Add one: vestibule portal add START_URL --region REGION",
    )
}

/// Whether this failure is a refusal or a timeout, after which no caller may open a browser again.
pub(crate) fn bars_sign_in(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::SignInRefused | Code::SignInTimedOut | Code::SignInCancelled
    )
}

fn meaning(session: &str, kind: Kind) -> (Code, String) {
    let sign_in = || sign_in(session);
    match kind {
        Kind::Unreachable(Unreachable::Tls) => (
            Code::PortalUnreachable,
            "If this network looks into encrypted connections, name the file with its certificate \
             in AWS_CA_BUNDLE or as ca_bundle in the settings and start Vestibule again; if not, \
             check the start URL."
                .to_owned(),
        ),
        Kind::Unreachable(Unreachable::ProxyAuthentication) => (
            Code::PortalUnreachable,
            "Put them into HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT and start Vestibule again."
                .to_owned(),
        ),
        Kind::Unreachable(_) => (
            Code::PortalUnreachable,
            "Check the network and the start URL, then try again.".to_owned(),
        ),
        Kind::ServerFault => {
            (Code::PortalUnreachable, "The portal has trouble; try again in a few minutes.".to_owned())
        }
        Kind::Protocol => (
            Code::PortalUnreachable,
            "Check the start URL, and whether a proxy or a sign-in page of the network is in the way."
                .to_owned(),
        ),
        Kind::Throttled { .. } => (Code::PortalBusy, "Try again in a minute.".to_owned()),
        Kind::UnknownPortal => (
            Code::WrongPortal,
            "Check start URL and region with whoever gave them to you, then add the portal again."
                .to_owned(),
        ),
        Kind::Forbidden | Kind::NotFound => (
            Code::AccessDenied,
            "Ask whoever manages access for the role; vestibule accounts lists those you have.".to_owned(),
        ),
        Kind::Unauthorized | Kind::InvalidGrant | Kind::InvalidClient => {
            (Code::SignInNeeded, sign_in())
        }
        Kind::AccessDenied => (Code::SignInRefused, sign_in()),
        Kind::Expired | Kind::TimedOut => (Code::SignInTimedOut, sign_in()),
        Kind::Rejected => (Code::Internal, "Run it again with RUST_LOG=debug and report it.".to_owned()),
        Kind::Local => (
            Code::Internal,
            "Check that programs may open ports on 127.0.0.1, then try again.".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the listing failed")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_sentence_names_every_cause_once() {
        let error = Outer(std::io::Error::other("the disk is full"));
        assert_eq!(sentence(&error), "The listing failed: the disk is full.");
    }

    #[test]
    fn a_host_stays_as_it_is() {
        for said in ["localhost:1 is silent.", "a.awsapps.com is silent."] {
            assert_eq!(sentence(&std::io::Error::other(said)), said);
        }
    }

    #[test]
    fn only_an_ended_sign_in_bars_the_next_one() {
        assert!(bars_sign_in(&timed_out("acme")));
        assert!(!bars_sign_in(&sign_in_needed("acme")));
    }
}
