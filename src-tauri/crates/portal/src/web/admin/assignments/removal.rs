use axum::{Router, extract::Query, response::Response, routing::get};
use serde_json::json;

use super::PATH;
use crate::{
    Portal,
    access::{self, AccountAssignment, EVENT_SOURCE, NamedAssignment, Principal},
    organization,
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            fields::Fields,
            listing::address,
            view::{Cell, Tone},
        },
    },
};

const REMOVAL: &str = "/admin/assignments/removal";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(REMOVAL, get(ask).post(remove))
}

/// A link to the end of an assignment, from the page at `back`.
pub(in crate::web::admin) fn link(named: &NamedAssignment, back: &str) -> Cell {
    let (kind, principal) = named.assignment.principal.parts();
    let target = address(
        REMOVAL,
        &[
            ("account", &named.assignment.account_id),
            ("set", &named.assignment.permission_set_id),
            ("kind", kind),
            ("principal", principal),
            ("name", &named.principal_name),
            ("back", back),
        ],
    );
    let (set, who) = (&named.permission_set_name, &named.principal_name);
    Cell::link(format!("Remove {set} from {who}"), target)
}

/// An assignment as the address of its page names it.
struct Unwanted {
    assignment: AccountAssignment,
    back: String,
}

impl Unwanted {
    fn of(sent: &Fields) -> Option<Self> {
        let principal = Principal::parse(sent.text("kind"), sent.text("principal")).ok()?;
        let back = sent.text("back");
        Some(Self {
            assignment: AccountAssignment {
                account_id: sent.text("account").to_owned(),
                permission_set_id: sent.text("set").to_owned(),
                principal,
            },
            // A page of administration, never elsewhere.
            back: match back.starts_with("/admin/") {
                true => back.to_owned(),
                false => PATH.to_owned(),
            },
        })
    }

    async fn confirmation(
        &self,
        administrator: &Administrator,
        who: &str,
    ) -> Result<Option<Confirmation>, Refusal> {
        let pool = administrator.portal.pool();
        let AccountAssignment {
            account_id,
            permission_set_id,
            principal,
        } = &self.assignment;
        let account = organization::account_name(pool, account_id).await?;
        let set = access::permission_set(pool, permission_set_id).await?;
        let (Some(account), Some(set)) = (account, set) else {
            return Ok(None);
        };
        let (kind, id) = principal.parts();
        let hidden = [
            ("account", account_id.as_str()),
            ("set", permission_set_id),
            ("kind", kind),
            ("principal", id),
            ("name", who),
            ("back", &self.back),
        ];
        Ok(Some(Confirmation {
            section: Section::Assignments,
            title: format!("Remove {} from {who}?", set.name),
            text: format!(
                "In {account} ({account_id}). Whoever has this role through nothing else loses it \
                 at once."
            ),
            button: "Remove the assignment",
            tone: Tone::Danger,
            action: REMOVAL.to_owned(),
            hidden: hidden
                .map(|(name, value)| (name, value.to_owned()))
                .to_vec(),
            back: self.back.clone(),
        }))
    }
}

async fn ask(
    administrator: Administrator,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let asked = Fields::from(asked);
    let Some(unwanted) = Unwanted::of(&asked) else {
        return administrator.gone("assignment");
    };
    match unwanted
        .confirmation(&administrator, asked.text("name"))
        .await?
    {
        Some(confirmation) => confirmation.show(&administrator, None),
        None => administrator.gone("assignment"),
    }
}

async fn remove(Sent(administrator, sent): Sent) -> Result<Response, Refusal> {
    let Some(unwanted) = Unwanted::of(&sent) else {
        return administrator.gone("assignment");
    };
    let assignment = &unwanted.assignment;
    let (kind, id) = assignment.principal.parts();
    let about = json!({
        "targetId": assignment.account_id, "permissionSetId": assignment.permission_set_id,
        "principalType": kind, "principalId": id,
    });
    let removed = administrator
        .perform(
            EVENT_SOURCE,
            "DeleteAccountAssignment",
            about,
            async |act| access::delete_account_assignment(act, assignment).await,
        )
        .await?;
    match removed {
        Ok(_) => Ok(lead_to(&unwanted.back, Done::Unassigned)),
        Err(_) => administrator.gone("assignment"),
    }
}
