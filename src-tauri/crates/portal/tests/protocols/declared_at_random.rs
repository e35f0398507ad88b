//! Whatever is declared, applied and exported, comes back the same.

use std::collections::BTreeMap;

use portal::{
    config::MfaMode,
    declaration::{
        self, Account, Application, Assignment, AttributeMapping, Declaration, Group, Options,
        PermissionSet, Policy, Role, Scope, Settings, TokenIssuer, Tokens, TrustedIssuer, Unit,
        User,
    },
    mfa::{self, WithoutFactor},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Map, Value, json};

use crate::house::House;

/// An application of another instance.
const ELSEWHERE: &str =
    "arn:aws:sso::111122223333:application/ssoins-0123456789abcdef/apl-0123456789abcdef";

#[tokio::test]
async fn what_is_declared_comes_back_the_same() {
    for seed in 0..6 {
        let declared = Dice(StdRng::seed_from_u64(seed)).declaration();
        // As a file, for so it is given.
        let text = declared.to_toml().expect("TOML");
        let declared = Declaration::parse(&text).expect("a declaration");

        let house = House::without_organization(|_| {}).await;
        apply(&house, &declared, seed).await;
        let first = house.exported().await;
        assert_eq!(
            apply(&house, &declared, seed).await,
            0,
            "seed {seed}: {text}"
        );

        let elsewhere = House::without_organization(|_| {}).await;
        let parsed = Declaration::parse(&first).expect("an export");
        apply(&elsewhere, &parsed, seed).await;
        assert_eq!(elsewhere.exported().await, first, "seed {seed}: {text}");
        assert_eq!(apply(&elsewhere, &declared, seed).await, 0, "seed {seed}");
    }
}

/// How many changes it took.
async fn apply(house: &House, declared: &Declaration, seed: u64) -> usize {
    let applied = declaration::apply(&house.portal, declared, &Options::default()).await;
    applied
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        .changes
        .len()
}

struct Dice(StdRng);

impl Dice {
    fn upto(&mut self, most: usize) -> usize {
        self.0.random_range(0..=most)
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.0.random_bool(0.5).then(|| make(self))
    }

