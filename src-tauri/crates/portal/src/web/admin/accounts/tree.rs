use axum::{Router, extract::Query, response::Response, routing::get};
use serde::Deserialize;

use super::{PATH, is_missing, named, names, units_along};
use crate::{
    Portal,
    organization::{self, Unit},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::Administrator,
            listing::{PROBE, address, cut},
            problem::Explained,
            view::{Card, Cell, Link, Table},
        },
    },
};

pub(super) const TREE: &str = "/admin/accounts/tree";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(TREE, get(show))
}

/// The page of the unit with this id; of the root for `""`.
pub(super) fn path(unit_id: &str) -> String {
    address(TREE, &[("unit", unit_id)])
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    unit: String,
    /// The name of the last unit of the page before.
    after_unit: String,
    /// The id of the last account of the page before.
    after: String,
    done: String,
}

/// The units from the root to the one with this id, itself included; none for the root.
pub(super) async fn place(
    administrator: &Administrator,
    unit_id: &str,
) -> Result<Option<Vec<Unit>>, Refusal> {
    if unit_id.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut db = administrator.portal.pool().acquire().await?;
    match organization::unit(&mut db, unit_id).await {
        Ok(unit) => units_along(&mut db, &unit.path).await.map(Some),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => error.explained().map(|_| None),
    }
}

async fn show(
    administrator: Administrator,
    Query(asked): Query<Place>,
) -> Result<Response, Refusal> {
    let Some(place) = place(&administrator, &asked.unit).await? else {
        return administrator.gone("organizational unit");
    };
    let title = place.last().map_or("Root", |unit| unit.name.as_str());
    let mut page = administrator
        .page(Section::Accounts, title)?
        .done(Done::named(&asked.done));
    page = match place.split_last() {
        None => page.back("Accounts as a list", PATH),
        Some((_, above)) => {
            let parent = above.last().map_or("", |unit| unit.id.as_str());
            page.back(names(above), path(parent))
        }
    };
    let new = address("/admin/accounts/units/new", &[("unit", &asked.unit)]);
    page = page.link(Link::to("Create a unit here", new));
    if let Some(unit) = place.last() {
        let to = |act: &str| format!("/admin/accounts/units/{}/{act}", unit.id);
        page = page
            .link(Link::to("Rename", to("name")))
            .link(Link::to("Delete", to("delete")).danger());
    }
    let page = page
        .card(units_card(&administrator, &asked).await?)
        .card(accounts_card(&administrator, &asked).await?);
    administrator.show(&page)
}

async fn units_card(administrator: &Administrator, asked: &Place) -> Result<Card, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    let parent = Some(asked.unit.as_str()).filter(|id| !id.is_empty());
    let mut units = organization::units_in(&mut db, parent, &asked.after_unit, PROBE).await?;
    let more = cut(&mut units, |unit| unit.name.clone())
        .map(|after| address(TREE, &[("unit", &asked.unit), ("after_unit", &after)]));
    let rows = units
        .iter()
        .map(|unit| vec![Cell::link(&unit.name, path(&unit.id)).quiet(&unit.id)]);
    let table = Table::new(
        "Organizational units",
        &["Organizational unit"],
        "There are none here.",
    );
    Ok(Card::new("units", "Organizational units").table(table.rows(rows).more(more)))
}

async fn accounts_card(administrator: &Administrator, asked: &Place) -> Result<Card, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    let parent = Some(asked.unit.as_str()).filter(|id| !id.is_empty());
    let mut accounts = organization::accounts_in(&mut db, parent, &asked.after, PROBE).await?;
    let more = cut(&mut accounts, |account| account.id.clone())
        .map(|after| address(TREE, &[("unit", &asked.unit), ("after", &after)]));
    let rows = accounts
        .iter()
        .map(|account| vec![named(account), account.email.as_str().into()]);
    let table = Table::new("Accounts", &["Account", "Email"], "There are none here.");
    Ok(Card::new("accounts", "Accounts").table(table.rows(rows).more(more)))
}
