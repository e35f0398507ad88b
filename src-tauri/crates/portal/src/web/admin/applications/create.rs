use axum::{Router, extract::Query, response::Response, routing::get};
use serde::Deserialize;
use serde_json::json;

use super::path;
use crate::{
    Portal,
    access::EVENT_SOURCE,
    applications::{self, NewApplication, Provider, SignIn, SignInOrigin},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::{Fields, tick},
            listing::address,
            problem::Problem,
            view::{Card, Cell, Field, Form, Input, Page, Table},
        },
    },
};

/// The catalogue.
pub(super) const PATH: &str = "/admin/applications/new";
/// AWS's name of the field that says where an application starts.
pub(super) const URL: &str = "portalOptions.signInOptions.applicationUrl";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(PATH, get(ask).post(create))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    provider: String,
}

async fn ask(
    administrator: Administrator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let Some(provider) = Provider::parse(&chosen.provider) else {
        return catalogue(&administrator);
    };
    let mut typed = vec![("visible", tick(true))];
    if let Provider::Catalogue(entry) = provider {
        typed.extend([
            ("name", entry.name.as_str()),
            ("description", &entry.description),
            (URL, &entry.start_url),
        ]);
    }
    administrator.show(&page(&administrator, provider, &Fields::of(typed), None)?)
}

fn catalogue(administrator: &Administrator) -> Result<Response, Refusal> {
    let rows = Provider::all().map(|provider| {
        let target = address(PATH, &[("provider", &provider.name())]);
        vec![
            Cell::link(provider.display_name(), target),
            provider.description().into(),
        ]
    });
    let table = Table::new("The catalogue", &["Application", "What it is"], "").rows(rows);
    let page = administrator
        .page(Section::Applications, "Add an application")?
        .back("All applications", super::PATH)
        .card(Card::new("catalogue", "").table(table));
    administrator.show(&page)
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let Some(provider) = Provider::parse(typed.text("provider")) else {
        return administrator.gone("kind of application");
    };
    if let Some(problem) = misread(&typed) {
        let page = page(&administrator, provider, &typed, Some(&problem))?;
        return administrator.show_again(&page);
    }
    let new = NewApplication {
        name: typed.text("name"),
        provider,
        description: typed.optional("description"),
        enabled: true,
        visible: typed.is_ticked("visible"),
        sign_in: sign_in(&typed),
        client_token: None,
    };
    let about = json!({ "name": new.name, "applicationProvider": provider.name() });
    let created = administrator
        .perform(EVENT_SOURCE, "CreateApplication", about, async |act| {
            applications::create_application(act, &new, &[]).await
        })
        .await?;
    match created {
        Ok(created) => Ok(lead_to(&path(&created.id), Done::ApplicationCreated)),
        Err(problem) => {
            administrator.show_again(&page(&administrator, provider, &typed, Some(&problem))?)
        }
    }
}

/// The address a form gives, if it gives one.
pub(super) fn sign_in(typed: &Fields) -> Option<SignIn> {
    let url = typed.optional(URL)?;
    Some(SignIn {
        origin: SignInOrigin::Application,
        url: Some(url.to_owned()),
    })
}

/// What is wrong with an address: that it is none of the web, or that something of the catalogue's is
/// left to be filled in.
pub(super) fn misread(typed: &Fields) -> Option<Problem> {
    let address = typed.optional(URL)?;
    if !address.starts_with("https://") && !address.starts_with("http://") {
        let text = "It begins with https://, as in https://wiki.example.com.";
        return Some(Problem::with(URL, text));
    }
    let (_, rest) = address.split_once('{')?;
    let (name, _) = rest.split_once('}')?;
    let text = format!("Put your own in the place of {{{name}}}.");
    Some(Problem::with(URL, text))
}

/// The fields of every application.
pub(super) fn with_fields(form: Form) -> Form {
    form.field(
        Field::line("name", "Name")
            .required()
            .hint("Shown to users."),
    )
    .field(Field::line("description", "Description"))
    .field(Field::line(URL, "Start URL").hint("What the portal opens."))
}

/// How to set up an application of the catalogue.
pub(super) fn guide(provider: Provider) -> Option<Card> {
    let Provider::Catalogue(entry) = provider else {
        return None;
    };
    let text = "For the day this portal signs users in to applications: until then it opens their \
                start URL, where they sign in as before.";
    let card = Card::new("guide", "How to set it up").text(text);
    Some(entry.guide.trim().lines().fold(card, Card::text))
}

fn page(
    administrator: &Administrator,
    provider: Provider,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new("add-application", PATH).hidden("provider", provider.name());
    let form = with_fields(form)
        .field(Field::new("visible", "Show it in the portal", Input::Tick))
        .submit("Add the application")
        .cancel("Cancel", super::PATH)
        .filled(typed, problem);
    let page = administrator
        .page(
            Section::Applications,
            format!("Add {}", provider.display_name()),
        )?
        .back("The catalogue", PATH)
        .card(Card::new("new-application", "").form(form));
    Ok(match guide(provider) {
        Some(guide) => page.card(guide),
        None => page,
    })
}
