//! Notifications: one key for one thing, so that nothing is told twice.

use std::collections::HashMap;
use std::path::Path;

use ipc::message::Failure;

use super::Controller;
use crate::catalog::Difference;
use crate::failure;
use crate::files;
use crate::keyring;
use crate::menu::{Action, RoleId, Window};
use crate::shell::{Notification, Shell};

/// After how many failures in a row the user is told.
pub(super) const FAILURES_TO_TELL: u32 = 3;

/// How many roles a notification names.
const NAMED_ROLES: usize = 4;

/// What stands on the user's screen.
#[derive(Default)]
pub(super) struct Notices(HashMap<String, Notification>);

impl<S: Shell> Controller<S> {
    fn notify(&mut self, notification: Notification) {
        let old = self
            .notices
            .0
            .insert(notification.key.clone(), notification.clone());
        if old.as_ref() != Some(&notification) {
            self.shell.notify(notification);
        }
    }

    /// Tells something that happened once more, though the same may have been told before.
    fn notify_anew(&mut self, notification: Notification) {
        self.notices.0.remove(&notification.key);
        self.notify(notification);
    }

    fn withdraw(&mut self, key: &str) {
        if self.notices.0.remove(key).is_some() {
            self.shell.withdraw(key);
        }
    }

    pub(super) fn notify_sign_in_needed(&mut self, session: &str) {
        self.notify(sign_in(
            session,
            format!("Sign in to {session}"),
            "Roles that are kept refreshed need it.",
            "Sign in",
        ));
    }

    pub(super) fn notify_sign_in_failed(&mut self, session: &str, failure: &Failure) {
        let title = format!("Not signed in to {session}");
        self.notify(sign_in(session, title, &failure.message, "Sign in"));
    }

    pub(super) fn notify_ends_soon(&mut self, session: &str, when: &str) {
        let title = format!("The session {session} ends soon");
        let named = session.to_owned();
        self.notify(Notification {
            key: sign_in_key(session),
            title,
            body: format!(
                "It ends at about {when}. To sign in again signs out first, so that the new session has its full length."
            ),
            actions: vec![
                ("Sign in again".to_owned(), Action::SignInAgain { session: named.clone() }),
                ("Later".to_owned(), Action::Later { session: named }),
            ],
            urgent: true,
        });
    }

    /// The session has ended, as the user wanted to hear only then.
    pub(super) fn notify_ended(&mut self, session: &str) {
        let title = format!("The session {session} has ended");
        self.notify(sign_in(
            session,
            title,
            "Sign in when you need it.",
            "Sign in",
        ));
    }

    /// Signed in, or signed out on purpose: nothing about it is left to tell.
    pub(super) fn withdraw_sign_in(&mut self, session: &str) {
        self.withdraw(&sign_in_key(session));
    }

    pub(super) fn notify_device_code(&mut self, session: &str, user_code: &str) {
        let named = session.to_owned();
        self.notify(Notification {
            key: device_code_key(session),
            title: format!("Confirm the code {user_code}"),
            body: format!(
                "Sign in to {session} in the browser and confirm this code there. Have your MFA device ready."
            ),
            actions: vec![
                ("Show".to_owned(), Action::Show(Window::SignIn { session: named.clone() })),
                ("Cancel".to_owned(), Action::CancelSignIn { session: named }),
            ],
            urgent: true,
        });
    }

    pub(super) fn withdraw_device_code(&mut self, session: &str) {
        self.withdraw(&device_code_key(session));
    }

    pub(super) fn notify_trouble(&mut self, session: &str, failure: &Failure) {
        self.notify(Notification {
            key: trouble_key(session),
            title: format!("{session} cannot be refreshed"),
            body: format!("{} {}", failure.message, failure.next_step),
            actions: vec![(
                "Retry".to_owned(),
                Action::Retry {
                    session: session.to_owned(),
                },
            )],
            urgent: false,
        });
    }

