//! Sign-ins and password changes that an administrator's act overtakes.

use portal::{
    client::Client,
    directory::{self, NewPassword, User},
    sessions,
};
use time::Duration;

use crate::house::House;

const PASSWORD: &str = "a password of the user's choice";

async fn user(house: &House) -> User {
    let user = directory::user_by_name(house.portal.pool(), "storage").await;
    user.expect("store").expect("the user")
}

async fn password(text: &str) -> NewPassword {
    NewPassword::of(&text.into(), false).await.expect("hashed")
}

/// Whether a session begins for somebody who was `proved` to be themselves a moment ago.
async fn begins(house: &House, proved: &User) -> bool {
    let browser = Client::this_machine("a browser");
    let begun = sessions::create(&house.portal, &browser, proved, true).await;
    begun.expect("store").is_some()
}

#[tokio::test]
async fn no_session_begins_once_the_password_was_reset_or_the_user_disabled() {
    let house = House::new().await;
    let id = user(&house).await.id;
    let proved = user(&house).await;
    assert!(begins(&house, &proved).await);

    house.pass(Duration::seconds(1));
    let reset = password(PASSWORD).await;
    house
        .perform(async |act| directory::set_password(act, &id, &reset, None).await)
        .await;
    assert!(!begins(&house, &proved).await, "after a reset");

    let proved = user(&house).await;
    assert!(begins(&house, &proved).await);
    house
        .perform(async |act| directory::set_enabled(act, &id, false).await)
        .await;
    assert!(!begins(&house, &proved).await, "after disabling");
}

#[tokio::test]
async fn a_change_of_password_does_not_undo_a_reset() {
    let house = House::new().await;
    let id = user(&house).await.id;
    let (reset, chosen) = (password(PASSWORD).await, password("another one").await);
    let proved = user(&house).await;
    house.pass(Duration::seconds(1));
    house
        .perform(async |act| directory::set_password(act, &id, &reset, None).await)
        .await;

    let overtaken = house
        .perform(async |act| directory::replace_password(act, &proved, &chosen, None).await)
        .await;

    assert!(!overtaken);
    let verified =
        directory::verify_password(house.portal.pool(), "storage", &PASSWORD.into()).await;
    let proved = verified.expect("verified").expect("the reset stands");
    let changed = house
        .perform(async |act| directory::replace_password(act, &proved, &chosen, None).await)
        .await;
    assert!(changed);
}
