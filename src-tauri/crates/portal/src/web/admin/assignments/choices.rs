use super::{
    super::{
        administrator::Administrator,
        listing::{PROBE, cut},
        view::{Cell, Table, Tick},
    },
    picks::Picks,
    wizard::Step,
};
use crate::{access, directory, organization, web::Refusal};

/// A table of what can be picked in a step, and the key of its last row if there are more.
pub(super) async fn table(
    administrator: &Administrator,
    step: Step,
    picks: &Picks,
    search: &str,
    after: &str,
) -> Result<(Table, Option<String>), Refusal> {
    let shown = shown(administrator, step, search, after).await?;
    let (rows, more) = shown;
    let columns = [step.noun(), "About"];
    let mut table = Table::new(step.noun(), &columns, "Nothing is called that.");
    for row in rows {
        let tick = Tick {
            ticked: picks.has(step.kind(), &row.id),
            name: step.kind(),
            value: row.id,
            label: row.name,
        };
        table.row([Cell::tick(tick), row.about.into()]);
    }
    Ok((table, more))
}

/// The ids in a table: whether they are picked, its boxes say.
pub(super) struct Row {
    id: String,
    name: String,
    about: String,
}

async fn shown(
    administrator: &Administrator,
    step: Step,
    search: &str,
    after: &str,
) -> Result<(Vec<Row>, Option<String>), Refusal> {
    let pool = administrator.portal.pool();
    let (rows, more): (Vec<Row>, _) = match step {
        Step::Accounts => {
            let mut found = organization::find_accounts(pool, search, after, PROBE).await?;
            let more = cut(&mut found, organization::AccountEntry::key);
            found.retain(|entry| !entry.account.is_suspended);
            let rows = found.into_iter().map(|entry| Row {
                about: format!("{} · {}", entry.account.id, entry.account.email),
                id: entry.account.id,
                name: entry.account.name,
            });
            (rows.collect(), more)
        }
        Step::Groups => {
            let mut found = directory::find_groups(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |group| group.key.clone());
            let rows = found.into_iter().map(|group| Row {
                about: group.description.unwrap_or_default(),
                id: group.id,
                name: group.display_name,
            });
            (rows.collect(), more)
        }
        Step::Users => {
            let mut found = directory::find_users(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |user| user.key.clone());
            let rows = found.into_iter().map(|user| Row {
                about: user.email.unwrap_or(user.display_name),
                id: user.id,
                name: user.user_name,
            });
            (rows.collect(), more)
        }
        Step::Sets | Step::Review => {
            let mut found = access::find_permission_sets(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |set| set.name.clone());
            let rows = found.into_iter().map(|set| Row {
                about: set.description.unwrap_or_default(),
                id: set.id,
                name: set.name,
            });
            (rows.collect(), more)
        }
    };
    Ok((rows, more))
}