    pub(super) fn withdraw_trouble(&mut self, session: &str) {
        self.withdraw(&trouble_key(session));
    }

    /// A kept role that the user no longer has.
    pub(super) fn notify_refused(&mut self, role: &RoleId, failure: &Failure) {
        self.notify(Notification {
            key: refused_key(role),
            title: format!("{} cannot be refreshed", role.role_name),
            body: format!("{} {}", failure.message, failure.next_step),
            actions: vec![(
                "Stop refreshing".to_owned(),
                Action::StopKeeping(role.clone()),
            )],
            urgent: false,
        });
    }

    pub(super) fn withdraw_refused(&mut self, role: &RoleId) {
        self.withdraw(&refused_key(role));
    }

    pub(super) fn notify_code_wanted(&mut self, at: usize, role: &RoleId) {
        let account = self.sessions[at].catalog.account(&role.account_id);
        let account = account.map_or(&role.account_id, |account| &account.name);
        let body = format!(
            "{account} / {} wants the code of your MFA device.",
            role.role_name
        );
        let title = format!("Enter the MFA code for {}", role.role_name);
        self.notify(code(role, title, body));
    }

    /// Nobody entered a code: nobody is asked again until the user wants it.
    pub(super) fn notify_code_missing(&mut self, role: &RoleId, failure: &Failure) {
        let title = format!("No credentials for {}", role.role_name);
        self.notify(code(role, title, failure.message.clone()));
    }

    pub(super) fn withdraw_code(&mut self, role: &RoleId) {
        self.withdraw(&code_key(role));
    }

    /// No code of the session's roles is of use any more.
    pub(super) fn withdraw_codes(&mut self, session: &str) {
        let of_session = format!("mfa-code/{session}/");
        let mut keys: Vec<String> = self.notices.0.keys().cloned().collect();
        keys.retain(|key| key.starts_with(&of_session));
        keys.iter().for_each(|key| self.withdraw(key));
    }

    /// One of AWS's files cannot be written.
    pub(super) fn notify_file(&mut self, file: &Path, failure: &Failure) {
        self.notify(Notification {
            key: file_key(file),
            title: "A file of AWS's tools could not be written".to_owned(),
            body: format!("{} {}", failure.message, failure.next_step),
            actions: Vec::new(),
            urgent: false,
        });
    }

    pub(super) fn withdraw_file(&mut self, file: &Path) {
        self.withdraw(&file_key(file));
    }

    pub(super) fn notify_roles(&mut self, session: &str, difference: &Difference) {
        let lines: Vec<String> = [("New", &difference.gained), ("Gone", &difference.lost)]
            .into_iter()
            .filter(|(_, roles)| !roles.is_empty())
            .map(|(word, roles)| format!("{word}: {}", shortened(roles)))
            .collect();
        if !lines.is_empty() {
            self.notify(Notification {
                key: format!("roles/{session}"),
                title: format!("Your roles in {session} changed"),
                body: lines.join("\n"),
                actions: vec![("Search".to_owned(), Action::Show(Window::Search))],
                urgent: false,
            });
        }
    }

    pub(super) fn notify_untrusted(&mut self, problem: &Failure) {
        self.notify(Notification {
            key: "ca-bundle".to_owned(),
            title: "Certificates cannot be trusted".to_owned(),
            body: format!("{} {}", problem.message, problem.next_step),
            actions: Vec::new(),
            urgent: true,
        });
    }

    /// A file of the agent's own cannot be written.
    pub(super) fn notify_unsaved(&mut self, error: &files::Error) {
        self.notify(Notification {
            key: "unsaved".to_owned(),
            title: "Vestibule cannot write its files".to_owned(),
            body: format!(
                "{} Make room on the disk, or the folder writable: it is tried again by itself, and nothing is lost until you quit.",
                failure::sentence(error)
            ),
            actions: Vec::new(),
            urgent: false,
        });
    }

