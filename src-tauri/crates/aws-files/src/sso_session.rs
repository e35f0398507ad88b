//! Profiles that AWS's own tools serve from their token cache.
//!
//! ```ini
//! # >>> vestibule sso-session acme
//! [sso-session acme]
//! sso_start_url = https://acme.awsapps.com/start
//! sso_region = eu-west-1
//! sso_registration_scopes = sso:account:access
//! # Vestibule writes these lines and removes them with the last profile that names them.
//! # <<< vestibule
//! # >>> vestibule payments-admin-sso
//! [profile payments-admin-sso]
//! sso_session = acme
//! sso_account_id = 111122223333
//! sso_role_name = AdministratorAccess
//! region = eu-west-1
//! [services vestibule-payments-admin-sso]
//! # …
//! # <<< vestibule
//! ```

use std::collections::{HashMap, HashSet};

use crate::block::{self, Entry, Subject};
use crate::document::Document;
use crate::refusal::Refusal;

/// A role under a profile name, and the sign-in it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeProfile {
    /// Name of the profile; `default` writes `[default]`.
    pub name: String,
    /// Name of the `[sso-session]`, shared by all profiles of one portal.
    pub session_name: String,
    /// Start URL of the portal.
    pub start_url: String,
    /// Region of the Identity Center instance.
    pub sso_region: String,
    /// What the sign-in asks for, such as `sso:account:access`.
    pub registration_scopes: String,
    /// Twelve digits.
    pub account_id: String,
    /// Role (permission set) name.
    pub role_name: String,
    /// Region a new profile starts with; one already in the profile stays.
    pub region: Option<String>,
    /// Where the portal is outside AWS.
    pub endpoints: Endpoints,
}

/// The services of a portal outside AWS; `None` follows from the region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Portal API.
    pub sso: Option<String>,
    /// SSO OIDC.
    pub sso_oidc: Option<String>,
    /// STS.
    pub sts: Option<String>,
}

/// A document with the profile and its `[sso-session]`: the user's own section of that name where
/// it says the same, else one of Vestibule's.
///
/// # Errors
/// Where the user has a profile of that name or an `[sso-session]` of another portal, or something
/// cannot be written down.
pub fn insert(document: &Document, profile: &NativeProfile) -> Result<Document, Refusal> {
    let with_session = match session_entry(document, profile)? {
        Some(entry) => block::insert(document, entry)?,
        None => document.clone(),
    };
    let with_profile = block::insert(&with_session, profile_entry(profile))?;
    Ok(without_unused(with_profile))
}

/// A document without the profile, and without its `[sso-session]` where Vestibule wrote that and
/// no other profile names it.
///
/// # Errors
/// [`Refusal::Stray`] where the user added sections to the profile's block.
pub fn remove(document: &Document, name: &str) -> Result<Document, Refusal> {
    block::remove(document, Subject::Profile(name)).map(without_unused)
}

/// A name for the `[sso-session]` of a portal: `base` unless the user's own section of that name
/// is of another portal, then numbered from 2.
#[must_use]
pub fn session_name(document: &Document, base: &str, start_url: &str, sso_region: &str) -> String {
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned())
        .chain(numbered)
        .find(|name| refuse_other(document, name, start_url, sso_region).is_ok())
        .unwrap_or_else(|| base.to_owned())
}

/// Removes what [`insert`] wrote for sign-ins that no profile names any more. Where the user wrote
/// between the lines they stay.
pub(crate) fn without_unused(document: Document) -> Document {
    let blocks = document.blocks();
    let own: Vec<_> = blocks
        .iter()
        .map(|block| Subject::of_marker(&block.name))
        .filter(|subject| matches!(subject, Subject::SsoSession(_)))
        .collect();
    if own.is_empty() {
        return document;
    }
    let named: HashSet<_> = document
        .sections()
        .flat_map(|section| document.settings(&section).collect::<Vec<_>>())
        .filter(|(key, _)| *key == SSO_SESSION)
        .map(|(_, value)| value)
        .collect();
    let unused: Vec<_> = own
        .into_iter()
        .filter(|subject| !named.contains(subject.name()))
        .collect();
    block::remove_all(&document, &unused).0
}

/// What the profile's block says.
pub(crate) fn profile_entry(profile: &NativeProfile) -> Entry<'_> {
    let Endpoints { sso, sso_oidc, sts } = &profile.endpoints;
    let endpoints = [("sts", sts), ("sso", sso), ("sso_oidc", sso_oidc)];
    Entry {
        subject: Subject::Profile(&profile.name),
        settings: vec![
            (SSO_SESSION, (&*profile.session_name).into()),
            ("sso_account_id", (&*profile.account_id).into()),
            ("sso_role_name", (&*profile.role_name).into()),
        ],
        region: profile.region.as_deref(),
        endpoints: endpoints
            .into_iter()
            .filter_map(|(service, endpoint)| Some((service, endpoint.as_deref()?)))
            .collect(),
        note: block::KEPT,
    }
}

/// What the block of its sign-in says; `None` where the user's own section says it.
pub(crate) fn session_entry<'a>(
    document: &Document,
    profile: &'a NativeProfile,
) -> Result<Option<Entry<'a>>, Refusal> {
    let name = &profile.session_name;
    if refuse_other(document, name, &profile.start_url, &profile.sso_region)? {
        return Ok(None);
    }
    Ok(Some(Entry {
        subject: Subject::SsoSession(name),
        settings: vec![
            ("sso_start_url", (&*profile.start_url).into()),
            ("sso_region", (&*profile.sso_region).into()),
            (
                "sso_registration_scopes",
                (&*profile.registration_scopes).into(),
            ),
        ],
        region: None,
        endpoints: Vec::new(),
        note: SESSION_NOTE,
    }))
}

pub(crate) const SSO_SESSION: &str = "sso_session";
const SESSION_NOTE: &str =
    "# Vestibule writes these lines and removes them with the last profile that names them.";

/// Whether the user has an `[sso-session]` of that name, which must then be of the same portal.
fn refuse_other(
    document: &Document,
    name: &str,
    start_url: &str,
    sso_region: &str,
) -> Result<bool, Refusal> {
    let own = Subject::SsoSession(name).block(document);
    let is_own = |line: usize| {
        own.as_ref()
            .is_some_and(|block| block.lines.contains(&(line - 1)))
    };
    let theirs = document
        .sections()
        .find(|section| section.sso_session().as_deref() == Some(name) && !is_own(section.line));
    let Some(theirs) = theirs else {
        return Ok(false);
    };
    let settings: HashMap<_, _> = document.settings(&theirs).collect();
    let url = settings.get("sso_start_url");
    let same_portal = url.is_some_and(|url| address(url) == address(start_url));
    if same_portal
        && settings
            .get("sso_region")
            .is_some_and(|region| region == sso_region)
    {
        return Ok(true);
    }
    Err(Refusal::OtherSession {
        line: theirs.line,
        name: name.to_owned(),
    })
}

/// Start URLs are passed around with and without what browsers add to them.
fn address(start_url: &str) -> &str {
    start_url.trim_end_matches(['/', '#'])
}

#[cfg(test)]
mod tests;
