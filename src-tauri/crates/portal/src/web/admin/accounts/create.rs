use axum::{Router, response::Response, routing::get};
use serde_json::json;

use super::{PATH, path};
use crate::{
    Portal,
    organization::{self, KnownAccount, NewAccount, SOURCE, create_account},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            problem::Problem,
            view::{Card, Field, Form, Input, Page},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/accounts/new", get(ask).post(create))
}

async fn ask(administrator: Administrator) -> Result<Response, Refusal> {
    administrator.show(&page(&administrator, &Fields::default(), None)?)
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let made = match typed.optional("AccountId") {
        Some(id) => add(&administrator, &typed, id).await?,
        None => make(&administrator, &typed).await?,
    };
    match made {
        Ok(id) => Ok(lead_to(&path(&id), Done::AccountCreated)),
        Err(problem) => administrator.show_again(&page(&administrator, &typed, Some(&problem))?),
    }
}

/// Makes a new account, and returns its id.
async fn make(
    administrator: &Administrator,
    typed: &Fields,
) -> Result<Result<String, Problem>, Refusal> {
    let new = NewAccount {
        name: typed.text("AccountName"),
        email: typed.text("Email"),
        ..NewAccount::default()
    };
    let parameters = json!({ "accountName": new.name, "email": new.email });
    let creation = administrator
        .perform(SOURCE, "CreateAccount", parameters, async |act| {
            create_account(act, &new).await
        })
        .await?;
    Ok(creation.and_then(|creation| {
        let taken = || Problem::with("Email", "Another account has this address already.");
        creation.account_id.ok_or_else(taken)
    }))
}

/// Adds an account that exists at AWS, under the id it has there.
async fn add(
    administrator: &Administrator,
    typed: &Fields,
    id: &str,
) -> Result<Result<String, Problem>, Refusal> {
    let pool = administrator.portal.pool();
    if !organization::is_account_id(id) {
        return Ok(Err(Problem::with("AccountId", "It is twelve digits.")));
    }
    if organization::account_name(pool, id).await?.is_some() {
        let text = "There is an account with this id already.";
        return Ok(Err(Problem::with("AccountId", text)));
    }
    let wanted = KnownAccount {
        id,
        name: typed.text("AccountName"),
        email: typed.text("Email"),
        is_management: false,
        parent_id: &administrator.portal.instance().root_id,
    };
    let parameters = json!({ "target": { "id": id, "type": "ACCOUNT" } });
    let put = administrator
        .perform(
            SOURCE,
            "InviteAccountToOrganization",
            parameters,
            async |act| organization::put_account(act, &wanted).await,
        )
        .await?;
    Ok(put.map(|_| id.to_owned()))
}

fn page(
    administrator: &Administrator,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new("add-account", "/admin/accounts/new")
        .field(
            Field::line("AccountName", "Name")
                .required()
                .hint("Shown to users."),
        )
        .field(
            Field::new("Email", "Email address", Input::Email)
                .required()
                .hint("Of the account's root user. No other account has it."),
        )
        .field(
            Field::line("AccountId", "Account id")
                .hint("Twelve digits, if the account exists at AWS. Left empty, it gets a new id."),
        )
        .submit("Add the account")
        .cancel("Cancel", PATH)
        .filled(typed, problem);
    Ok(administrator
        .page(Section::Accounts, "Add an account")?
        .back("All accounts", PATH)
        .card(Card::new("new-account", "").form(form)))
}