    fn flag(&mut self) -> bool {
        self.0.random_bool(0.5)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.random_range(0..from.len())]
    }

    fn some<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        from.iter()
            .filter(|_| self.0.random_bool(0.4))
            .cloned()
            .collect()
    }

    /// A text that TOML, SQL and paths could stumble over, made unique by `number`.
    fn text(&mut self, number: usize) -> String {
        let words = [
            "plain",
            "Ünïcode",
            "two words",
            "a \"quoted\" one",
            "back\\slash",
            "sl/ash",
            "#hash",
            "漢字",
            "{{7*7}}",
            "'; DROP TABLE users; --",
            "[table]",
            "it's",
            "%s",
        ];
        format!("{} {number}", self.pick(&words))
    }

    fn tags(&mut self) -> BTreeMap<String, String> {
        (0..self.upto(2))
            .map(|number| (format!("key:{number}"), "some value/1".to_owned()))
            .collect()
    }

    fn declaration(mut self) -> Declaration {
        let units: Vec<Unit> = (0..self.upto(4)).map(|number| self.unit(number)).collect();
        let accounts: Vec<Account> = (0..=self.upto(5))
            .map(|number| self.account(number, &units))
            .collect();
        let users: Vec<User> = (0..self.upto(8)).map(|number| self.user(number)).collect();
        let names: Vec<String> = users.iter().map(|user| user.user_name.clone()).collect();
        let groups: Vec<Group> = (0..self.upto(4))
            .map(|number| Group {
                name: self.text(number),
                description: self.maybe(|dice| dice.text(0)),
                members: self.some(&names),
            })
            .collect();
        let group_names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
        let permission_sets: Vec<PermissionSet> = (0..self.upto(4))
            .map(|number| self.permission_set(number))
            .collect();
        let open: Vec<String> = accounts
            .iter()
            .filter(|account| !account.closed)
            .flat_map(|account| [account.id.clone(), account.name.clone()])
            .chain(["*".to_owned()])
            .collect();
        let sets: Vec<String> = permission_sets.iter().map(|set| set.name.clone()).collect();
        let to_groups = group_names.iter().map(|name| (Some(name.clone()), None));
        let principals = to_groups.chain(names.iter().map(|name| (None, Some(name.clone()))));
        let assignments = principals
            .map(|(group, user)| Assignment {
                group,
                user,
                permission_sets: self.some(&sets),
                accounts: self.some(&open),
            })
            .collect();
        let token_issuers: Vec<TokenIssuer> = (0..self.upto(2))
            .map(|number| self.token_issuer(number))
            .collect();
        let mut applications: Vec<Application> = (0..self.upto(3))
            .map(|number| self.application(number, &names, &group_names))
            .collect();
        let mut targets = vec!["instance".to_owned(), ELSEWHERE.to_owned()];
        targets.extend(
            applications
                .iter()
                .map(|one| format!("application {}", one.name)),
        );
        for application in &mut applications {
            application.tokens = self.tokens(&token_issuers, &targets);
        }
        let roles = (0..self.upto(2))
            .map(|number| self.role(number, &accounts))
            .collect();
        let types = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"].map(str::to_owned);
        let policy_types = self.maybe(|dice| dice.some(&types));
        let services = ["backup.amazonaws.com", "sso.amazonaws.com"].map(str::to_owned);
        let regions = ["ap-southeast-2", "sa-east-1"].map(str::to_owned);
        let policies = (0..self.upto(3))
            .map(|number| self.policy(number, policy_types.as_deref(), &units, &accounts))
            .collect();
        Declaration {
            policy_types,
            trusted_services: self.maybe(|dice| dice.some(&services)),
            resource_policy: None,
            portal: self.maybe(|dice| Settings {
                alias: dice.maybe(|_| "our-own".to_owned()),
                instance_name: dice.maybe(|_| "Ours".to_owned()),
                added_regions: dice.maybe(|dice| dice.some(&regions)),
                tags: dice.maybe(Self::tags),
                session_minutes: dice.maybe(|dice| 15 + dice.upto(600) as i64),
            }),
            mfa: self.maybe(Self::second_factors),
            delegated_administrators: None,
            policies,
            token_issuers,
            access_control_attributes: self.maybe(|_| {
                [(
                    "team".to_owned(),
                    "${path:enterprise.department}".to_owned(),
                )]
                .into()
            }),
            units,
            accounts,
            users,
            groups,
            permission_sets,
            assignments,
            applications,
            roles,
        }
    }

    fn unit(&mut self, number: usize) -> Unit {
        let mut path = |number| {
            let name = self.text(number);
            name.replace('\\', "\\\\").replace('/', "\\/")
        };
        Unit {
            path: format!("{}/{}", path(number), path(0)),
            tags: self.tags(),
        }
    }

    fn account(&mut self, number: usize, units: &[Unit]) -> Account {
        Account {
            id: format!("{:012}", 400_000_000_000_u64 + number as u64),
            name: self.text(number),
            email: format!("aws+{number}@example.com"),
            unit: self.maybe(|dice| match units {
                [] => "Elsewhere".to_owned(),
                units => dice.pick(units).path.clone(),
            }),
            management: number == 0,
            closed: number > 0 && self.flag(),
            tags: self.tags(),
        }
    }

    fn second_factors(&mut self) -> mfa::Policy {
        let ways = [
            WithoutFactor::Enrol,
            WithoutFactor::Block,
            WithoutFactor::Allow,
        ];
        mfa::Policy {
            mode: *self.pick(&[MfaMode::Never, MfaMode::ContextAware, MfaMode::Always]),
            authenticator_apps: true,
            security_keys: self.flag(),
            without_factor: *self.pick(&ways),
            self_service: self.flag(),
        }
    }

    /// Attached to something only where its type is in force.
    fn policy(
        &mut self,
        number: usize,
        types: Option<&[String]>,
        units: &[Unit],
        accounts: &[Account],
    ) -> Policy {
        let kind = *self.pick(&["SERVICE_CONTROL_POLICY", "TAG_POLICY"]);
        let places = units.iter().map(|unit| unit.path.clone());
        let mut places: Vec<String> = places.chain(["/".to_owned()]).collect();
        let mut ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
        if !types.is_some_and(|types| types.iter().any(|one| one == kind)) {
            places.clear();
            ids.clear();
        }
        Policy {
            name: self.text(number),
            policy_type: kind.to_owned(),
            description: self.maybe(|dice| dice.text(0)),
            content: Some(
                json!({ "Statement": [{ "Effect": "Deny", "Action": "*" }] }).to_string(),
            ),
            units: self.some(&places),
            accounts: self.some(&ids),
            tags: self.tags(),
        }
    }

    fn user(&mut self, number: usize) -> User {
        let email = match self.flag() {
            true => format!("user{number}@example.com"),
            false => String::new(),
        };
        let mut attributes = Map::new();
        for name in ["title", "nickName", "locale", "timezone", "userType"] {
            if self.flag() {
                attributes.insert(name.to_owned(), self.text(0).into());
            }
        }
        if self.flag() {
            attributes.insert("name".to_owned(), json!({ "givenName": self.text(1) }));
        }
        if self.flag() {
            let department = json!({ "department": "Sales", "manager": { "displayName": "x" } });
            let enterprise = json!({ "aws:identitystore:enterprise": department });
            attributes.insert("extensions".to_owned(), enterprise);
        }
        if !email.is_empty() && self.flag() {
            let emails = json!([{ "value": email, "type": "work", "primary": true }]);
            attributes.insert("emails".to_owned(), emails);
        }
        User {
            user_name: format!(
                "{}{number}",
                self.pick(&["Ana", "ben", "čárka", "o'neil", "a+b@c"])
            ),
            display_name: self.text(number),
            email,
            enabled: self.flag(),
            attributes,
        }
    }

    fn permission_set(&mut self, number: usize) -> PermissionSet {
        const AWS: &str = "arn:aws:iam::aws:policy/";
        let managed = [
            "ReadOnlyAccess",
            "AmazonS3FullAccess",
            "AdministratorAccess",
        ];
        let managed = managed.map(|name| format!("{AWS}{name}"));
        PermissionSet {
            name: format!("Set{number}"),
            description: self.maybe(|_| "\"Some\" of\tit".to_owned()),
            session_hours: 1 + self.upto(10) as i64,
            session_seconds: if self.flag() { 90 } else { 0 },
            relay_state: self.maybe(|_| "https://console.aws.amazon.com/s3/".to_owned()),
            managed_policies: self.some(&managed),
            customer_policies: self.some(&["Deploy".to_owned(), "/teams/Ship".to_owned()]),
            inline_policy: self.maybe(|dice| {
                let resource: Value = dice.pick(&["*", "a'b", "\"\"\"", "\\n"]).to_owned().into();
                json!({ "Statement": [{ "Resource": resource }] }).to_string()
            }),
            boundary: self.maybe(|dice| {
                dice.pick(&["/Limit".to_owned(), managed[0].clone()])
                    .clone()
            }),
            tags: self.tags(),
        }
    }

    fn application(&mut self, number: usize, users: &[String], groups: &[String]) -> Application {
        let sign_in = self.maybe(|_| "APPLICATION".to_owned());
        Application {
            name: self.text(number),
            provider: (*self.pick(&["custom", "custom-saml", "catalog/Jenkins"])).to_owned(),
            description: self.maybe(|dice| dice.text(0)),
            enabled: self.flag(),
            visible: self.flag(),
            url: sign_in
                .as_ref()
                .map(|_| "https://app.example.com/?a=b".to_owned()),
            sign_in,
            assignment_required: self.flag(),
            background_sessions: self.flag(),
            tokens: Tokens::default(),
            attributes: self.maybe(|_| {
                vec![AttributeMapping {
                    name: "Subject".to_owned(),
                    source: "${user:email}".to_owned(),
                    format: "emailAddress".to_owned(),
                }]
            }),
            users: self.some(users),
            groups: self.some(groups),
            tags: self.tags(),
        }
    }

    fn token_issuer(&mut self, number: usize) -> TokenIssuer {
        TokenIssuer {
            name: format!("issuer{number}"),
            issuer_url: format!("https://{number}.example.com/a=b"),
            claim_attribute_path: (*self.pick(&["email", "sub"])).to_owned(),
            identity_store_attribute_path: (*self.pick(&["emails.value", "userName"])).to_owned(),
            tags: self.tags(),
        }
    }

    fn tokens(&mut self, issuers: &[TokenIssuer], targets: &[String]) -> Tokens {
        let uris = ["https://app.example.com/back", "http://127.0.0.1:1/"].map(str::to_owned);
        let scopes = ["sso:account:access", "wiki:read"].map(str::to_owned);
        let trusted = self.some(issuers).into_iter().map(|issuer| TrustedIssuer {
            url: issuer.issuer_url,
            audiences: vec!["wiki".to_owned(), "a \"b\"".to_owned()],
        });
        Tokens {
            issuers: trusted.collect(),
            redirect_uris: self.some(&uris),
            refresh: self.flag(),
            exchange: self.flag(),
            scopes: self
                .some(&scopes)
                .into_iter()
                .map(|name| Scope {
                    name,
                    targets: self.some(targets),
                })
                .collect(),
            actor_policy: self.maybe(|dice| {
                let principal: Value = dice.text(0).into();
                json!({ "Statement": [{ "Principal": principal, "Effect": "Allow" }] }).to_string()
            }),
        }
    }

    fn role(&mut self, number: usize, accounts: &[Account]) -> Role {
        Role {
            account: self.pick(accounts).id.clone(),
            name: format!("Role{number}"),
            trusts: "arn:aws:sts::*:assumed-role/*".to_owned(),
            require_mfa: self.flag(),
            external_id: self.maybe(|dice| dice.text(0)),
            session_hours: 1 + self.upto(11) as i64,
        }
    }
}