    pub(super) fn withdraw_unsaved(&mut self) {
        self.withdraw("unsaved");
    }

    pub(super) fn withdraw_keyring(&mut self) {
        self.withdraw("keyring");
    }

    pub(super) fn notify_keyring(&mut self, error: &keyring::Error) {
        let reason = match error {
            keyring::Error::Refused(_) => "The keyring of this computer cannot be used",
            keyring::Error::Silent => "The keyring of this computer waits to be unlocked",
        };
        self.notify(Notification {
            key: "keyring".to_owned(),
            title: "Sign-ins are kept in memory only".to_owned(),
            body: format!("{reason}: until it can be, you sign in anew after a restart."),
            actions: Vec::new(),
            urgent: false,
        });
    }

    pub(super) fn notify_settings(&mut self, problem: &Failure) {
        self.notify(Notification {
            key: "settings".to_owned(),
            title: "The settings cannot be used".to_owned(),
            body: format!("{} {}", problem.message, problem.next_step),
            actions: vec![("Settings".to_owned(), Action::Show(Window::Settings))],
            urgent: true,
        });
    }

    pub(super) fn notify_journal(&mut self, error: &files::Error) {
        self.notify(Notification {
            key: "journal".to_owned(),
            title: "The journal cannot be written".to_owned(),
            body: format!(
                "{} Everything else works on. Make room on the disk, or make the folder writable.",
                failure::sentence(error)
            ),
            actions: Vec::new(),
            urgent: false,
        });
    }

    pub(super) fn withdraw_journal(&mut self) {
        self.withdraw("journal");
    }

    pub(super) fn notify_copied(&mut self, at: usize, role: &RoleId) {
        let account = self.sessions[at].catalog.account(&role.account_id);
        let account = account.map_or(&role.account_id, |account| &account.name);
        let title = format!("Credentials of {account} / {} copied", role.role_name);
        self.notify_anew(Notification {
            key: "copied".to_owned(),
            title,
            body: "They leave the clipboard after 60 seconds.".to_owned(),
            actions: Vec::new(),
            urgent: false,
        });
    }

    /// What a click could not do.
    pub(super) fn notify_failure(&mut self, failure: &Failure) {
        self.notify_anew(Notification {
            key: "failure".to_owned(),
            title: failure.message.clone(),
            body: failure.next_step.clone(),
            actions: Vec::new(),
            urgent: false,
        });
    }
}

fn sign_in(session: &str, title: String, body: &str, label: &str) -> Notification {
    Notification {
        key: sign_in_key(session),
        title,
        body: body.to_owned(),
        actions: vec![(
            label.to_owned(),
            Action::SignIn {
                session: session.to_owned(),
            },
        )],
        urgent: true,
    }
}

fn code(role: &RoleId, title: String, body: String) -> Notification {
    let window = Window::MfaCode(role.clone());
    Notification {
        key: code_key(role),
        title,
        body,
        actions: vec![("Enter code".to_owned(), Action::Show(window))],
        urgent: true,
    }
}

fn code_key(role: &RoleId) -> String {
    format!(
        "mfa-code/{}/{}/{}",
        role.session, role.account_id, role.role_name
    )
}

fn sign_in_key(session: &str) -> String {
    format!("sign-in/{session}")
}

fn refused_key(role: &RoleId) -> String {
    format!(
        "refused/{}/{}/{}",
        role.session, role.account_id, role.role_name
    )
}

fn file_key(file: &Path) -> String {
    format!("file/{}", file.display())
}

fn device_code_key(session: &str) -> String {
    format!("device-code/{session}")
}

fn trouble_key(session: &str) -> String {
    format!("trouble/{session}")
}

fn shortened(roles: &[String]) -> String {
    let named = roles
        .iter()
        .take(NAMED_ROLES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match roles.len().saturating_sub(NAMED_ROLES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
