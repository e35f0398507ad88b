//! Every route of the router's own list, asked as it must not be: by strangers, with forged forms, by
//! users for what is another's, with bodies and texts that are meant to break it. What is added to
//! the router is asked, too. The addresses, ids and forms are those that the pages themselves show.

mod alias;
mod bodies;
mod crawl;
mod hostile;
mod others;
mod strangers;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use portal::{
    access::{self, AccessControlAttribute, AccessError},
    act::Act,
    applications::{AttributeMapping, put_attribute_mappings},
    config::MfaMode,
    declaration, router,
};

use crate::{
    applications,
    browser::{Browser, PASSWORD, Page},
    house::House,
};
use crawl::{Crawl, Form};

/// What programs ask, with a token, a signature or a secret of their own: cookies say nothing there,
/// and no form leads there.
const APIS: [&str; 6] = [
    "/",
    "/client/register",
    "/device_authorization",
    "/token",
    "/logout",
    "/federation",
];

/// What is kept, as far as nobody may change it unasked: one text a row.
const KEPT: [&str; 9] = [
    "SELECT name || value FROM instance_settings ORDER BY name",
    "SELECT id || COALESCE(password_hash, '') FROM users ORDER BY id",
    "SELECT id || label || secret FROM factors ORDER BY id",
    "SELECT id || CAST(COALESCE(ended_at, 0) AS TEXT) FROM portal_sessions ORDER BY id",
    "SELECT user_id || kind || place_hash FROM known_places ORDER BY user_id, kind, place_hash",
    "SELECT access_key_id FROM admin_keys ORDER BY access_key_id",
    "SELECT token_hash FROM one_time_links ORDER BY token_hash",
    "SELECT token_hash FROM access_tokens ORDER BY token_hash",
    "SELECT id FROM client_registrations ORDER BY id",
];

/// A route, with an address at which there is something.
#[derive(Debug)]
struct Route {
    /// As the router has it: `/admin/users/{id}`.
    pattern: String,
    address: String,
    methods: Vec<Method>,
    /// A form that is sent there.
    form: Option<Form>,
}

impl Route {
    fn takes(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    /// Whether browsers send a form there.
    fn is_form(&self) -> bool {
        self.takes(&Method::POST) && !APIS.contains(&self.pattern.as_str())
    }

    /// What the form there would send, but for its token.
    fn fields(&self) -> Vec<(&str, &str)> {
        self.form.as_ref().map(Form::sent).unwrap_or_default()
    }
}

/// A portal in which everything exists that a page can be about.
async fn house() -> House {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    let wiki = applications::wiki(&house, true).await;
    house.perform(async |act| attribute(act, &wiki).await).await;
    house.enrol("admin").await;
    house.set_password("admin", false).await;
    house.sign_in("developer").await;
    // One permission set is to be provisioned again.
    let billing = access::permission_set_by_name(house.portal.pool(), "Billing").await;
    let id = billing.expect("store").expect("Billing").id;
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    house
        .perform(async |act| access::attach_managed_policy(act, &id, policy).await)
        .await;
    house
}

/// Something of a user becomes a session tag, and something is told to an application.
async fn attribute(act: &mut Act<'_>, application_id: &str) -> Result<(), AccessError> {
    let title = AccessControlAttribute {
        key: "title".to_owned(),
        source: "${path:title}".to_owned(),
    };
    access::create_attributes(act, &[title]).await?;
    let subject = AttributeMapping {
        name: "Subject".to_owned(),
        source: "${user:email}".to_owned(),
        format: "emailAddress".to_owned(),
    };
    put_attribute_mappings(act, application_id, &[subject]).await
}

/// A browser of the administrator, who has another session and, by a second factor, known places.
async fn administrator(house: &House) -> Browser<'_> {
    house.sign_in("admin").await;
    house
        .set_policy(|policy| policy.mode = MfaMode::Always)
        .await;
    let mut browser = house.browser();
    browser.give_password("admin", PASSWORD).await;
    browser.give_code(&house.code()).await.leads_to("/start");
    house
        .set_policy(|policy| policy.mode = MfaMode::Never)
        .await;
    browser
}

/// Every route, with what `crawl` came across.
async fn routes(house: &House, crawl: &Crawl) -> Vec<Route> {
    let patterns = patterns(house);
    let mut routes = Vec::new();
    for pattern in &patterns {
        let (address, form) = match crawl.found(&patterns, pattern) {
            Some((address, form)) => (address, form),
            None => (pattern.replace(['{', '}'], ""), None),
        };
        routes.push(Route {
            methods: methods(house, &address).await,
            pattern: pattern.clone(),
            address,
            form,
        });
    }
    routes
}

/// The paths of the router, which tells them nowhere else.
fn patterns(house: &House) -> Vec<String> {
    let told = format!("{:?}", router::router(house.portal.clone()));
    let (told, _) = told.split_once("fallback_router").expect("two routers");
    let mut patterns: Vec<String> = told
        .split("RouteId(")
        .filter_map(|told| {
            let (_, path) = told.split_once("): \"/")?;
            let (path, _) = path.split_once('"')?;
            Some(format!("/{path}"))
        })
        .collect();
    patterns.sort_unstable();
    for known in ["/", "/token", "/signin/code", "/admin/users/{id}/{act}"] {
        assert!(patterns.iter().any(|path| path == known), "{patterns:?}");
    }
    patterns
}

/// What a path is asked with, as the router says who is asked something else.
async fn methods(house: &House, address: &str) -> Vec<Method> {
    let path = address.split('?').next().unwrap_or(address);
    let request = Request::options(path).body(Body::empty());
    let answer = house.call(request.expect("request")).await;
    assert_eq!(answer.status, 405, "{address}");
    let allowed = answer.headers[header::ALLOW].to_str().expect("ASCII");
    allowed
        .split(',')
        .map(|method| method.parse().expect("a method"))
        .collect()
}

/// All that is kept.
async fn state(house: &House) -> String {
    let declared = declaration::export(&house.portal).await.expect("exported");
    let mut state = declared.to_toml().expect("TOML");
    for statement in KEPT {
        let rows: Vec<String> = sqlx::query_scalar(statement)
            .fetch_all(house.portal.pool())
            .await
            .expect("store");
        state.push_str(&format!("{statement}: {rows:#?}\n"));
    }
    state
}

/// Whether a browser would read this page's `markup` as such.
fn is_markup_in(page: &Page, markup: &str) -> bool {
    let kind = page.headers.get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    is_page && page.html.contains(markup)
}

/// Says what differs, and not everything there is.
#[track_caller]
fn is_unchanged(before: &str, after: &str) {
    let lines = before.lines().zip(after.lines());
    for (before, after) in lines {
        assert_eq!(before, after);
    }
    assert_eq!(before.lines().count(), after.lines().count());
}
