//! Adding, listing and removing chained roles.

use ipc::message::{Chain, Code, Failure, ListedChain, Response, RoleQuery};

use super::Controller;
use super::answer::Answer;
use super::requests::bad_request;
use crate::chain::{self, ChainedRole, Error, Part, Refused};
use crate::failure::{self, failure};
use crate::menu::RoleId;
use crate::shell::Shell;
use crate::snapshot;

impl<S: Shell> Controller<S> {
    /// Adds a chained role that is taken from `source`, and answers what it is known by.
    pub(super) fn add_chain(&mut self, source: RoleId, chain: &Chain) -> Result<RoleId, Refused> {
        let added = ChainedRole::asked(source, chain).map_err(|error| refused(&error))?;
        let id = added.id();
        let assigned = self.session_at(&id.session).and_then(|at| {
            let account = self.sessions[at].catalog.account(&id.account_id)?;
            account
                .roles
                .contains(&id.role_name)
                .then_some(&account.name)
        });
        if let Some(account) = assigned {
            let message = format!(
                "You have a role {} in account {account} already.",
                id.role_name
            );
            return Err(Refused {
                part: Some(Part::Name),
                failure: failure(Code::BadRequest, message, "Choose another name."),
            });
        }
        let mut chained_roles = self.settings.chained_roles.clone();
        chained_roles.push(added);
        chain::check(&chained_roles).map_err(|(_, error)| refused(&error))?;
        self.change_settings(|settings| settings.chained_roles = chained_roles)?;
        Ok(id)
    }

    /// Adds a chained role that is taken from one that a window showed a moment ago.
    pub(super) fn add_shown_chain(
        &mut self,
        source: RoleId,
        chain: &Chain,
    ) -> Result<RoleId, Refused> {
        let query = RoleQuery {
            account: source.account_id,
            role: source.role_name,
            session: Some(source.session),
        };
        let source = self.find(&query).map_err(|(failure, _)| Refused {
            part: Some(Part::Source),
            failure,
        })?;
        self.add_chain(source, chain)
    }

    /// The chained roles.
    pub(super) fn list_chains(&self) -> Response {
        let chains = self.settings.chained_roles.iter().map(listed).collect();
        Response::Chains { chains }
    }

    /// The chained roles as windows show them.
    pub(super) fn shown_chains(&self) -> Vec<snapshot::ChainedRole> {
        let chains = self.settings.chained_roles.iter();
        let shown = chains.map(|chained| snapshot::ChainedRole {
            account_name: self.account_name(&chained.id()),
            source_account_name: self.account_name(&chained.source),
            id: chained.id(),
            source: chained.source.clone(),
            chain: chained.told(),
        });
        shown.collect()
    }

    /// The chained role of that name.
    pub(super) fn one_chain(&self, name: &str, session: Option<&str>) -> Result<RoleId, Failure> {
        let chains = &self.settings.chained_roles;
        let named = |one: &&ChainedRole| {
            one.name == name && session.is_none_or(|session| session == one.source.session)
        };
        let found: Vec<RoleId> = chains.iter().filter(named).map(ChainedRole::id).collect();
        match &found[..] {
            [role] => Ok(role.clone()),
            [] => Err(failure::no_such_chain(name)),
            several => Err(failure(
                Code::BadRequest,
                format!("There are {} chained roles named {name}.", several.len()),
                "Name the session with --session, or remove it in Settings….",
            )),
        }
    }

    /// Removes the chained role, with its profiles and everything remembered of it.
    pub(super) fn remove_chain(&mut self, role: &RoleId) -> Result<(), Failure> {
        let name = &role.role_name;
        if self.chained(role).is_none() {
            return Err(failure::no_such_chain(name));
        }
        let mut chains = self.settings.chained_roles.iter();
        if let Some(next) = chains.find(|one| one.source == *role) {
            let message = format!("The chained role {} is taken from {name}.", next.name);
            let next_step = format!("Remove {} first.", next.name);
            return Err(failure(Code::BadRequest, message, next_step));
        }
        self.change_settings(|settings| settings.chained_roles.retain(|one| one.id() != *role))?;
        self.forget_chained(role);
        Ok(())
    }

    fn forget_chained(&mut self, role: &RoleId) {
        let sections = self.remembered.ways(role).cloned().collect();
        self.remove_sections(sections, Answer::click());
        self.withdraw_code(role);
        self.remembered.forget_role(role);
        self.save_remembered();
        if let Some(at) = self.session_at(&role.session) {
            self.land(at, role, &failure::no_such_chain(&role.role_name));
            let session = &mut self.sessions[at];
            session.held.remove(role);
            session.refused.remove(role);
            session.codes_barred.remove(role);
        }
    }
}

fn refused(error: &Error) -> Refused {
    Refused {
        part: Some(error.part()),
        failure: bad_request(error),
    }
}

fn listed(chained: &ChainedRole) -> ListedChain {
    let id = chained.id();
    ListedChain {
        session: id.session,
        account_id: id.account_id,
        source_account_id: chained.source.account_id.clone(),
        source_role_name: chained.source.role_name.clone(),
        chain: chained.told(),
    }
}
