use axum::{Router, extract::Query, response::Response, routing::get};
use serde_json::json;

use super::{
    PATH, choices,
    picks::{MOST, MOST_ASSIGNMENTS, Named, Picks},
};
use crate::{
    Portal,
    access::{self, AccessError, EVENT_SOURCE, RequestStatus},
    web::{
        Refusal,
        admin::{
            Section,
            administrator::{Administrator, Sent},
            fields::Fields,
            listing::address,
            problem::Problem,
            view::{Card, Cell, Field, Form, Input, Link, Page, Table, Tone},
        },
    },
};

const WIZARD: &str = "/admin/assignments/new";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route(WIZARD, get(step).post(assign))
}

/// A step on the way. All that is picked travels along in the page's one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Accounts,
    Groups,
    Users,
    Sets,
    Review,
}

impl Step {
    const ALL: [Self; 5] = [
        Self::Accounts,
        Self::Groups,
        Self::Users,
        Self::Sets,
        Self::Review,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Groups => "groups",
            Self::Users => "users",
            Self::Sets => "sets",
            Self::Review => "review",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The name of its field.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            Self::Groups => "group",
            Self::Users => "user",
            Self::Sets | Self::Review => "set",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Groups => "Groups",
            Self::Users => "Users",
            Self::Sets | Self::Review => "Permission sets",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Accounts => "Assign: in which accounts?",
            Self::Groups => "Assign: to which groups?",
            Self::Users => "Assign: to which users?",
            Self::Sets => "Assign: which permission sets?",
            Self::Review => "Assign: is this right?",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Accounts => "Tick the accounts to open.",
            Self::Groups => {
                "Groups are best: whoever joins has the access, whoever leaves has it no more. \
                 Without one, go on to users."
            }
            Self::Users => "Only for access that one person alone shall have.",
            Self::Sets => "What they may do in each of the accounts.",
            Self::Review => "Every group and user gets every permission set in every account.",
        }
    }

    fn search(self) -> &'static str {
        match self {
            Self::Accounts => "Part of a name, id or email address",
            Self::Groups => "How the group's name begins",
            Self::Users => "How the user's name or email address begins",
            Self::Sets | Self::Review => "Part of a name",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Accounts => Self::Groups,
            Self::Groups => Self::Users,
            Self::Users => Self::Sets,
            Self::Sets | Self::Review => Self::Review,
        }
    }

    /// The first that still lacks something, up to this one.
    fn held_back_by(self, picks: &Picks) -> Option<(Self, Problem)> {
        let lacks = |step: Self, text: &str| Some((step, Problem::general(text)));
        let nobody = picks.groups.is_empty() && picks.users.is_empty();
        match self {
            Self::Review if picks.sets.is_empty() => {
                lacks(Self::Sets, "Tick at least one permission set.")
            }
            Self::Sets | Self::Review if nobody => lacks(
                Self::Users,
                "Tick at least one user, or go back and tick a group.",
            ),
            Self::Accounts => None,
            _ if picks.accounts.is_empty() => lacks(Self::Accounts, "Tick at least one account."),
            _ => None,
        }
    }
}

async fn step(
    administrator: Administrator,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let asked = Fields::from(asked);
    let picks = Picks::of(&asked);
    let here = Step::named(asked.text("step")).unwrap_or(Step::Accounts);
    let wanted = Step::named(asked.text("go")).unwrap_or(here);
    let came_in = asked.text("step").is_empty();
    let (step, problem) = match wanted.held_back_by(&picks) {
        Some((step, problem)) if !came_in => (step, Some(problem)),
        Some((step, _)) => (step, None),
        None => (wanted, None),
    };
    let page = match step {
        Step::Review => review(&administrator, &picks, None).await?,
        _ => choose(&administrator, step, &picks, &asked, problem.as_ref()).await?,
    };
    administrator.show(&page)
}

async fn choose(
    administrator: &Administrator,
    step: Step,
    picks: &Picks,
    asked: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    // What was sought in another step is not sought here.
    let same = asked.text("step") == step.name() && asked.optional("go").is_none();
    let (search, after) = match same {
        true => (asked.text("search"), asked.text("after")),
        false => ("", ""),
    };
    let (table, more) = choices::table(administrator, step, picks, search, after).await?;
    let shown = table.ticks();
    let mut form = Form::asking("choose", WIZARD)
        .hidden("step", step.name())
        .field(Field::new("search", step.search(), Input::Find).value(search));
    for (kind, id) in picks.fields() {
        if !shown
            .iter()
            .any(|(name, value)| (*name, value.as_str()) == (kind, id))
        {
            form = form.hidden(kind, id);
        }
    }
    if let Some(after) = more {
        form = form.button("More", Tone::Plain, Some(("after", after)));
    }
    let form = form
        .table(table)
        .button(
            "Continue",
            Tone::Primary,
            Some(("go", step.next().name().to_owned())),
        )
        .troubled(problem);
    let card = Card::new("choices", "").text(step.advice()).form(form);
    page(administrator, step, picks, card).await
}

