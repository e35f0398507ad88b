//! Which profiles there should be: a pure function of the files and what the agent knows.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_files::profiles::{self, Own, Source, Wanted};
use aws_files::sso_session::{self, Endpoints, NativeProfile};
use aws_files::{Delivery, Document, Profile, profile};
use ipc::message::{Account, SessionStatus};
use sso::oidc::SCOPE;
use url::Url;

use super::template::Subject;
use super::{All, Roles};

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Profiles that must stand.
    pub(crate) wanted: Vec<Wanted>,
    /// Names of profiles whose roles are not assigned any more.
    pub(crate) gone: Vec<String>,
}

/// Every role gets a profile, but for those that are kept refreshed in the same way. A role that
/// has one keeps its name; new names that two roles would have are told apart by the account's id,
/// and numbered where they are taken.
pub(crate) fn plan(config: &Document, credentials: &Document, roles: &Roles, all: &All) -> Plan {
    let delivery = all.delivery;
    let sessions = session_names(config, roles, delivery);
    let own = profiles::own(config);
    let known: HashMap<&Source, &Own> = own
        .iter()
        .filter_map(|own| Some((own.source.as_ref()?, own)))
        .collect();

    let mut named = Vec::new();
    let mut unnamed = Vec::new();
    let mut seen = HashSet::new();
    for (session, account, role) in each(roles) {
        let source = Source {
            delivery,
            session: sessions[session.name.as_str()].clone(),
            account_id: account.id.clone(),
            role_name: role.clone(),
        };
        seen.insert(source.clone());
        match known.get(&source) {
            Some(own) if own.kept => {}
            Some(own) => named.push((own.name.clone(), session, source)),
            None => {
                let name = all.name_template.name(Subject {
                    account: &account.name,
                    account_id: &account.id,
                    role,
                    session: &session.name,
                });
                unnamed.push((name, session, source));
            }
        }
    }
    named.extend(with_free_names(unnamed, config, credentials));

    let mine: HashSet<&String> = sessions.values().collect();
    let gone = own.iter().filter(|own| {
        let is_gone = |source: &Source| {
            source.delivery == delivery && mine.contains(&source.session) && !seen.contains(source)
        };
        !own.kept && all.only.includes(&own.name) && own.source.as_ref().is_some_and(is_gone)
    });
    let meant = named
        .into_iter()
        .filter(|(name, ..)| all.only.includes(name));
    Plan {
        gone: gone.map(|own| own.name.clone()).collect(),
        wanted: meant
            .map(|(name, session, source)| wanted(name, session, source, roles, all))
            .collect(),
    }
}

/// Every role with its account and session.
fn each(roles: &Roles) -> impl Iterator<Item = (&SessionStatus, &Account, &String)> {
    let sessions: HashMap<&str, &SessionStatus> = roles
        .sessions
        .iter()
        .map(|session| (session.name.as_str(), session))
        .collect();
    roles.accounts.iter().flat_map(move |account| {
        // A session that was removed between the two questions is no more.
        let session = sessions.get(account.session.as_str()).copied();
        session.into_iter().flat_map(move |session| {
            account
                .roles
                .iter()
                .map(move |role| (session, account, role))
        })
    })
}

/// What a profile calls each session: its own name, or that of its `[sso-session]`.
fn session_names<'a>(
    config: &Document,
    roles: &'a Roles,
    delivery: Delivery,
) -> BTreeMap<&'a str, String> {
    let name = |session: &SessionStatus| match delivery {
        Delivery::SsoSession => sso_session::session_name(
            config,
            &session.name,
            session.start_url.as_str(),
            &session.region,
        ),
        _ => session.name.clone(),
    };
    let sessions = roles.sessions.iter();
    sessions
        .map(|session| (session.name.as_str(), name(session)))
        .collect()
}

type Named<'a> = (String, &'a SessionStatus, Source);

fn with_free_names<'a>(
    unnamed: Vec<Named<'a>>,
    config: &Document,
    credentials: &Document,
) -> Vec<Named<'a>> {
    let mut alike: HashMap<String, usize> = HashMap::new();
    for (name, ..) in &unnamed {
        *alike.entry(name.clone()).or_default() += 1;
    }
    let mut taken = profile::names(config, credentials);
    unnamed
        .into_iter()
        .map(|(name, session, source)| {
            let base = match alike[&name] {
                1 => name,
                _ => format!("{name}-{}", source.account_id),
            };
            let name = source
                .delivery
                .free_name(&base, &|name| taken.contains(name));
            taken.insert(name.clone());
            (name, session, source)
        })
        .collect()
}

fn wanted(
    name: String,
    session: &SessionStatus,
    source: Source,
    roles: &Roles,
    all: &All,
) -> Wanted {
    let address = |url: &Option<Url>| {
        let url = url.as_ref()?;
        Some(url.as_str().trim_end_matches('/').to_owned())
    };
    let endpoints = Endpoints {
        sso: address(&session.endpoints.sso),
        sso_oidc: address(&session.endpoints.sso_oidc),
        sts: address(&session.endpoints.sts),
    };
    let region = Some(all.region.clone().unwrap_or_else(|| session.region.clone()));
    match source.delivery {
        Delivery::SsoSession => Wanted::SsoSession(NativeProfile {
            name,
            session_name: source.session,
            start_url: session.start_url.to_string(),
            sso_region: session.region.clone(),
            registration_scopes: SCOPE.to_owned(),
            account_id: source.account_id,
            role_name: source.role_name,
            region,
            endpoints,
        }),
        _ => Wanted::Process(Profile {
            name,
            account_id: source.account_id,
            role_name: source.role_name,
            session: source.session,
            program: roles.program.clone(),
            region,
            sts_endpoint: endpoints.sts,
        }),
    }
}

#[cfg(test)]
mod tests;
