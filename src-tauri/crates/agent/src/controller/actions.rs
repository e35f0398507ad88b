//! What a click asks for.

use ipc::message::{Delivery, Failure, Flow, Way};
use tokio::sync::oneshot;

use super::Controller;
use super::answer::Answer;
use super::flight::{Destination, Purpose};
use super::session::Trouble;
use crate::failure;
use crate::journal::{Act, Caller};
use crate::menu::{Action, RoleId, Window};
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Does it, and tells the window that asked, or by a notification what went wrong.
    pub(super) fn act(
        &mut self,
        action: Action,
        done: Option<oneshot::Sender<Result<(), Failure>>>,
    ) {
        let answer = done.map_or_else(Answer::click, Answer::window);
        match action {
            Action::SignIn { session } => {
                self.with_session(&session, answer, |controller, at, answer| {
                    controller.sign_in_asked(at, Flow::Pkce, true, answer);
                })
            }
            Action::SignInAgain { session } => {
                self.with_session(&session, answer, Self::sign_in_again)
            }
            Action::Later { session } => self.at_once(&session, answer, |controller, at| {
                controller.sessions[at].later = true;
                controller.withdraw_sign_in(&session);
            }),
            Action::CancelSignIn { session } => {
                self.at_once(&session, answer, Self::cancel_sign_in)
            }
            Action::SignOut { session } => {
                let by = answer.by().clone();
                self.at_once(&session, answer, |controller, at| {
                    controller.note_sign_out(at, by);
                    controller.sign_out(at);
                })
            }
            Action::Retry { session } => self.at_once(&session, answer, Self::retry),
            Action::OpenConsole(role) => {
                self.with_role(role, answer, |controller, at, role, answer| {
                    let destination = Destination {
                        service: None,
                        region: None,
                        open: true,
                    };
                    let answer = controller.noted(answer, Act::Console, &role);
                    controller.open_console(at, role, destination, answer);
                })
            }
            Action::OpenApplication { session, id } => {
                self.with_session(&session, answer, |controller, at, answer| {
                    controller.open_application(at, &id, answer);
                })
            }
            Action::CopyCredentials(role) => {
                self.with_role(role, answer, |controller, at, role, answer| {
                    let by = Caller {
                        way: Way::Clipboard,
                        ..answer.by().clone()
                    };
                    let entry = controller.entry(Act::Credentials, by, &role);
                    let answer = answer.noted(controller.journal.begin(entry));
                    controller.want_credentials(at, role, Purpose::Copy(answer));
                })
            }
            Action::CopyEndpoint(role) => {
                self.with_role(role, answer, |controller, at, role, answer| {
                    controller.copy_endpoint(controller.described(at, role), answer);
                })
            }
            Action::ToggleKept(role) => {
                let kept = self.remembered.kept_as(&role, Delivery::Process).is_some();
                self.set_kept(role, Delivery::Process, !kept, answer);
            }
            Action::StopKeeping(role) => {
                let answer = self.noted(answer, Act::Unkeep, &role);
                self.unkeep(&role, None, answer);
            }
            Action::ToggleFavourite(role) => {
                let favourite = self.remembered.favourites.contains(&role);
                self.remembered.set_favourite(&role, !favourite);
                self.save_remembered();
                self.done(answer);
            }
            Action::Show(Window::MfaCode(role)) => {
                self.with_role(role, answer, Self::show_code_window)
            }
            Action::RefuseCode(role) => {
                self.with_role(role, answer, |controller, at, role, answer| {
                    controller.refuse_code(at, &role);
                    controller.done(answer);
                })
            }
            Action::Show(window) => {
                self.shell.show(window);
                self.done(answer);
            }
            Action::TryDemonstration => {
                self.shell.try_demonstration();
                self.done(answer);
            }
            Action::Quit => {
                self.shell.quit();
                self.done(answer);
            }
        }
    }

    /// The role was used: it stands first among the recent ones.
    pub(super) fn note_use(&mut self, role: &RoleId) {
        self.remembered.note_use(role);
        self.save_remembered();
    }

    fn retry(&mut self, at: usize) {
        self.sessions[at].trouble = Trouble::default();
        self.want_listing(at);
    }

    fn at_once(&mut self, session: &str, answer: Answer, act: impl FnOnce(&mut Self, usize)) {
        self.with_session(session, answer, |controller, at, answer| {
            act(controller, at);
            controller.done(answer);
        });
    }

    fn with_role(
        &mut self,
        role: RoleId,
        answer: Answer,
        act: impl FnOnce(&mut Self, usize, RoleId, Answer),
    ) {
        let session = role.session.clone();
        self.with_session(&session, answer, |controller, at, answer| {
            act(controller, at, role, answer)
        });
    }

    fn with_session(
        &mut self,
        name: &str,
        answer: Answer,
        act: impl FnOnce(&mut Self, usize, Answer),
    ) {
        match self.session_at(name) {
            Some(at) => act(self, at, answer),
            None => {
                let failure = failure::no_such_session(name, &self.names());
                self.fail(answer, failure);
            }
        }
    }

    fn done(&mut self, answer: Answer) {
        self.give(answer, ipc::message::Response::Done);
    }
}
