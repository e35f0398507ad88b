//! Lists that are longer than a page.

use axum::http::StatusCode;
use portal::{
    access::{self, AccountAssignment, Principal},
    act::Act,
    directory::{self, DirectoryError, GroupKey, NewGroup, UserAttributes},
    organization::{NewAccount, create_account},
};

use super::{administrator, house};
use crate::browser::Browser;

impl Browser<'_> {
    /// What stands between `before` and the next tag, on this page and all that follow it; and how
    /// many pages that are.
    async fn listed(&mut self, page: &str, before: &str) -> (Vec<String>, usize) {
        let (mut seen, mut pages, mut page) = (Vec::new(), 1, page.to_owned());
        loop {
            let shown = self.get(&page).await;
            assert_eq!(shown.status, StatusCode::OK, "{page}");
            let parts = shown.html.split(before).skip(1);
            seen.extend(parts.filter_map(|part| Some(part.split_once('<')?.0.to_owned())));
            let more = "<p class=\"more\"><a class=\"button\" href=\"";
            let Some((_, more)) = shown.html.split_once(more) else {
                return (seen, pages);
            };
            let target = more.split('"').next().unwrap_or_default();
            page = target.replace("&#38;", "&");
            pages += 1;
        }
    }
}

#[tokio::test]
async fn users_are_found_by_the_beginning_of_name_or_address_a_page_at_a_time() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    house.perform(async |act| hire(act, None).await).await;
    let (seen, pages) = browser
        .listed("/admin/users?search=WORKER", "\">worker")
        .await;
    let expected: Vec<String> = (0..120).map(|number| format!("{number:03}")).collect();
    assert_eq!((seen, pages), (expected, 3));
    let by_address = browser.get("/admin/users?search=w01").await;
    by_address.shows("worker015");
    by_address.does_not_show("worker020");
}

#[tokio::test]
async fn members_of_a_large_group_are_found_by_the_beginning_of_their_names() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let finance = directory::group_id(house.portal.pool(), GroupKey::Name("Finance")).await;
    let finance = finance.expect("store").expect("group");
    house
        .perform(async |act| hire(act, Some(&finance)).await)
        .await;
    let page = format!("/admin/groups/{finance}");
    let found = format!("{page}?search=WORKER");
    let (seen, pages) = browser.listed(&found, "\">worker").await;
    let expected: Vec<String> = (0..120).map(|number| format!("{number:03}")).collect();
    assert_eq!((seen, pages), (expected, 3));
    let (seen, pages) = browser.listed(&page, "\">worker").await;
    assert_eq!((seen.len(), pages), (120, 3));
    let one = browser.get(&format!("{page}?search=worker01")).await;
    one.shows("worker015");
    one.does_not_show("worker020");
    let stranger = browser.get(&format!("{page}?search=developer")).await;
    stranger.shows("No member&#39;s name begins like that.");
}

/// A hundred and twenty users, all in the group, if there is one.
async fn hire(act: &mut Act<'_>, group_id: Option<&str>) -> Result<(), DirectoryError> {
    for number in 0..120 {
        let name = format!("worker{number:03}");
        let email = format!("w{number:03}@mail.example.com");
        let new = UserAttributes::new(&name, "A worker", &email);
        let user = directory::create_user(act, &new).await?;
        if let Some(group_id) = group_id {
            directory::add_member(act, group_id, &user.id).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn access_and_groups_are_shown_a_page_at_a_time() {
    let house = house().await;
    let user = house.user_id("finance").await;
    let pool = house.portal.pool();
    let group = directory::group_id(pool, GroupKey::Name("Finance")).await;
    let group = group.expect("store").expect("group");
    let set = access::permission_set_by_name(pool, "ReadOnlyAccess").await;
    let set = set.expect("store").expect("permission set").id;
    for number in 0..60 {
        let email = format!("stage{number}@example.com");
        let new = NewAccount {
            name: "Stage",
            email: &email,
            ..NewAccount::default()
        };
        let creation = house.perform(async |act| create_account(act, &new).await);
        let assignment = AccountAssignment {
            account_id: creation.await.account_id.expect("created"),
            permission_set_id: set.clone(),
            principal: Principal::Group(group.clone()),
        };
        house
            .perform(async |act| access::create_account_assignment(act, &assignment).await)
            .await;
    }
    house
        .perform(async |act| {
            for number in 0..60 {
                let new = NewGroup {
                    display_name: &format!("Choir {number:02}"),
                    description: None,
                };
                let group = directory::create_group(act, &new).await?;
                directory::add_member(act, &group.id, &user).await?;
            }
            Ok::<_, DirectoryError>(())
        })
        .await;
    let mut browser = administrator(&house).await;
    for page in [
        format!("/admin/groups/{group}/access"),
        format!("/admin/users/{user}/access"),
    ] {
        let (seen, pages) = browser.listed(&page, "\">Stage").await;
        assert_eq!((seen.len(), pages), (60, 2), "{page}");
    }
    let page = format!("/admin/users/{user}/memberships");
    let (mut choirs, _) = browser.listed(&page, "\">Choir ").await;
    choirs.sort();
    let expected: Vec<String> = (0..60).map(|number| format!("{number:02}")).collect();
    assert_eq!(choirs, expected);
}
