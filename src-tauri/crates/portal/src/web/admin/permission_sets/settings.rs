//! A permission set as a form says it, and the acts that bring the stored one there.

use std::collections::BTreeSet;

use serde_json::Value;
use time::Duration;

use crate::{
    Portal,
    access::{
        self, AccessError, CustomerPolicy, NewPermissionSet, PermissionSet, PermissionSetChange,
        Policy, Tag,
    },
    act::{Act, Refusal},
    console,
    web::{
        self,
        admin::{
            fields::Fields,
            problem::{Explained, Problem},
            view::{Field, Form, Input},
        },
    },
};

/// A refusal, and the field of the form it is about where the error itself does not say so.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct Refused {
    error: AccessError,
    field: Option<&'static str>,
}

impl From<AccessError> for Refused {
    fn from(error: AccessError) -> Self {
        Self { error, field: None }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        AccessError::from(error).into()
    }
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        self.error.code()
    }
}

impl Explained for Refused {
    fn explained(self) -> Result<Problem, web::Refusal> {
        let is_invalid = matches!(self.error, AccessError::Invalid(_));
        let problem = self.error.explained()?;
        Ok(match self.field {
            // A policy named in a list is a policy of the form's one field for it.
            Some(field) if !problem.is_about(field) || !is_invalid => {
                Problem::with(field, problem.text)
            }
            _ => problem,
        })
    }
}

/// Says which field an act's refusal is about.
fn about(field: &'static str) -> impl FnOnce(AccessError) -> Refused {
    move |error| Refused {
        error,
        field: Some(field),
    }
}

/// What was typed that AWS's interfaces take and that would still not do what it is there for.
pub(super) fn misread(portal: &Portal, typed: &Fields) -> Option<Problem> {
    let relay_state = typed.optional("relayState");
    if relay_state.is_some_and(|address| !console::is_destination(portal, address)) {
        let text = "It is no page of the console: no user could open it.";
        return Some(Problem::with("relayState", text));
    }
    let mut policies = typed.lines("managedPolicyArn");
    let no_arn = policies.find(|line| !line.starts_with("arn:"))?;
    let text = format!("{no_arn} is no ARN of a policy.");
    Some(Problem::with("managedPolicyArn", text))
}

/// Everything about a permission set but its name.
#[derive(Debug, Default)]
pub(super) struct Settings {
    description: Option<String>,
    session: Option<Duration>,
    relay_state: Option<String>,
    policies: BTreeSet<Policy>,
    tags: BTreeSet<Tag>,
}

impl Settings {
    pub(super) fn typed(fields: &Fields) -> Self {
        let owned = |name| fields.optional(name).map(str::to_owned);
        let managed = fields.lines("managedPolicyArn");
        let customer = fields.lines("customerManagedPolicyReference");
        let boundary =
            owned("permissionsBoundary").map(|boundary| match boundary.starts_with("arn:") {
                true => Policy::ManagedBoundary(boundary),
                false => Policy::CustomerBoundary(CustomerPolicy::parse(&boundary)),
            });
        Self {
            description: owned("description"),
            session: fields
                .text("sessionDuration")
                .parse()
                .ok()
                .map(Duration::hours),
            relay_state: owned("relayState"),
            policies: managed
                .map(|arn| Policy::Managed(arn.to_owned()))
                .chain(customer.map(|name| Policy::Customer(CustomerPolicy::parse(name))))
                .chain(owned("inlinePolicy").map(Policy::Inline))
                .chain(boundary)
                .collect(),
            tags: fields.lines("tags").map(tag).collect(),
        }
    }

    pub(super) fn stored(set: &PermissionSet, policies: Vec<Policy>, tags: Vec<Tag>) -> Self {
        Self {
            description: set.description.clone(),
            session: Some(set.session),
            relay_state: set.relay_state.clone(),
            policies: policies.into_iter().collect(),
            tags: tags.into_iter().collect(),
        }
    }

