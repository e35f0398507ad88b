//! The environment in which a command of AWS's takes the credentials of a role and no others.

use std::process::Command;

use agent::endpoint::Endpoint;
use agent::exports::{self, Variable};
use ipc::dirs::Env;
use ipc::message::Role;
use zeroize::Zeroizing;

use crate::role::Ready;

/// Which role a shell or a command has, as `ACCOUNT/ROLE`: for prompts.
pub(crate) const ROLE: &str = "VESTIBULE_ROLE";

/// The variables that AWS's tools look at before they ask an endpoint.
const BEFORE_ENDPOINT: [&str; 12] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];
/// The variables that lead AWS's tools to an endpoint.
const ENDPOINT: [&str; 3] = [
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
/// What was set of these beside a role, as `AWS_REGION=eu-west-1`, apart by spaces: such a region
/// is no choice of the user's.
const OWN_REGIONS: &str = "VESTIBULE_REGIONS";
const STS: &str = "AWS_ENDPOINT_URL_STS";

/// What to change in an environment. No `Debug`: it holds secrets.
pub(crate) struct Changes {
    pub(crate) unset: Vec<&'static str>,
    pub(crate) set: Vec<Variable>,
}

impl Changes {
    /// Credentials that end, as variables.
    pub(crate) fn keys(ready: &Ready, region: Option<&str>, env: Env<'_>) -> Self {
        let credentials = exports::variables(&ready.credentials);
        Self::of(credentials, &ready.role, region, env)
    }

    /// Where credentials that never end are asked for.
    pub(crate) fn endpoint(
        endpoint: &Endpoint,
        role: &Role,
        region: Option<&str>,
        env: Env<'_>,
    ) -> Self {
        Self::of(
            exports::endpoint(endpoint, &endpoint.url(role)),
            role,
            region,
            env,
        )
    }

    /// Takes away what the others set.
    pub(crate) fn none(env: Env<'_>) -> Self {
        let mut unset = standing(env);
        let own = [STS, ROLE, OWN_REGIONS].into_iter();
        unset.extend(own.filter(|name| is_set(name, env)));
        let regions = REGIONS.into_iter();
        unset.extend(regions.filter(|name| is_set(name, env) && of_user(name, env).is_none()));
        Self {
            unset,
            set: Vec::new(),
        }
    }

    fn of(mut set: Vec<Variable>, role: &Role, region: Option<&str>, env: Env<'_>) -> Self {
        let mut unset = Self::none(env).unset;
        let mut add = |name, value: &str| set.push((name, Zeroizing::new(value.to_owned())));
        let regions = regions(role, region, env);
        regions.iter().for_each(|(name, region)| add(name, region));
        let own = regions
            .iter()
            .map(|(name, region)| format!("{name}={region}"));
        let own = own.collect::<Vec<_>>().join(" ");
        if !own.is_empty() {
            add(OWN_REGIONS, &own);
        }
        match &role.sts_endpoint {
            Some(sts) => add(STS, sts.as_str().trim_end_matches('/')),
            // It is the user's own where no role of another portal stands here.
            None if !is_set(ROLE, env) => unset.retain(|name| *name != STS),
            None => {}
        }
        add(ROLE, &format!("{}/{}", role.account_name, role.role_name));
        let mut changes = Self {
            unset: Vec::new(),
            set,
        };
        unset.retain(|name| !changes.sets(name));
        changes.unset = unset;
        changes
    }

    /// What must not stand beside these credentials, whether it stands here or not: a shell's start
    /// files may set it.
    pub(crate) fn never(&self) -> Vec<&'static str> {
        let mut never = others().collect::<Vec<_>>();
        never.retain(|name| !self.sets(name));
        never
    }

    fn sets(&self, name: &str) -> bool {
        self.set.iter().any(|(other, _)| *other == name)
    }

    pub(crate) fn apply(&self, command: &mut Command) {
        for name in &self.unset {
            command.env_remove(name);
        }
        for (name, value) in &self.set {
            command.env(name, value.as_str());
        }
    }
}

/// What is missing of the two variables: some of AWS's tools read the one, some the other. A region
/// that the user set stands, unless another is asked for.
fn regions(role: &Role, wanted: Option<&str>, env: Env<'_>) -> Vec<(&'static str, String)> {
    let standing = REGIONS.map(|name| of_user(name, env));
    let found = standing.iter().flatten().next();
    let region = match (wanted, found) {
        (Some(wanted), _) => wanted.to_owned(),
        (None, Some(found)) => found.clone(),
        (None, None) => role.region.clone(),
    };
    let missing = |at: usize| wanted.is_some() || standing[at].is_none();
    (0..REGIONS.len())
        .filter(|at| missing(*at))
        .map(|at| (REGIONS[at], region.clone()))
        .collect()
}

/// The value of a variable for the region, unless it was set beside a role.
fn of_user(name: &str, env: Env<'_>) -> Option<String> {
    let value = env(name).filter(|value| !value.is_empty())?;
    let value = value.to_string_lossy().into_owned();
    let own = env(OWN_REGIONS).unwrap_or_default();
    let mut own = own.to_str().unwrap_or_default().split(' ');
    let is_own = own.any(|one| one.split_once('=') == Some((name, &value)));
    (!is_own).then_some(value)
}

/// The variables that name other credentials here.
pub(crate) fn standing(env: Env<'_>) -> Vec<&'static str> {
    others().filter(|name| is_set(name, env)).collect()
}

fn others() -> impl Iterator<Item = &'static str> {
    BEFORE_ENDPOINT.into_iter().chain(ENDPOINT)
}

fn is_set(name: &str, env: Env<'_>) -> bool {
    env(name).is_some_and(|value| !value.is_empty())
}
