//! Settings of the portal as a whole.

use axum::{
    Router,
    extract::Query,
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{
    Done, Section,
    administrator::{Administrator, Sent, lead_to},
    confirmation::Confirmation,
    listing::Asked,
    problem::{Explained, Problem},
    view::{Card, Field, Form, Input, Page, Tone},
};
use crate::{
    Portal,
    access::EVENT_SOURCE,
    settings::{self, SettingsError},
    web::Refusal,
};

const PATH: &str = "/admin/settings";
/// Lengths of a session to choose from, in minutes.
const LENGTHS: [(i64, &str); 11] = [
    (15, "15 minutes"),
    (60, "1 hour"),
    (2 * 60, "2 hours"),
    (4 * 60, "4 hours"),
    (8 * 60, "8 hours"),
    (12 * 60, "12 hours"),
    (24 * 60, "1 day"),
    (2 * 24 * 60, "2 days"),
    (7 * 24 * 60, "7 days"),
    (30 * 24 * 60, "30 days"),
    (90 * 24 * 60, "90 days"),
];

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(ask))
        .route("/admin/settings/address", post(customize))
        .route("/admin/settings/session", post(change_session))
}

/// Whether somebody has looked after the settings.
pub(super) async fn is_settled(administrator: &Administrator) -> Result<bool, sqlx::Error> {
    settings::is_touched(administrator.portal.pool()).await
}

impl Explained for SettingsError {
    fn explained(self) -> Result<Problem, Refusal> {
        match self {
            Self::Store(error) => Err(error.into()),
            Self::Invalid(invalid) => invalid.explained(),
            error @ Self::Customized => Ok(Problem::with("alias", error.to_string())),
        }
    }
}

async fn ask(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let page = page(&administrator, "", None).await?;
    administrator.show(&page.done(asked.done()))
}

async fn customize(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let alias = typed.text("alias");
    if !typed.is_ticked("confirmed") {
        return match settings::check_alias(alias) {
            Ok(()) => confirmation(&administrator, alias).show(&administrator, None),
            Err(invalid) => {
                let problem = invalid.explained()?;
                administrator.show_again(&page(&administrator, alias, Some(&problem)).await?)
            }
        };
    }
    let about = json!({ "portalAlias": alias });
    let customized = administrator
        .perform(EVENT_SOURCE, "UpdateSSOConfiguration", about, async |act| {
            settings::customize_url(act, alias).await
        })
        .await?;
    match customized {
        Ok(()) => Ok(lead_to(PATH, Done::SettingsChanged)),
        Err(problem) => {
            administrator.show_again(&page(&administrator, alias, Some(&problem)).await?)
        }
    }
}

fn confirmation(administrator: &Administrator, alias: &str) -> Confirmation {
    let config = administrator.portal.config();
    Confirmation {
        section: Section::Settings,
        title: format!(
            "Customize the address as {}?",
            settings::customized(config, alias)
        ),
        text: format!(
            "This can be done once, and not be changed again. {} stays good, too.",
            config.start_url()
        ),
        button: "Customize it for good",
        tone: Tone::Primary,
        action: format!("{PATH}/address"),
        hidden: vec![("alias", alias.to_owned()), ("confirmed", "yes".to_owned())],
        back: PATH.to_owned(),
    }
}

async fn change_session(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let minutes = typed.text("sessionMinutes").parse().unwrap_or_default();
    let about = json!({ "sessionMinutes": minutes });
    let changed = administrator
        .perform(EVENT_SOURCE, "UpdateSSOConfiguration", about, async |act| {
            settings::set_session_length(act, minutes).await
        })
        .await?;
    match changed {
        Ok(()) => Ok(lead_to(PATH, Done::SettingsChanged)),
        Err(problem) => administrator.show_again(&page(&administrator, "", Some(&problem)).await?),
    }
}

async fn page(
    administrator: &Administrator,
    typed_alias: &str,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let about = |field: &str| problem.filter(|problem| problem.is_about(field));
    Ok(administrator
        .page(Section::Settings, "Settings")?
        .card(address_card(administrator, typed_alias, about("alias")).await?)
        .card(session_card(administrator, about("sessionMinutes")).await?)
        .card(instance_card(administrator).await?))
}

async fn address_card(
    administrator: &Administrator,
    typed: &str,
    problem: Option<&Problem>,
) -> Result<Card, Refusal> {
    let (portal, config) = (&administrator.portal, administrator.portal.config());
    let card = Card::new("address", "The portal's address").fact("Start URL", config.start_url());
    if let Some(alias) = settings::alias(portal.pool()).await? {
        return Ok(card.fact("Customized", settings::customized(config, &alias)));
    }
    let form = Form::new("customize", "/admin/settings/address")
        .field(
            Field::line("alias", "Your own")
                .required()
                .value(typed)
                .hint(format!(
                    "Comes after {}: small letters, digits and hyphens. This can be done once.",
                    config.url("/")
                )),
        )
        .submit("Customize the address")
        .troubled(problem);
    Ok(card.form(form))
}

async fn session_card(
    administrator: &Administrator,
    problem: Option<&Problem>,
) -> Result<Card, Refusal> {
    let (portal, config) = (&administrator.portal, administrator.portal.config());
    let present = settings::session_length(portal.pool(), config)
        .await?
        .whole_minutes();
    let mut choices: Vec<(String, String)> = LENGTHS
        .map(|(minutes, label)| (minutes.to_string(), label.to_owned()))
        .to_vec();
    if !LENGTHS.iter().any(|(minutes, _)| *minutes == present) {
        choices.insert(0, (present.to_string(), format!("{present} minutes")));
    }
    let form = Form::new("session", "/admin/settings/session")
        .field(
            Field::new(
                "sessionMinutes",
                "Users stay signed in for",
                Input::Choice(choices),
            )
            .required()
            .value(present.to_string())
            .hint("From their next sign-in on. Programs they let in lose their access with it."),
        )
        .submit("Save")
        .troubled(problem);
    Ok(Card::new("sessions", "Sessions").form(form))
}

async fn instance_card(administrator: &Administrator) -> Result<Card, Refusal> {
    let (portal, config) = (&administrator.portal, administrator.portal.config());
    let instance = portal.instance();
    let owner = instance.owner_account_id(portal.pool()).await?;
    Ok(Card::new("instance", "For tools that administer it")
        .fact("Endpoint", config.url(""))
        .fact("Region", config.region.as_str())
        .fact("Instance ARN", instance.arn(&config.partition))
        .fact("Identity store", instance.identity_store_id.as_str())
        .fact("Management account", owner))
}
