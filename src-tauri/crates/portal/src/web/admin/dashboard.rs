//! Where administration begins: what there is, what to do first, and what happened last.

use axum::{Router, response::Response, routing::get};

use super::{
    Section,
    administrator::Administrator,
    audit,
    view::{Card, Cell, Link, Step, Table},
};
use crate::{Portal, access, directory, organization, web::Refusal};

/// So many of the last events are shown.
const RECENT: u32 = 10;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin", get(show))
        .route("/admin/", get(show))
}

/// How many there are of everything.
struct Counts {
    users: i64,
    groups: i64,
    accounts: i64,
    sets: i64,
    assignments: i64,
}

impl Counts {
    async fn read(administrator: &Administrator) -> Result<Self, sqlx::Error> {
        let pool = administrator.portal.pool();
        let (users, groups) = directory::counts(pool).await?;
        let (sets, assignments) = access::counts(pool).await?;
        let accounts = organization::count_accounts(pool).await?;
        Ok(Self {
            users,
            groups,
            accounts,
            sets,
            assignments,
        })
    }

    fn facts(&self) -> Card {
        let counted = |count: i64, section: Section| Cell::link(count.to_string(), section.path());
        Card::new("counts", "What there is")
            .fact("Users", counted(self.users, Section::Users))
            .fact("Groups", counted(self.groups, Section::Groups))
            .fact("Accounts", counted(self.accounts, Section::Accounts))
            .fact(
                "Permission sets",
                counted(self.sets, Section::PermissionSets),
            )
            .fact(
                "Assignments",
                counted(self.assignments, Section::Assignments),
            )
    }

    /// The one who looks at it is a user with an assignment already, most often through a group.
    fn steps(&self, settled: bool) -> Option<Card> {
        let steps = vec![
            Step {
                label: "Choose how the portal is called and how long sessions last",
                target: Section::Settings.path(),
                done: settled,
            },
            Step {
                label: "Create the users, or the first of them",
                target: "/admin/users/new",
                done: self.users > 1,
            },
            Step {
                label: "Create groups for those who need the same access",
                target: "/admin/groups/new",
                done: self.groups > 1,
            },
            Step {
                label: "Create permission sets: what they may do",
                target: "/admin/permission-sets/new",
                done: self.sets > 1,
            },
            Step {
                label: "Assign accounts to the groups",
                target: "/admin/assignments/new",
                done: self.assignments > 1,
            },
        ];
        let all_done = steps.iter().all(|step| step.done);
        (!all_done).then(|| Card::new("first-steps", "First steps").steps(steps))
    }
}

async fn show(administrator: Administrator) -> Result<Response, Refusal> {
    let counts = Counts::read(&administrator).await?;
    let settled = super::settings::is_settled(&administrator).await?;
    let mut page = administrator.page(Section::Dashboard, "Overview")?;
    if let Some(steps) = counts.steps(settled) {
        page = page.card(steps);
    }
    let table = Table::new("The last events", &audit::COLUMNS, "Nothing happened yet.");
    let recent = audit::recent(&administrator, RECENT).await?;
    let card = Card::new("events", "The last events")
        .table(table.rows(recent.iter().map(audit::row)))
        .link(Link::to("All events", Section::Audit.path()));
    administrator.show(&page.card(counts.facts()).card(card))
}