/// The page of a step: what it asks, and what is picked so far.
async fn page(
    administrator: &Administrator,
    step: Step,
    picks: &Picks,
    card: Card,
) -> Result<Page, Refusal> {
    let named = picks.named(administrator.portal.pool()).await?;
    let card = match picks.are_cut {
        true => card.notice(format!(
            "{MOST} of a kind are picked at most; what came after them was left out. Assign the \
             rest afterwards, or use a group."
        )),
        false => card,
    };
    let page = administrator
        .page(Section::Assignments, step.title())?
        .back("Assignments", PATH)
        .card(card);
    if named.is_empty() {
        return Ok(page);
    }
    let rows = named.iter().map(|named| {
        let without = picks
            .fields()
            .filter(|picked| *picked != (named.kind, &named.id));
        let query: Vec<(&str, &str)> = without.chain([("step", step.name())]).collect();
        vec![
            Cell::from(named.name.as_str()).quiet(noun(named)),
            Cell::link(format!("Leave out {}", named.name), address(WIZARD, &query)),
        ]
    });
    let table = Table::new("Picked so far", &["Picked", ""], "").rows(rows);
    Ok(page.card(Card::new("picked", "Picked so far").table(table)))
}

fn noun(named: &Named) -> &'static str {
    match named.kind {
        "account" => "Account",
        "group" => "Group",
        "user" => "User",
        _ => "Permission set",
    }
}

async fn review(
    administrator: &Administrator,
    picks: &Picks,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let count = picks.count();
    let label = match count {
        1 => "Make the assignment".to_owned(),
        count => format!("Make {count} assignments"),
    };
    let card = Card::new("review", "").text(Step::Review.advice());
    if count > MOST_ASSIGNMENTS {
        let text = format!(
            "These would be {count} assignments; {MOST_ASSIGNMENTS} at most are made at once. \
             Leave some out."
        );
        return page(administrator, Step::Review, picks, card.notice(text)).await;
    }
    let mut form = Form::new("assign", WIZARD)
        .submit(label)
        .cancel("Cancel", PATH);
    for (kind, id) in picks.fields() {
        form = form.hidden(kind, id);
    }
    let card = card.form(form.troubled(problem));
    page(administrator, Step::Review, picks, card).await
}

async fn assign(Sent(administrator, sent): Sent) -> Result<Response, Refusal> {
    let picks = Picks::of(&sent);
    let count = picks.count();
    if count == 0 || count > MOST_ASSIGNMENTS {
        let problem = Problem::general("Nothing was assigned. Pick again what belongs together.");
        let page = review(&administrator, &picks, Some(&problem)).await?;
        return administrator.show_again(&page);
    }
    let about = json!({
        "targetIds": picks.accounts, "permissionSetIds": picks.sets,
        "userIds": picks.users, "groupIds": picks.groups,
    });
    let made = administrator
        .perform(
            EVENT_SOURCE,
            "CreateAccountAssignment",
            about,
            async |act| {
                for wanted in picks.assignments() {
                    let request = access::create_account_assignment(act, &wanted).await?;
                    if request.status == RequestStatus::Failed {
                        // Of several that belong together none is made without the others.
                        let reason = request.failure_reason.unwrap_or_default();
                        return Err(AccessError::Conflict(reason));
                    }
                }
                Ok(())
            },
        )
        .await?;
    match made {
        Ok(()) => done(&administrator, &picks).await,
        Err(problem) => {
            let page = review(&administrator, &picks, Some(&problem)).await?;
            administrator.show_again(&page)
        }
    }
}

async fn done(administrator: &Administrator, picks: &Picks) -> Result<Response, Refusal> {
    let named = picks.named(administrator.portal.pool()).await?;
    let rows = named
        .iter()
        .map(|named| vec![Cell::from(named.name.as_str()), noun(named).into()]);
    let table = Table::new("What was assigned", &["Name", "Kind"], "").rows(rows);
    let text = match picks.count() {
        1 => "The assignment is made and works at once.".to_owned(),
        count => format!("{count} assignments are made and work at once."),
    };
    let page = administrator
        .page(Section::Assignments, "Assigned")?
        .link(Link::to("Assign more", WIZARD))
        .link(Link::to("All assignments", PATH))
        .card(Card::new("assigned", "").text(text).table(table));
    administrator.show(&page)
}
