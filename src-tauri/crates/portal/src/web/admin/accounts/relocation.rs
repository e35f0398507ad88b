use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use super::{account::account, names, path, tree::place};
use crate::{
    Portal,
    organization::{self, SOURCE},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            listing::{PROBE, address, cut},
            view::{Card, Cell, Form, Table, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/accounts/{id}/move", get(choose).post(relocate))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Destination {
    /// The unit's id; empty: the root.
    unit: String,
    /// The name of the last unit of the page before.
    after: String,
}

/// Walks through the tree to the unit that the account is moved to.
async fn choose(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Destination>,
) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let Some(place) = place(&administrator, &asked.unit).await? else {
        return administrator.gone("organizational unit");
    };
    let here = format!("{}/move", path(&id));
    let mut db = administrator.portal.pool().acquire().await?;
    let parent = Some(asked.unit.as_str()).filter(|unit| !unit.is_empty());
    let mut units = organization::units_in(&mut db, parent, &asked.after, PROBE).await?;
    let more = cut(&mut units, |unit| unit.name.clone())
        .map(|after| address(&here, &[("unit", &asked.unit), ("after", &after)]));
    let rows = units.iter().map(|unit| {
        vec![Cell::link(&unit.name, address(&here, &[("unit", &unit.id)])).quiet(&unit.id)]
    });
    let table = Table::new("Units in it", &["Organizational unit"], "No unit is in it.");
    let mut card = Card::new("destination", names(&place)).table(table.rows(rows).more(more));
    if account.unit_id.as_deref() == parent {
        card = card.text("The account is here now. Choose where it goes.");
    } else {
        let form = Form::new("move-account", &here)
            .hidden("unit", asked.unit.as_str())
            .button(format!("Move it to {}", names(&place)), Tone::Primary, None)
            .cancel("Cancel", path(&id));
        card = card.form(form);
    }
    let mut page = administrator.page(Section::Accounts, format!("Move {}", account.name))?;
    page = match place.split_last() {
        None => page.back(&account.name, path(&id)),
        Some((_, above)) => {
            let unit = above.last().map_or("", |unit| unit.id.as_str());
            page.back(names(above), address(&here, &[("unit", unit)]))
        }
    };
    administrator.show(&page.card(card))
}

async fn relocate(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let root = &administrator.portal.instance().root_id;
    let source = account.unit_id.as_ref().unwrap_or(root);
    let destination = sent.optional("unit").unwrap_or(root);
    if source == destination {
        return Ok(lead_to(&path(&id), Done::AccountMoved));
    }
    let parameters = json!({
        "accountId": id, "sourceParentId": source, "destinationParentId": destination,
    });
    let moved = administrator
        .perform(SOURCE, "MoveAccount", parameters, async |act| {
            organization::move_account(act, &id, source, destination).await
        })
        .await?;
    match moved {
        Ok(()) => Ok(lead_to(&path(&id), Done::AccountMoved)),
        Err(_) => administrator.gone("organizational unit"),
    }
}
