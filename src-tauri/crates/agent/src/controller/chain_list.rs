//! Adding, listing and removing chained roles.

use ipc::message::{Chain, Code, Failure, ListedChain, Response};
use sso::sts::AssumeRole;

use super::Controller;
use super::answer::Answer;
use super::requests::bad_request;
use crate::chain::{self, ChainedRole};
use crate::failure::{self, failure};
use crate::menu::RoleId;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Adds a chained role that is taken from `source`.
    pub(super) fn add_chain(&mut self, source: RoleId, chain: &Chain) -> Result<Response, Failure> {
        let added = chained(source, chain)?;
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
            return Err(failure(Code::BadRequest, message, "Choose another name."));
        }
        let mut chained_roles = self.settings.chained_roles.clone();
        chained_roles.push(added);
        chain::check(&chained_roles).map_err(|(_, error)| bad_request(&error))?;
        self.change_settings(|settings| settings.chained_roles = chained_roles)?;
        Ok(Response::ChainAdded {
            session: id.session,
            account_id: id.account_id,
        })
    }

    /// The chained roles.
    pub(super) fn list_chains(&self) -> Response {
        let chains = self.settings.chained_roles.iter().map(listed).collect();
        Response::Chains { chains }
    }

    /// Removes the chained role, with its profiles and everything remembered of it.
    pub(super) fn remove_chain(
        &mut self,
        name: &str,
        session: Option<&str>,
    ) -> Result<Response, Failure> {
        let chains = &self.settings.chained_roles;
        let named = |one: &&ChainedRole| {
            one.name == name && session.is_none_or(|session| session == one.source.session)
        };
        let found: Vec<RoleId> = chains.iter().filter(named).map(ChainedRole::id).collect();
        let [role] = &found[..] else {
            return Err(match found.len() {
                0 => failure::no_such_chain(name),
                count => failure(
                    Code::BadRequest,
                    format!("There are {count} chained roles named {name}."),
                    "Name the session with --session, or remove it from the settings by hand.",
                ),
            });
        };
        if let Some(next) = chains.iter().find(|one| one.source == *role) {
            let message = format!("The chained role {} is taken from {name}.", next.name);
            let next_step = format!("Remove it first: vestibule chain remove {}", next.name);
            return Err(failure(Code::BadRequest, message, next_step));
        }
        self.change_settings(|settings| settings.chained_roles.retain(|one| one.id() != *role))?;
        self.forget_chained(role);
        Ok(Response::Done)
    }

    fn forget_chained(&mut self, role: &RoleId) {
        self.unkeep(role, None, Answer::click());
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

fn chained(source: RoleId, chain: &Chain) -> Result<ChainedRole, Failure> {
    Ok(ChainedRole {
        name: chain.name.clone(),
        source,
        assume: AssumeRole {
            role_arn: chain
                .role_arn
                .parse()
                .map_err(|error| bad_request(&error))?,
            session_name: chain.role_session_name.clone(),
            duration_seconds: chain.duration_seconds,
            external_id: chain.external_id.clone(),
            tags: chain.tags.clone(),
            source_identity: chain.source_identity.clone(),
            serial_number: chain.mfa_serial.clone(),
        },
    })
}

fn listed(chained: &ChainedRole) -> ListedChain {
    let ChainedRole {
        name,
        source,
        assume,
    } = chained;
    ListedChain {
        session: source.session.clone(),
        account_id: assume.role_arn.account_id().to_owned(),
        source_account_id: source.account_id.clone(),
        source_role_name: source.role_name.clone(),
        chain: Chain {
            name: name.clone(),
            role_arn: assume.role_arn.to_string(),
            role_session_name: assume.session_name.clone(),
            duration_seconds: assume.duration_seconds,
            external_id: assume.external_id.clone(),
            tags: assume.tags.clone(),
            source_identity: assume.source_identity.clone(),
            mfa_serial: assume.serial_number.clone(),
        },
    }
}
