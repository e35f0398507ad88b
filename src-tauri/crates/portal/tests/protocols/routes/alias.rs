//! The portal's own address beside its routes.

use portal::{
    act::{Act, Actor},
    settings::{self, SettingsError},
};

use super::patterns;
use crate::house::House;

#[tokio::test]
async fn a_customized_address_hides_no_page() {
    let house = House::new().await;
    let machine = Actor::machine();
    for pattern in patterns(&house) {
        let first = pattern.split('/').nth(1).unwrap_or_default();
        let mut act = Act::begin(&house.portal, &machine).await.expect("begun");
        let taken = settings::customize_url(&mut act, first).await;
        let is_refused = matches!(taken, Err(SettingsError::Invalid(_)));
        assert!(is_refused, "{pattern}: {taken:?}");
    }
}
