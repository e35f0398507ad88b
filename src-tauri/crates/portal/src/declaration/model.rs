use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Values by key.
pub(super) type Tags = BTreeMap<String, String>;

/// What is set of the portal as a whole; nothing of what is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The last part of the portal's own address, which can be given once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// What the instance is called; empty: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// The regions that the instance is in, beside the one of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_regions: Option<Vec<String>>,
    /// The instance's tags: these and no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// How long users stay signed in: 15 to 129600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_minutes: Option<i64>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// A path of names: `Workloads/Production`. A slash within a name has a backslash before it.
    pub path: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits, in quotes.
    pub id: String,
    /// Shown to users.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// The organizational unit, as a path of names: `Workloads/Production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether it is the management account, of which there is one. What it was it stays until
    /// another is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub management: bool,
    /// Whether it is closed, which users then do not see.
    #[serde(default, skip_serializing_if = "is_false")]
    pub closed: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A policy of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Unique among those of its type.
    pub name: String,
    /// As AWS calls it: `SERVICE_CONTROL_POLICY`.
    #[serde(rename = "type")]
    pub policy_type: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON. AWS's own policies, as FullAWSAccess, have none here: they stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The organizational units it is attached to, by their paths; `/` is the root, `*` the root
    /// and every unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// The accounts it is attached to, by id or name; `*` is every account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A user. Passwords are set by `vestibule-portal password` or by the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What they sign in with: letters, digits and signs, 128 at most.
    pub user_name: String,
    /// How they are called.
    pub display_name: String,
    /// Unique; empty for one without.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Whether they may sign in.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// What else is said of them, in AWS's names: `title`, `name = { givenName = "…" }`, `emails`
    /// where there is more to say than the one address.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Unique.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// User names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// A permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSet {
    /// Letters, digits and `+=,.@-_`, 32 at most.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How long its sessions last, in hours: 1 to 12.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub session_hours: i64,
    /// How long its sessions last beyond that, in seconds, where it is no whole number of hours.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session_seconds: i64,
    /// Where in the console its users land.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay_state: Option<String>,
    /// ARNs of AWS managed policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed_policies: Vec<String>,
    /// Paths and names of customer managed policies, which every account must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_policies: Vec<String>,
    /// One policy document, JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_policy: Option<String>,
    /// The permissions boundary: the ARN of an AWS managed policy, or a customer managed one's path
    /// and name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// Permission sets for a user or a group, in accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The name of a group; either this or `user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The name of a user; either this or `group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Names of permission sets.
    pub permission_sets: Vec<String>,
    /// Account ids or names; `*` is every account of the file that is not closed.
    pub accounts: Vec<String>,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Shown to users, and what it is found by: unique in the file.
    pub name: String,
    /// What kind it is: `custom`, `custom-saml`, or of the catalogue, as in `catalog/Box`.
    pub provider: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it can be opened.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// Whether the portal shows it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub visible: bool,
    /// Where a sign-in begins: `IDENTITY_CENTER` or `APPLICATION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// Where it starts; with `sign_in`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether only those may open it to whom it is assigned.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub assignment_required: bool,
    /// Whether its sessions go on in the background when their user has signed out.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub background_sessions: bool,
    /// How it gets tokens for its users.
    #[serde(default, skip_serializing_if = "Tokens::is_empty")]
    pub tokens: Tokens,
    /// What it is told about its users; none: what its provider has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<AttributeMapping>>,
    /// Names of the users it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Names of the groups it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// What an application is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeMapping {
    /// The application's name of it.
    pub name: String,
    /// Where its value comes from, as in `${user:email}`.
    pub source: String,
    /// As in `unspecified`.
    pub format: String,
}

/// How an application gets tokens for its users, and what it may ask with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// For a code that a browser brought to one of these addresses; none: not for codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Whether for a refresh token.
    #[serde(skip_serializing_if = "is_false")]
    pub refresh: bool,
    /// Whether for another application's token.
    #[serde(skip_serializing_if = "is_false")]
    pub exchange: bool,
    /// For the tokens of these issuers; none: not for others' tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<TrustedIssuer>,
    /// What it may ask of others on behalf of its users.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
    /// Who may act for it through IAM: a policy document, JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_policy: Option<String>,
}

impl Tokens {
    /// Whether it gets none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A token issuer whose tokens an application may bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// The `issuer_url` of the token issuer.
    pub url: String,
    /// Whom the tokens are made out to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
}

/// A scope of an application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// As in `sso:account:access`.
    pub name: String,
    /// Of whom: `instance`, `application NAME`, or the ARN of one elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
}

/// Somebody else who issues tokens that applications may bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenIssuer {
    /// Shown to administrators.
    pub name: String,
    /// Whose tokens, and what it is found by.
    pub issuer_url: String,
    /// The claim that names the user.
    pub claim_attribute_path: String,
    /// The attribute of the user that it equals, as in `emails.value`.
    pub identity_store_attribute_path: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An IAM role that holders of other roles may assume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Account id or name.
    pub account: String,
    /// Unique in the account.
    pub name: String,
    /// Whom it trusts: an ARN in which `*` stands for any characters.
    pub trusts: String,
    /// Whether a second factor's code must come with the request.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_mfa: bool,
    /// What the caller must name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The longest session: 1 to 12.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub session_hours: i64,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one(value: &i64) -> bool {
    *value == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}
