//! Which role is meant, and where its clients go.

use ipc::message::{Response, Role};

use super::Controller;
use super::answer::Answer;
use crate::menu::RoleId;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// The role, and where an AWS client that takes it goes.
    pub(super) fn describe(&mut self, at: usize, role: RoleId, answer: Answer) {
        let described = self.described(at, role);
        self.give(answer, Response::Role(described));
    }

    pub(super) fn described(&self, at: usize, role: RoleId) -> Role {
        let session = &self.sessions[at];
        let account = session.catalog.account(&role.account_id);
        let outside = !session.portal.start_url.is_aws() || session.portal.endpoints.sts.is_some();
        Role {
            account_name: account
                .map_or(&role.account_id, |account| &account.name)
                .clone(),
            region: session.portal.region.to_string(),
            sts_endpoint: outside.then(|| session.remote.endpoints.sts.clone()),
            session: role.session,
            account_id: role.account_id,
            role_name: role.role_name,
        }
    }
}