    /// As its form shows it.
    pub(super) fn fields(&self) -> Fields {
        let mut managed = Vec::new();
        let mut customer = Vec::new();
        let mut inline = String::new();
        let mut boundary = String::new();
        for policy in &self.policies {
            match policy {
                Policy::Managed(arn) => managed.push(arn.clone()),
                Policy::Customer(policy) => customer.push(policy.full_name()),
                Policy::Inline(document) => inline.clone_from(document),
                Policy::ManagedBoundary(arn) => boundary.clone_from(arn),
                Policy::CustomerBoundary(policy) => boundary = policy.full_name(),
            }
        }
        let tags: Vec<String> = self
            .tags
            .iter()
            .map(|tag| format!("{}={}", tag.key, tag.value))
            .collect();
        let session = self.session.unwrap_or(access::DEFAULT_SESSION);
        let hours = match Duration::hours(session.whole_hours()) == session {
            true => session.whole_hours().to_string(),
            false => String::new(),
        };
        Fields::of([
            ("description", self.description.clone().unwrap_or_default()),
            ("sessionDuration", hours),
            ("relayState", self.relay_state.clone().unwrap_or_default()),
            ("managedPolicyArn", managed.join("\n")),
            ("customerManagedPolicyReference", customer.join("\n")),
            ("inlinePolicy", inline),
            ("permissionsBoundary", boundary),
            ("tags", tags.join("\n")),
        ])
    }

    /// Creates a permission set of this name that is so.
    pub(super) async fn create(
        &self,
        act: &mut Act<'_>,
        name: &str,
    ) -> Result<PermissionSet, Refused> {
        let new = NewPermissionSet {
            name,
            description: self.description.as_deref(),
            session: self.session.unwrap_or(access::DEFAULT_SESSION),
            relay_state: self.relay_state.as_deref(),
        };
        let tags: Vec<Tag> = self.tags.iter().cloned().collect();
        let created = access::create_permission_set(act, &new, &tags).await;
        let created = created.map_err(|error| match error {
            AccessError::Conflict(_) => about("name")(error),
            error => error.into(),
        })?;
        self.change_policies(act, &created.id, &BTreeSet::new())
            .await?;
        Ok(created)
    }

    /// Makes the permission set so that was as `before`.
    pub(super) async fn change(
        &self,
        act: &mut Act<'_>,
        id: &str,
        before: &Self,
    ) -> Result<(), Refused> {
        let plain = |settings: &Self| {
            (
                settings.description.clone(),
                settings.session,
                settings.relay_state.clone(),
            )
        };
        if plain(self) != plain(before) {
            let change = PermissionSetChange {
                description: Some(self.description.as_deref()),
                session: self.session,
                relay_state: self.relay_state.as_deref(),
            };
            access::update_permission_set(act, id, &change).await?;
        }
        self.change_policies(act, id, &before.policies).await?;
        self.change_tags(act, id, &before.tags).await
    }

    async fn change_policies(
        &self,
        act: &mut Act<'_>,
        id: &str,
        before: &BTreeSet<Policy>,
    ) -> Result<(), Refused> {
        for policy in before.difference(&self.policies) {
            self.take_away(act, id, policy).await?;
        }
        for policy in self.policies.difference(before) {
            match policy {
                Policy::Managed(arn) => access::attach_managed_policy(act, id, arn)
                    .await
                    .map_err(about("managedPolicyArn"))?,
                Policy::Customer(policy) => access::attach_customer_policy(act, id, policy)
                    .await
                    .map_err(about("customerManagedPolicyReference"))?,
                Policy::Inline(document) => access::put_inline_policy(act, id, document)
                    .await
                    .map_err(about("inlinePolicy"))?,
                Policy::ManagedBoundary(_) | Policy::CustomerBoundary(_) => {
                    access::put_permissions_boundary(act, id, policy)
                        .await
                        .map_err(about("permissionsBoundary"))?;
                }
            }
        }
        Ok(())
    }

