use super::{
    super::{
        administrator::Administrator,
        listing::{PROBE, cut},
        view::{Cell, Table, Tick},
    },
    picks::Picks,
    wizard::Step,
};
use crate::{
    access::{self, PermissionSetEntry},
    directory::{self, GroupEntry, UserEntry},
    organization::{self, AccountEntry},
    web::Refusal,
};

/// A table of what can be picked in a step, and the key of its last row if there are more.
pub(super) async fn table(
    administrator: &Administrator,
    step: Step,
    picks: &Picks,
    search: &str,
    after: &str,
) -> Result<(Table, Option<String>), Refusal> {
    let (rows, more) = shown(administrator, step, search, after).await?;
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

/// Something that can be picked.
struct Row {
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
    match step {
        Step::Accounts => {
            let mut found = organization::find_accounts(pool, search, after, PROBE).await?;
            let more = cut(&mut found, AccountEntry::key);
            found.retain(|entry| !entry.account.is_suspended);
            Ok((rows(found), more))
        }
        Step::Groups => {
            let mut found = directory::find_groups(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |group| group.key.clone());
            Ok((rows(found), more))
        }
        Step::Users => {
            let mut found = directory::find_users(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |user| user.key.clone());
            Ok((rows(found), more))
        }
        Step::Sets | Step::Review => {
            let mut found = access::find_permission_sets(pool, search, after, PROBE).await?;
            let more = cut(&mut found, |set| set.name.clone());
            Ok((rows(found), more))
        }
    }
}

fn rows<T: Into<Row>>(found: Vec<T>) -> Vec<Row> {
    found.into_iter().map(T::into).collect()
}

impl From<AccountEntry> for Row {
    fn from(AccountEntry { account, .. }: AccountEntry) -> Self {
        Self {
            about: format!("{} · {}", account.id, account.email),
            id: account.id,
            name: account.name,
        }
    }
}

impl From<GroupEntry> for Row {
    fn from(group: GroupEntry) -> Self {
        Self {
            about: group.description.unwrap_or_default(),
            id: group.id,
            name: group.display_name,
        }
    }
}

impl From<UserEntry> for Row {
    fn from(user: UserEntry) -> Self {
        Self {
            about: user.email.unwrap_or(user.display_name),
            id: user.id,
            name: user.user_name,
        }
    }
}

impl From<PermissionSetEntry> for Row {
    fn from(set: PermissionSetEntry) -> Self {
        Self {
            about: set.description.unwrap_or_default(),
            id: set.id,
            name: set.name,
        }
    }
}
