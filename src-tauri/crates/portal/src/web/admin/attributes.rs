//! Attributes for access control: what of a user becomes a tag of their sessions, for policies to
//! ask for.

use axum::{
    Router,
    extract::Query,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Done, Section,
    administrator::{Administrator, Sent, lead_to},
    confirmation::Confirmation,
    fields::Fields,
    listing::address,
    problem::{NEEDED, Problem},
    view::{Card, Cell, Field, Form, Input, Link, Page, Suggestions, Table, Tone},
};
use crate::{
    Portal,
    access::{self, AccessControlAttribute, EVENT_SOURCE},
    act::Act,
    web::Refusal,
};

const PATH: &str = "/admin/attributes";
const REMOVAL: &str = "/admin/attributes/removal";
const OFF: &str = "/admin/attributes/off";
/// The name of the act; the first attribute creates what others update.
const UPDATE: &str = "UpdateInstanceAccessControlAttributeConfiguration";

/// What AWS offers as well.
const SOURCES: Suggestions = &[
    ("${path:userName}", "User name"),
    ("${path:displayName}", "Display name"),
    ("${path:name.givenName}", "Given name"),
    ("${path:name.familyName}", "Family name"),
    ("${path:emails[primary eq true].value}", "Email address"),
    ("${path:title}", "Title"),
    ("${path:enterprise.department}", "Department"),
    ("${path:enterprise.division}", "Division"),
    ("${path:enterprise.costCenter}", "Cost center"),
    ("${path:enterprise.employeeNumber}", "Employee number"),
];

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(show).post(save))
        .route(REMOVAL, post(remove))
        .route(OFF, get(ask_off).post(turn_off))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The key of the attribute to change; empty: a new one.
    change: String,
    done: String,
}

async fn show(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let attributes = stored(&administrator).await?;
    let mut all = attributes.iter().flatten();
    let present = all.find(|attribute| attribute.key == asked.change);
    let typed = present.map(|attribute| {
        let fields = [
            ("before", &attribute.key),
            ("key", &attribute.key),
            ("source", &attribute.source),
        ];
        Fields::of(fields)
    });
    let typed = typed.unwrap_or_default();
    let page = page(&administrator, attributes.as_deref(), &typed, None)?;
    administrator.show(&page.done(Done::named(&asked.done)))
}

async fn stored(
    administrator: &Administrator,
) -> Result<Option<Vec<AccessControlAttribute>>, sqlx::Error> {
    let mut db = administrator.portal.pool().acquire().await?;
    access::attributes(&mut db).await
}

fn page(
    administrator: &Administrator,
    attributes: Option<&[AccessControlAttribute]>,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let columns = ["Tag", "Taken from", "", ""];
    let mut table = Table::new(
        "Attributes for access control",
        &columns,
        "There is none: sessions have no tags.",
    );
    for attribute in attributes.unwrap_or_default() {
        let key = &attribute.key;
        table.row([
            Cell::from(key.as_str()),
            Cell::suggested(&attribute.source, SOURCES),
            Cell::link(format!("Change {key}"), address(PATH, &[("change", key)])),
            Cell::press(
                REMOVAL,
                vec![("key", key.clone())],
                "Remove",
                format!("Remove {key}"),
            ),
        ]);
    }
    let mut card = Card::new("attributes", "")
        .text(
            "What is known of a user becomes tags of their sessions, and policies can ask for \
             them, as in aws:PrincipalTag/department. Whoever lacks an attribute lacks its tag.",
        )
        .table(table);
    if attributes.is_some_and(|attributes| !attributes.is_empty()) {
        card = card.link(Link::to("Turn all off", OFF).danger());
    }
    let title = match typed.text("before") {
        "" => "Add an attribute".to_owned(),
        before => format!("Change {before}"),
    };
    Ok(administrator
        .page(Section::Attributes, "Attributes for access control")?
        .card(card)
        .card(Card::new("attribute", title).form(form(typed, problem))))
}

