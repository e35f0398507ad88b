//! The policy for second factors.

use axum::{Router, extract::Query, response::Response, routing::get};
use serde_json::json;

use super::{
    Done, Section,
    administrator::{Administrator, Sent, lead_to},
    fields::{Fields, tick},
    listing::Asked,
    problem::Problem,
    view::{Card, Field, Form, Input, Page},
};
use crate::{
    Portal,
    access::EVENT_SOURCE,
    config::MfaMode,
    mfa::{self, Policy, WithoutFactor},
    web::Refusal,
};

const PATH: &str = "/admin/mfa";
const MODES: [(MfaMode, &str, &str); 3] = [
    (MfaMode::Never, "never", "Never: the password is enough"),
    (
        MfaMode::ContextAware,
        "context-aware",
        "Context-aware: only on a new device or network",
    ),
    (MfaMode::Always, "always", "Always on: at every sign-in"),
];
const WITHOUT: [(WithoutFactor, &str, &str); 3] = [
    (WithoutFactor::Enrol, "enrol", "They add one on the way in"),
    (WithoutFactor::Block, "block", "They are not let in"),
    (WithoutFactor::Allow, "allow", "Their password is enough"),
];

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(PATH, get(ask).post(change))
}

async fn ask(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let policy = mfa::policy(administrator.portal.pool()).await?;
    let page = page(&administrator, &fields(&policy), None)?.done(asked.done());
    administrator.show(&page)
}

async fn change(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let policy = typed_policy(&typed);
    let name = "PutMfaDeviceManagementForDirectory";
    let about = json!({ "configuration": policy });
    let changed = administrator
        .perform(EVENT_SOURCE, name, about, async |act| {
            mfa::set_policy(act, &policy).await
        })
        .await?;
    match changed {
        Ok(()) => Ok(lead_to(PATH, Done::PolicyChanged)),
        Err(problem) => administrator.show_again(&page(&administrator, &typed, Some(&problem))?),
    }
}

fn typed_policy(typed: &Fields) -> Policy {
    let mode = MODES
        .iter()
        .find(|(_, name, _)| *name == typed.text("mode"));
    let without = WITHOUT
        .iter()
        .find(|(_, name, _)| *name == typed.text("without"));
    let unless_said = Policy::default();
    Policy {
        mode: mode.map_or(MfaMode::Always, |(mode, ..)| *mode),
        authenticator_apps: typed.is_ticked("AllowedMfaTypes"),
        security_keys: typed.is_ticked("SecurityKeys"),
        without_factor: without.map_or(unless_said.without_factor, |(without, ..)| *without),
        self_service: typed.is_ticked("SelfService"),
    }
}

fn fields(policy: &Policy) -> Fields {
    let mode = MODES.iter().find(|(mode, ..)| *mode == policy.mode);
    let without = WITHOUT
        .iter()
        .find(|(without, ..)| *without == policy.without_factor);
    Fields::of([
        ("mode", mode.map_or("", |(_, name, _)| name)),
        ("AllowedMfaTypes", tick(policy.authenticator_apps)),
        ("SecurityKeys", tick(policy.security_keys)),
        ("without", without.map_or("", |(_, name, _)| name)),
        ("SelfService", tick(policy.self_service)),
    ])
}

fn page(
    administrator: &Administrator,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let card = Card::new("policy", "")
        .text("What the portal asks of users beside their password. Factors they have stay good.")
        .form(form().filled(typed, problem));
    Ok(administrator
        .page(Section::Mfa, "Second factors")?
        .card(card))
}

fn form() -> Form {
    let owned = |name: &str, label: &str| (name.to_owned(), label.to_owned());
    let modes = MODES.map(|(_, name, label)| owned(name, label));
    let without = WITHOUT.map(|(_, name, label)| owned(name, label));
    Form::new("mfa-policy", PATH)
        .field(
            Field::new(
                "mode",
                "A second factor is asked for",
                Input::Choice(modes.to_vec()),
            )
            .required(),
        )
        .field(Field::new(
            "AllowedMfaTypes",
            "Users may add authenticator apps",
            Input::Tick,
        ))
        .field(Field::new(
            "SecurityKeys",
            "Users may add security keys and passkeys",
            Input::Tick,
        ))
        .field(
            Field::new(
                "without",
                "Users who have none",
                Input::Choice(without.to_vec()),
            )
            .required(),
        )
        .field(
            Field::new(
                "SelfService",
                "Users add and remove factors themselves",
                Input::Tick,
            )
            .hint("On their page Security, once they are signed in."),
        )
        .submit("Save")
}