    /// Takes away a policy, unless another of its kind comes in its place.
    async fn take_away(
        &self,
        act: &mut Act<'_>,
        id: &str,
        policy: &Policy,
    ) -> Result<(), AccessError> {
        let is_boundary = |policy: &Policy| {
            matches!(
                policy,
                Policy::ManagedBoundary(_) | Policy::CustomerBoundary(_)
            )
        };
        let is_inline = |policy: &Policy| matches!(policy, Policy::Inline(_));
        match policy {
            Policy::Managed(arn) => access::detach_managed_policy(act, id, arn).await,
            Policy::Customer(policy) => access::detach_customer_policy(act, id, policy).await,
            Policy::Inline(_) if self.policies.iter().any(is_inline) => Ok(()),
            Policy::Inline(_) => access::delete_inline_policy(act, id).await,
            _ if self.policies.iter().any(is_boundary) => Ok(()),
            _ => access::delete_permissions_boundary(act, id).await,
        }
    }

    async fn change_tags(
        &self,
        act: &mut Act<'_>,
        id: &str,
        before: &BTreeSet<Tag>,
    ) -> Result<(), Refused> {
        let has = |key: &str| self.tags.iter().any(|tag| tag.key == key);
        let gone: Vec<&str> = before
            .iter()
            .map(|tag| tag.key.as_str())
            .filter(|key| !has(key))
            .collect();
        if !gone.is_empty() {
            access::untag_resource(act, id, &gone).await?;
        }
        let new: Vec<Tag> = self.tags.difference(before).cloned().collect();
        if !new.is_empty() {
            access::tag_resource(act, id, &new).await?;
        }
        Ok(())
    }
}

/// `key=value`.
fn tag(line: &str) -> Tag {
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    Tag {
        key: key.trim().to_owned(),
        value: value.trim().to_owned(),
    }
}

/// Everything but the name, to be filled in.
pub(super) fn with_fields(form: Form, hours: Field) -> Form {
    form.field(Field::line("description", "Description").hint("What it is for."))
        .field(hours)
        .field(
            Field::line("relayState", "Relay state")
                .hint("The page of the console where users land, as in https://s3.console.aws.amazon.com/s3/home"),
        )
        .field(
            Field::new("managedPolicyArn", "AWS managed policies", Input::Area(4)).hint(
                "The ARN of each in a line of its own, as in \
                 arn:aws:iam::aws:policy/AmazonS3FullAccess",
            ),
        )
        .field(
            Field::new(
                "customerManagedPolicyReference",
                "Customer managed policies",
                Input::Area(3),
            )
            .hint("The name of each in a line, with its path: /teams/Deploy. Each account has its own."),
        )
        .field(
            Field::new("inlinePolicy", "Inline policy", Input::Area(8))
                .hint("A policy document in JSON."),
        )
        .field(Field::line("permissionsBoundary", "Permissions boundary").hint(
            "The most it can allow: the ARN of an AWS managed policy, or the name of a customer \
             managed one.",
        ))
        .field(
            Field::new("tags", "Tags", Input::Area(3))
                .hint("Each in a line of its own: key=value"),
        )
}

/// The length of a session. One that is no whole number of hours can stay so.
pub(super) fn hours(present: Option<Duration>) -> Field {
    let is_odd = |session: Duration| Duration::hours(session.whole_hours()) != session;
    let stays = present.filter(|session| is_odd(*session)).map(|session| {
        let label = format!("As it is: {} minutes", session.whole_minutes());
        (String::new(), label)
    });
    let whole = (1..=12).map(|hours| {
        let label = if hours == 1 {
            "1 hour".to_owned()
        } else {
            format!("{hours} hours")
        };
        (hours.to_string(), label)
    });
    let choices = stays.into_iter().chain(whole).collect();
    Field::new("sessionDuration", "Session length", Input::Choice(choices))
        .required()
        .hint("How long the console and credentials work before one takes the role again.")
}

/// An inline policy as people read it.
pub(super) fn pretty(document: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(document).ok();
    let pretty = parsed.and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.unwrap_or_else(|| document.to_owned())
}
