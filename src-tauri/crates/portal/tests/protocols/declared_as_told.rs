//! The reference of the declaration's form, `DECLARATION.md`: it is true, and nothing is missing.

use portal::{
    admin::Authority,
    declaration::{Declaration, Options},
};

use crate::house::House;

const REFERENCE: &str = include_str!("../../DECLARATION.md");

/// One place of each table of a declaration, with a field that is not there.
const PLACES: [&str; 19] = [
    "x = 1",
    "portal = { x = 1 }",
    "mfa = { x = 1 }",
    "units = [{ x = 1 }]",
    "accounts = [{ x = 1 }]",
    "policies = [{ x = 1 }]",
    "users = [{ x = 1 }]",
    "groups = [{ x = 1 }]",
    "permission_sets = [{ x = 1 }]",
    "assignments = [{ x = 1 }]",
    "token_issuers = [{ x = 1 }]",
    "applications = [{ x = 1 }]",
    "applications = [{ attributes = [{ x = 1 }] }]",
    "applications = [{ tokens = { x = 1 } }]",
    "applications = [{ tokens = { issuers = [{ x = 1 }] } }]",
    "applications = [{ tokens = { scopes = [{ x = 1 }] } }]",
    "roles = [{ x = 1 }]",
    "mfa = { mode = \"x\" }",
    "mfa = { without_factor = \"x\" }",
];

/// The example of the reference, as one file.
fn example() -> String {
    let blocks = REFERENCE.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .collect()
}

#[tokio::test]
async fn the_reference_is_applied_as_it_stands() {
    let house = House::without_organization(|_| {}).await;
    let none = Options::default();
    let taken = house.declare(&example(), &none).await.expect("applied");
    assert!(
        Authority::has_holder(house.portal.pool())
            .await
            .expect("asked")
    );
    for change in [
        "+ user ana",
        "+ application Builds",
        "+ role Deployer in 444455556666",
    ] {
        assert!(taken.iter().any(|taken| taken == change), "{taken:#?}");
    }
    let again = house.declare(&example(), &none).await.expect("applied");
    assert_eq!(again, [""; 0]);
}

#[test]
fn the_reference_names_everything_that_may_be_said() {
    for place in PLACES {
        let refused = Declaration::parse(place).expect_err(place).to_string();
        let (_, expected) = refused.split_once("expected ").expect(place);
        let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{refused}");
        for name in names {
            let told = [
                format!("{name} = "),
                format!("[{name}]"),
                format!(".{name}]"),
                name.to_owned(),
            ];
            let is_value = place.contains('"');
            let told = if is_value { &told[3..] } else { &told[..3] };
            assert!(
                told.iter().any(|told| example().contains(told)),
                "{place}: nothing is told of {name}"
            );
        }
    }
}