fn form(typed: &Fields, problem: Option<&Problem>) -> Form {
    let before = typed.text("before");
    let form = Form::new("attribute-form", PATH)
        .hidden("before", before)
        .field(
            Field::line("key", "Tag")
                .required()
                .hint("The key by which policies ask for it, as in department."),
        )
        .field(
            Field::new("source", "Taken from", Input::Suggested(SOURCES))
                .required()
                .hint("One of those suggested, or another path, as in ${path:locale}."),
        );
    let form = match before {
        "" => form.submit("Add the attribute"),
        _ => form.submit("Save").cancel("Cancel", PATH),
    };
    form.filled(typed, problem)
}

async fn save(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let wanted = AccessControlAttribute {
        key: typed.text("key").to_owned(),
        source: typed.text("source").to_owned(),
    };
    let saved = match wanted.source.as_str() {
        // AWS takes it, and then it stands for nothing.
        "" => Err(Problem::with("source", NEEDED)),
        _ => put(&administrator, typed.text("before"), wanted).await?,
    };
    match saved {
        Ok(()) => Ok(lead_to(PATH, Done::AttributeSaved)),
        Err(problem) => {
            let attributes = stored(&administrator).await?;
            let page = page(
                &administrator,
                attributes.as_deref(),
                &typed,
                Some(&problem),
            )?;
            administrator.show_again(&page)
        }
    }
}

/// Stores an attribute in place of the one with the key `before`, if there is one.
async fn put(
    administrator: &Administrator,
    before: &str,
    wanted: AccessControlAttribute,
) -> Result<Result<(), Problem>, Refusal> {
    let about = json!({ "key": wanted.key });
    let put = administrator
        .perform(EVENT_SOURCE, UPDATE, about, async |act| {
            let Some(mut all) = access::attributes(act.db()).await? else {
                return access::create_attributes(act, &[wanted]).await;
            };
            all.retain(|attribute| attribute.key != before);
            all.push(wanted);
            access::update_attributes(act, &all).await
        })
        .await?;
    Ok(put.map_err(|problem| {
        problem
            .of_member("key", "key")
            .of_member("value.source", "source")
    }))
}

async fn remove(Sent(administrator, sent): Sent) -> Result<Response, Refusal> {
    let key = sent.text("key");
    let removed = administrator
        .perform(
            EVENT_SOURCE,
            UPDATE,
            json!({ "key": key }),
            async |act: &mut Act<'_>| {
                let mut all = access::attributes(act.db()).await?.unwrap_or_default();
                all.retain(|attribute| attribute.key != key);
                access::update_attributes(act, &all).await
            },
        )
        .await?;
    match removed {
        Ok(()) => Ok(lead_to(PATH, Done::AttributeRemoved)),
        Err(_) => administrator.gone("attribute"),
    }
}

fn turning_off() -> Confirmation {
    Confirmation {
        section: Section::Attributes,
        title: "Turn all attributes off?".to_owned(),
        text: "They are removed, and sessions that begin from now on have no tags. What policies \
               allow for a tag, they allow nobody then."
            .to_owned(),
        button: "Turn all off",
        tone: Tone::Danger,
        action: OFF.to_owned(),
        hidden: Vec::new(),
        back: PATH.to_owned(),
    }
}

async fn ask_off(administrator: Administrator) -> Result<Response, Refusal> {
    turning_off().show(&administrator, None)
}

async fn turn_off(Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let name = "DeleteInstanceAccessControlAttributeConfiguration";
    let turned_off = administrator
        .perform(EVENT_SOURCE, name, json!({}), async |act| {
            access::delete_attributes(act).await
        })
        .await?;
    match turned_off {
        Ok(()) => Ok(lead_to(PATH, Done::AttributesOff)),
        Err(problem) => turning_off().show(&administrator, Some(&problem)),
    }
}
