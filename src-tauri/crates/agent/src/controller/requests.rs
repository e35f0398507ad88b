//! What the command line asks.

use std::borrow::Cow;

use ipc::message::{Account, Code, Failure, Request, Response, RoleQuery};
use sso::endpoints::Region;

use super::Controller;
use super::answer::Answer;
use super::flight::{Destination, Purpose};
use super::keep::ToKeep;
use super::session::{Auth, Session};
use crate::catalog;
use crate::chain::{self, Refused};
use crate::failure::{self, failure};
use crate::journal::Act;
use crate::lookup;
use crate::menu::RoleId;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Does what is asked, or sees to it that it is done.
    pub(super) fn request(&mut self, request: Request, answer: Answer) {
        match &request {
            Request::Status => match &self.settings_problem {
                Some(problem) => self.fail(answer, problem.clone()),
                None => {
                    let status = self.status();
                    self.give(answer, status);
                }
            },
            Request::Accounts { session } => match self.considered(session.as_deref()) {
                Ok(sessions) => {
                    let unknown = self.to_be_listed(&sessions, |session| session.catalog.complete);
                    if unknown.is_empty() {
                        let response = self.accounts(&sessions);
                        self.give(answer, response);
                    } else {
                        self.defer(request, answer, unknown);
                    }
                }
                Err(failure) => self.fail(answer, failure),
            },
            Request::Credentials { role, .. }
            | Request::Role { role }
            | Request::AddChain { from: role, .. }
            | Request::MfaCode { role, .. }
            | Request::Console { role, .. }
            | Request::Keep { role, .. }
            | Request::Unkeep { role, .. } => match self.find(role) {
                Ok(id) => self.request_for_role(&request, id, answer),
                Err((failure, unknown)) if unknown.is_empty() => {
                    // What was assigned a moment ago is found the next time.
                    self.refresh_stale_listings();
                    self.fail(answer, failure);
                }
                Err((_, unknown)) => self.defer(request, answer, unknown),
            },
            Request::Login {
                session,
                flow,
                open,
            } => match self.one_session(session.as_deref()) {
                Ok(at) => self.sign_in_asked(at, *flow, *open, answer),
                Err(failure) => self.fail(answer, failure),
            },
            Request::Logout { session } => match self.considered(session.as_deref()) {
                Ok(sessions) => {
                    for at in sessions {
                        self.note_sign_out(at, answer.by().clone());
                        self.sign_out(at);
                    }
                    self.give(answer, Response::Done);
                }
                Err(failure) => self.fail(answer, failure),
            },
            Request::Chains => {
                let chains = self.list_chains();
                self.give(answer, chains);
            }
            Request::RemoveChain { name, session } => {
                let outcome = self
                    .one_chain(name, session.as_deref())
                    .and_then(|role| self.remove_chain(&role));
                self.give(
                    answer,
                    outcome.map_or_else(Response::Error, |()| Response::Done),
                );
            }
            Request::AddPortal { .. }
            | Request::RemovePortal { .. }
            | Request::ShareSignIn { .. } => self.change_portals(request, answer),
            // The server acts on it before it comes here.
            Request::TakeOver => self.give(answer, Response::Done),
        }
    }

    /// Answers as well as can be with the accounts that are known.
    pub(super) fn request_despite(&mut self, request: Request, answer: Answer, reason: &Failure) {
        match &request {
            Request::Accounts { session } => {
                let sessions = self.considered(session.as_deref()).unwrap_or_default();
                let response = match self.accounts(&sessions) {
                    Response::Accounts { accounts } if accounts.is_empty() => {
                        Response::Error(reason.clone())
                    }
                    response => response,
                };
                self.give(answer, response);
            }
            Request::Credentials { role, .. }
            | Request::Role { role }
            | Request::AddChain { from: role, .. }
            | Request::MfaCode { role, .. }
            | Request::Console { role, .. }
            | Request::Keep { role, .. }
            | Request::Unkeep { role, .. } => match self.find(role) {
                Ok(id) => self.request_for_role(&request, id, answer),
                Err(_) => self.fail(answer, reason.clone()),
            },
            _ => self.fail(answer, reason.clone()),
        }
    }

    fn request_for_role(&mut self, request: &Request, role: RoleId, answer: Answer) {
        let Some(at) = self.session_at(&role.session) else {
            return self.fail(
                answer,
                failure::no_such_session(&role.session, &self.names()),
            );
        };
        let act = match request {
            Request::Credentials { .. } => Some(Act::Credentials),
            Request::Console { .. } => Some(Act::Console),
            Request::Keep { .. } => Some(Act::Keep),
            Request::Unkeep { .. } => Some(Act::Unkeep),
            _ => None,
        };
        let answer = match act {
            Some(act) => self.noted(answer, act, &role),
            None => answer,
        };
        match request {
            Request::Credentials {
                interactive: true, ..
            } => self.want_credentials(at, role, Purpose::HandOut(answer.on_terminal())),
            Request::Credentials { .. } => {
                self.want_credentials(at, role, Purpose::HandOut(answer))
            }
            Request::Role { .. } => self.describe(at, role, answer),
            Request::AddChain { chain, .. } => {
                let added = self.add_chain(role, chain);
                self.give(answer, added.map_or_else(refused, chain_added));
            }
            Request::MfaCode { code, .. } => self.enter_code(at, &role, code.clone(), answer),
            Request::Console {
                service,
                region,
                open,
                ..
            } => {
                let region = match region.as_deref().map(str::parse::<Region>).transpose() {
                    Ok(region) => region,
                    Err(error) => return self.fail(answer, bad_request(&error)),
                };
                let destination = Destination {
                    service: service.clone(),
                    region,
                    open: *open,
                };
                self.open_console(at, role, destination, answer);
            }
            Request::Keep {
                profile,
                delivery,
                config_file,
                program,
                ..
            } => {
                let to_keep = ToKeep {
                    role,
                    delivery: *delivery,
                    profile: profile.clone(),
                    file: config_file.clone(),
                    program: program.clone(),
                };
                self.keep(at, to_keep, answer);
            }
            Request::Unkeep { delivery, .. } => self.unkeep(&role, *delivery, answer),
            _ => self.fail(
                answer,
                failure::no_such_session(&role.session, &self.names()),
            ),
        }
    }

    /// The role that is meant; else why none is, and the sessions whose listing may yet bring it.
    pub(super) fn find(&self, query: &RoleQuery) -> Result<RoleId, (Failure, Vec<usize>)> {
        let sessions = self
            .considered(query.session.as_deref())
            .map_err(|failure| (failure, Vec::new()))?;
        let accounts: Vec<_> = sessions
            .iter()
            .map(|&at| self.all_accounts(&self.sessions[at]))
            .collect();
        let candidates: Vec<(&str, &catalog::Account)> = sessions
            .iter()
            .zip(&accounts)
            .flat_map(|(&at, accounts)| {
                let name = self.sessions[at].name();
                accounts.iter().map(move |account| (name, &**account))
            })
            .collect();
        lookup::resolve(query, &candidates).or_else(|failure| {
            let is_id =
                query.account.len() == 12 && query.account.bytes().all(|b| b.is_ascii_digit());
            match sessions[..] {
                // A profile names account and role exactly: the portal decides at once.
                [at] if is_id && !self.sessions[at].catalog.complete => Ok(RoleId {
                    session: self.sessions[at].name().to_owned(),
                    account_id: query.account.clone(),
                    role_name: query.role.clone(),
                }),
                _ => Err((
                    failure,
                    self.to_be_listed(&sessions, Session::catalog_is_current),
                )),
            }
        })
    }

    /// Those of the sessions whose catalog is not good enough. Where one is, the user is not
    /// asked to sign in to another that nobody named.
    fn to_be_listed(&self, sessions: &[usize], is_good: impl Fn(&Session) -> bool) -> Vec<usize> {
        let good = |at: &usize| is_good(&self.sessions[*at]);
        let some_good = sessions.iter().any(good);
        let may_ask =
            |at: &usize| !some_good || matches!(self.sessions[*at].auth, Auth::SignedIn(_));
        sessions
            .iter()
            .copied()
            .filter(|at| !good(at) && may_ask(at))
            .collect()
    }

    /// The session of that name, or all of them.
    fn considered(&self, name: Option<&str>) -> Result<Vec<usize>, Failure> {
        match name {
            Some(name) => match self.session_at(name) {
                Some(at) => Ok(vec![at]),
                None => Err(failure::no_such_session(name, &self.names())),
            },
            None if self.sessions.is_empty() => Err(self
                .settings_problem
                .clone()
                .unwrap_or_else(failure::no_portal)),
            None => Ok((0..self.sessions.len()).collect()),
        }
    }

    /// The session of that name, or the only one.
    fn one_session(&self, name: Option<&str>) -> Result<usize, Failure> {
        match self.considered(name)?[..] {
            [at] => Ok(at),
            _ => Err(failure(
                Code::BadRequest,
                format!("There are several sessions: {}.", self.names().join(", ")),
                "Name the one you mean.",
            )),
        }
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.sessions.iter().map(Session::name).collect()
    }

    fn accounts(&self, sessions: &[usize]) -> Response {
        Response::Accounts {
            accounts: self.accounts_of(sessions),
        }
    }

    /// The accounts of these sessions with the roles in each.
    pub(super) fn accounts_of(&self, sessions: &[usize]) -> Vec<Account> {
        let all = sessions.iter().flat_map(|&at| {
            let session = &self.sessions[at];
            let accounts = self.all_accounts(session).into_iter();
            accounts.map(move |account| Account {
                session: session.name().to_owned(),
                id: account.id.clone(),
                name: account.name.clone(),
                email: account.email.clone(),
                roles: account.roles.clone(),
            })
        });
        all.collect()
    }

    /// The accounts of a session with its chained roles among the assigned ones.
    fn all_accounts<'a>(&'a self, session: &'a Session) -> Vec<Cow<'a, catalog::Account>> {
        let chained = &self.settings.chained_roles;
        chain::accounts(session.name(), &session.catalog, chained)
    }
}

fn chain_added(role: RoleId) -> Response {
    Response::ChainAdded {
        session: role.session,
        account_id: role.account_id,
    }
}

fn refused(refused: Refused) -> Response {
    Response::Error(refused.failure)
}

/// What was asked makes no sense.
pub(super) fn bad_request(error: &(dyn std::error::Error + 'static)) -> Failure {
    failure(
        Code::BadRequest,
        failure::sentence(error),
        "Correct it and try again.",
    )
}
