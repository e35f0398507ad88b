use axum::{Router, response::Response, routing::get};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{PATH, path};
use crate::{
    Portal,
    audit::DIRECTORY,
    directory::{self, Contact, EVENT_SOURCE, Name, NewPassword, Profile, UserAttributes},
    invitations, mail,
    web::{
        Refusal,
        admin::{
            Section,
            administrator::{Administrator, Sent},
            fields::Fields,
            moment,
            problem::Problem,
            view::{Card, Field, Form, Input, Link, Page},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/users/new", get(ask).post(create))
}

async fn ask(administrator: Administrator) -> Result<Response, Refusal> {
    administrator.show(&page(&administrator, &Fields::default(), None)?)
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    if let Some(problem) = no_address(&typed) {
        return administrator.show_again(&page(&administrator, &typed, Some(&problem))?);
    }
    let new = attributes(&typed);
    let parameters = json!({ "userName": new.user_name, "displayName": new.display_name });
    let created = administrator
        .perform(EVENT_SOURCE, "CreateUser", parameters, async |act| {
            directory::create_user(act, &new).await
        })
        .await?;
    match created {
        Ok(user) if typed.text("password") == "one-time" => {
            with_one_time_password(&administrator, &user).await
        }
        Ok(user) => with_invitation(&administrator, &user).await,
        Err(problem) => administrator.show_again(&page(&administrator, &typed, Some(&problem))?),
    }
}

/// What was typed for an address of mail, if it is none. AWS's interfaces take any text for one.
pub(super) fn no_address(typed: &Fields) -> Option<Problem> {
    let address = typed.optional("emails")?;
    (!mail::is_address(address))
        .then(|| Problem::with("emails", "It is no email address, such as ana@example.com."))
}

fn attributes(typed: &Fields) -> UserAttributes {
    let owned = |name| typed.optional(name).map(str::to_owned);
    let (given_name, family_name) = (owned("name.givenName"), owned("name.familyName"));
    let parts: Vec<String> = [&given_name, &family_name]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let whole = Some(parts.join(" ")).filter(|whole| !whole.is_empty());
    let display_name = owned("displayName").or(whole);
    UserAttributes {
        user_name: typed.text("userName").to_owned(),
        display_name: display_name.unwrap_or_default(),
        name: Name {
            given_name,
            family_name,
            ..Name::default()
        },
        // Without a value it would be no address at all, and none is missing.
        emails: vec![Contact::primary(typed.text("emails"))],
        ..UserAttributes::default()
    }
}

fn page(
    administrator: &Administrator,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let ways = [
        ("invitation", "Send an invitation by email"),
        ("one-time", "Show a one-time password to pass on"),
    ]
    .map(|(value, label)| (value.to_owned(), label.to_owned()));
    let form = Form::new("create-user", "/admin/users/new")
        .field(
            Field::line("userName", "User name")
                .required()
                .hint("What they sign in with; an email address is a good one."),
        )
        .field(Field::new("emails", "Email address", Input::Email).required())
        .field(Field::line("name.givenName", "Given name"))
        .field(Field::line("name.familyName", "Family name"))
        .field(
            Field::line("displayName", "Display name")
                .hint("How they are called. Left empty, given and family name."),
        )
        .field(
            Field::new("password", "First password", Input::Choice(ways.to_vec()))
                .required()
                .hint("Either way they choose a password of their own at their first sign-in."),
        )
        .submit("Create the user")
        .cancel("Cancel", PATH)
        .filled(typed, problem);
    Ok(administrator
        .page(Section::Users, "Create a user")?
        .back("All users", PATH)
        .card(Card::new("new-user", "").form(form)))
}

/// Invites a user; the page has the link, for whoever gets no mail.
pub(super) async fn with_invitation(
    administrator: &Administrator,
    user: &Profile,
) -> Result<Response, Refusal> {
    let id = &user.id;
    let invited = administrator
        .perform(
            DIRECTORY,
            "InviteUser",
            json!({ "userId": id }),
            async |act| invitations::invite(act, id).await,
        )
        .await?;
    let card = match invited {
        Ok(link) => invitation(administrator, &link),
        Err(problem) => Card::new("invitation", "Invitation").notice(problem.text),
    };
    told(administrator, user, card)
}

/// What there is to say of a link that was made.
pub(super) fn invitation(administrator: &Administrator, link: &invitations::Link) -> Card {
    let until = moment(link.expires_at);
    let sends = administrator.portal.config().smtp.is_some();
    let text = match &link.mailed_to {
        Some(address) if sends => {
            format!("It is on its way to {address}. The link in it works until {until}.")
        }
        Some(address) => format!(
            "This portal has no mail server: pass the link on, or the mail to {address} that lies \
             in the folder outbox. The link works until {until}."
        ),
        None => format!("The user has no address: pass the link on. It works until {until}."),
    };
    Card::new("invitation", "Invitation")
        .text(text)
        .notice("Whoever has the link can set the user's password. It is shown this once.")
        .secret("Link", link.url.expose_secret())
}

/// Gives a user a password for the next sign-in only; the page has it.
pub(super) async fn with_one_time_password(
    administrator: &Administrator,
    user: &Profile,
) -> Result<Response, Refusal> {
    let (password, new) = NewPassword::one_time().await?;
    let id = &user.id;
    let set = administrator
        .perform(
            DIRECTORY,
            "UpdatePassword",
            json!({ "userId": id, "oneTime": true }),
            async |act| directory::set_password(act, id, &new, None).await,
        )
        .await?;
    let card = Card::new("one-time-password", "One-time password");
    let card = match set {
        Ok(()) => card
            .text("It works until the user has signed in with it and chosen another.")
            .notice(
                "Pass it on by a way of its own, not with the user name. It is shown this once.",
            )
            .secret("Password", password.expose_secret()),
        Err(problem) => card.notice(problem.text),
    };
    told(administrator, user, card)
}

fn told(administrator: &Administrator, user: &Profile, card: Card) -> Result<Response, Refusal> {
    let name = &user.attributes.user_name;
    let portal = administrator.portal.config().start_url();
    let page = administrator
        .page(Section::Users, name)?
        .back("All users", PATH)
        .card(
            card.fact("User name", name.as_str())
                .fact("Portal", portal.as_str()),
        )
        .link(Link::to("Open the user's page", path(&user.id)))
        .link(Link::to("Create another user", "/admin/users/new"));
    administrator.show(&page)
}
