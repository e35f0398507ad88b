use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use serde_json::json;

use super::{PATH, badge, is_missing, names, path, tree, units_along};
use crate::{
    Portal, access,
    organization::{self, Account, SOURCE},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            assignments,
            confirmation::Confirmation,
            fields::Fields,
            listing::{Asked, PROBE},
            moment,
            problem::{Explained, Problem},
            view::{Card, Cell, Field, Form, Input, Link, Page, Table, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/accounts/{id}", get(show))
        .route("/admin/accounts/{id}/change", get(ask_change).post(change))
        .route("/admin/accounts/{id}/close", get(ask_close).post(close))
}

/// The account with this id.
pub(super) async fn account(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<Account>, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    match organization::account(&mut db, id).await {
        Ok(account) => Ok(Some(account)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => error.explained().map(|_| None),
    }
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let to = |label: &str, page: &str| Link::to(label, format!("{}/{page}", path(&id)));
    let mut page = administrator
        .page(Section::Accounts, &account.name)?
        .back("All accounts", PATH)
        .done(asked.done())
        .link(to("Change", "change"));
    if !account.is_suspended {
        page = page.link(to("Move", "move"));
    }
    if !account.is_suspended && !account.is_management {
        page = page.link(to("Close", "close").danger());
    }
    let page = page
        .card(facts(&administrator, &account).await?)
        .card(access_card(&administrator, &account, &asked).await?);
    administrator.show(&page)
}

async fn facts(administrator: &Administrator, account: &Account) -> Result<Card, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    let units = units_along(&mut db, &account.unit_path).await?;
    let unit = account.unit_id.as_deref().unwrap_or_default();
    let status = Cell::default().with_badge(badge(account).or(Some((Tone::Primary, "Active"))));
    Ok(Card::new("about", "About")
        .fact("Account id", account.id.as_str())
        .fact("Status", status)
        .fact("Email", account.email.as_str())
        .fact(
            "Organizational unit",
            Cell::link(names(&units), tree::path(unit)),
        )
        .fact("Joined", moment(account.joined_at)))
}

async fn access_card(
    administrator: &Administrator,
    account: &Account,
    asked: &Asked,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let id = &account.id;
    let mut found = access::assignments_in_account(pool, id, &asked.after, PROBE).await?;
    let more = asked.cut(&path(id), &mut found, |named| named.assignment.key());
    let columns = ["User or group", "Permission set", ""];
    let rows = found.iter().map(|named| {
        vec![
            assignments::principal(named),
            assignments::permission_set(named),
            assignments::removal_link(named, &path(id)),
        ]
    });
    let table = Table::new(
        "Assignments in this account",
        &columns,
        "Nobody has access yet.",
    );
    let card = Card::new("access", "Who has access").table(table.rows(rows).more(more));
    if account.is_suspended {
        return Ok(card);
    }
    let assign = format!("/admin/assignments/new?account={id}");
    Ok(card.link(Link::to("Assign users or groups", assign)))
}

fn change_page(
    administrator: &Administrator,
    account: &Account,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new("change-account", format!("{}/change", path(&account.id)))
        .field(Field::line("AccountName", "Name").required())
        .field(Field::new("Email", "Email address", Input::Email).required())
        .submit("Save")
        .cancel("Cancel", path(&account.id))
        .filled(typed, problem);
    Ok(administrator
        .page(Section::Accounts, format!("Change {}", account.name))?
        .back(&account.name, path(&account.id))
        .card(Card::new("change", "").form(form)))
}

async fn ask_change(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let present = Fields::of([("AccountName", &account.name), ("Email", &account.email)]);
    administrator.show(&change_page(&administrator, &account, &present, None)?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let (name, email) = (typed.text("AccountName"), typed.text("Email"));
    let parameters = json!({ "accountId": id, "accountName": name, "primaryEmail": email });
    let changed = administrator
        .perform(
            "account.amazonaws.com",
            "PutAccountName",
            parameters,
            async |act| organization::rename_account(act, &id, name, email).await,
        )
        .await?;
    match changed {
        Ok(()) => Ok(lead_to(&path(&id), Done::AccountChanged)),
        Err(problem) => {
            let page = change_page(&administrator, &account, &typed, Some(&problem))?;
            administrator.show_again(&page)
        }
    }
}

fn closing(account: &Account) -> Confirmation {
    Confirmation {
        section: Section::Accounts,
        title: format!("Close {}?", account.name),
        text: format!(
            "Account {} is suspended. Nobody sees it in the portal any more, and its roles give no \
             credentials. This cannot be undone here.",
            account.id
        ),
        button: "Close the account",
        tone: Tone::Danger,
        action: format!("{}/close", path(&account.id)),
        hidden: Vec::new(),
        back: path(&account.id),
    }
}

async fn ask_close(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match account(&administrator, &id).await? {
        Some(account) => closing(&account).show(&administrator, None),
        None => administrator.gone("account"),
    }
}

async fn close(Path(id): Path<String>, Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let Some(account) = account(&administrator, &id).await? else {
        return administrator.gone("account");
    };
    let parameters = json!({ "accountId": id });
    let closed = administrator
        .perform(SOURCE, "CloseAccount", parameters, async |act| {
            organization::close_account(act, &id).await
        })
        .await?;
    match closed {
        Ok(()) => Ok(lead_to(&path(&id), Done::AccountClosed)),
        Err(problem) => closing(&account).show(&administrator, Some(&problem)),
    }
}
