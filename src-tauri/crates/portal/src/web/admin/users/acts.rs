use axum::{
    Router,
    extract::Path,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    PATH,
    create::{invitation, with_invitation, with_one_time_password},
    path,
    user::profile,
};
use crate::{
    Portal,
    access::EVENT_SOURCE as SSO,
    act::Act,
    audit::DIRECTORY,
    directory::{self, EVENT_SOURCE, Profile},
    invitations, mfa, sessions,
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            problem::Problem,
            view::{Card, Form, Link, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(
            "/admin/users/{id}/password",
            get(ask_password).post(reset_password),
        )
        .route("/admin/users/{id}/end-session", post(end_session))
        .route("/admin/users/{id}/{act}", get(ask).post(do_it))
}

/// What is done to a user after one more question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum UserAct {
    Disable,
    Enable,
    Delete,
    Factors,
    EndSessions,
}

impl UserAct {
    fn confirmation(self, user: &Profile) -> Confirmation {
        let name = &user.attributes.user_name;
        let (title, text, button, tone, act) = match self {
            Self::Disable => (
                format!("Disable {name}?"),
                "They cannot sign in any more, and all their sessions end now. Their groups and \
                 assignments stay.",
                "Disable the user",
                Tone::Danger,
                "disable",
            ),
            Self::Enable => (
                format!("Enable {name}?"),
                "They can sign in again, with the access that they are assigned.",
                "Enable the user",
                Tone::Primary,
                "enable",
            ),
            Self::Delete => (
                format!("Delete {name}?"),
                "Their sessions, factors, memberships and assignments go with them. This cannot be \
                 undone.",
                "Delete the user",
                Tone::Danger,
                "delete",
            ),
            Self::Factors => (
                format!("Reset the factors of {name}?"),
                "All their second factors, recovery codes and known devices are removed, and all \
                 their sessions end now. At the next sign-in the policy decides whether they add a \
                 new one. Be sure that it is they who ask for it.",
                "Reset the factors",
                Tone::Danger,
                "factors",
            ),
            Self::EndSessions => (
                format!("End all sessions of {name}?"),
                "They are signed out everywhere, and programs they let in lose their access.",
                "End all sessions",
                Tone::Danger,
                "end-sessions",
            ),
        };
        Confirmation {
            section: Section::Users,
            title,
            text: text.to_owned(),
            button,
            tone,
            action: format!("{}/{act}", path(&user.id)),
            hidden: Vec::new(),
            back: path(&user.id),
        }
    }

    async fn perform(
        self,
        administrator: &Administrator,
        id: &str,
    ) -> Result<Result<Done, Problem>, Refusal> {
        let about = json!({ "userId": id });
        let enable =
            async |act: &mut Act<'_>, enabled| directory::set_enabled(act, id, enabled).await;
        let (performed, done) = match self {
            Self::Disable => {
                let work = async |act: &mut Act<'_>| enable(act, false).await;
                let name = "DisableUser";
                let performed = administrator
                    .perform(EVENT_SOURCE, name, about, work)
                    .await?;
                (performed, Done::UserDisabled)
            }
            Self::Enable => {
                let work = async |act: &mut Act<'_>| enable(act, true).await;
                let name = "EnableUser";
                let performed = administrator
                    .perform(EVENT_SOURCE, name, about, work)
                    .await?;
                (performed, Done::UserEnabled)
            }
            Self::Delete => {
                let work = async |act: &mut Act<'_>| {
                    directory::delete_user(act, id, None).await.map(|_| ())
                };
                let name = "DeleteUser";
                let performed = administrator
                    .perform(EVENT_SOURCE, name, about, work)
                    .await?;
                (performed, Done::UserDeleted)
            }
            Self::Factors => {
                let work = async |act: &mut Act<'_>| mfa::reset_factors(act, id).await;
                let name = "ResetMfaDevicesForUser";
                let performed = administrator.perform(DIRECTORY, name, about, work).await?;
                (performed, Done::FactorsReset)
            }
            Self::EndSessions => {
                let work = async |act: &mut Act<'_>| sessions::end_all_of_user(act, id, None).await;
                let name = "DeleteSessions";
                let performed = administrator.perform(SSO, name, about, work).await?;
                (performed, Done::SessionsEnded)
            }
        };
        Ok(performed.map(|()| done))
    }
}

async fn ask(
    administrator: Administrator,
    Path((id, act)): Path<(String, UserAct)>,
) -> Result<Response, Refusal> {
    match profile(&administrator, &id).await? {
        Some(user) => act.confirmation(&user).show(&administrator, None),
        None => administrator.gone("user"),
    }
}

async fn do_it(
    Path((id, act)): Path<(String, UserAct)>,
    Sent(administrator, _): Sent,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    match act.perform(&administrator, &id).await? {
        Ok(done @ Done::UserDeleted) => Ok(lead_to(PATH, done)),
        Ok(done) => Ok(lead_to(&path(&id), done)),
        Err(problem) => act.confirmation(&user).show(&administrator, Some(&problem)),
    }
}

async fn end_session(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let session = sent.text("session");
    let about = json!({ "userId": id, "sessionId": session });
    // One that has ended meanwhile is what was wanted.
    let _ = administrator
        .perform(SSO, "DeleteSession", about, async |act| {
            sessions::end_of_user(act, &id, session).await
        })
        .await?;
    Ok(lead_to(&path(&id), Done::SessionEnded))
}

async fn ask_password(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let name = &user.attributes.user_name;
    let (title, text) = match was_never_given(&administrator, &id).await? {
        true => (
            format!("Let {name} set a password?"),
            "They have none yet. An invitation that was sent before stops working.",
        ),
        false => (
            format!("Reset the password of {name}?"),
            "The password they have stops working now, and all their sessions end. They choose a \
             new one, by the link or after signing in with the one-time password.",
        ),
    };
    let form = Form::new("reset-password", format!("{}/password", path(&id)))
        .button(
            "Send a link by email",
            Tone::Primary,
            Some(("way", "link".to_owned())),
        )
        .button(
            "Show a one-time password",
            Tone::Plain,
            Some(("way", "one-time".to_owned())),
        )
        .cancel("Leave it as it is", path(&id));
    let card = Card::new("confirmation", "").text(text).form(form);
    administrator.show(&administrator.page(Section::Users, title)?.card(card))
}

async fn reset_password(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    if sent.text("way") == "one-time" {
        return with_one_time_password(&administrator, &user).await;
    }
    if was_never_given(&administrator, &id).await? {
        return with_invitation(&administrator, &user).await;
    }
    let about = json!({ "userId": id });
    let reset = administrator
        .perform(DIRECTORY, "ResetUserPassword", about, async |act| {
            invitations::reset_password(act, &id).await
        })
        .await?;
    let card = match reset {
        Ok(link) => invitation(&administrator, &link),
        Err(problem) => Card::new("invitation", "New password").notice(problem.text),
    };
    let page = administrator
        .page(Section::Users, &user.attributes.user_name)?
        .back("All users", PATH)
        .link(Link::to("Open the user's page", path(&id)))
        .card(card);
    administrator.show(&page)
}

/// Whether the user has had no password yet: then a link is an invitation.
async fn was_never_given(administrator: &Administrator, id: &str) -> Result<bool, Refusal> {
    let user = directory::user(administrator.portal.pool(), id).await?;
    Ok(user.is_some_and(|user| user.password_changed_at.is_none()))
}
