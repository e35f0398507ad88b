use serde_json::Value;
use sqlx::{Row, any::AnyRow};

use super::{AccessError, predefined};
use crate::check::{self, Constraint, Invalid, Pattern};

static MANAGED_ARN: Pattern = Pattern::new(
    r"arn:aws(-[a-z]{1,5}){0,3}:iam::aws:policy((/[A-Za-z0-9\.,\+@=_-]+)*)/([A-Za-z0-9\.,\+@=_-]+)",
);
static CUSTOMER_NAME: Pattern = Pattern::new(r"[0-9A-Za-z_+=,.@-]+");
static CUSTOMER_PATH: Pattern = Pattern::new(r"((/[A-Za-z0-9\.,\+@=_-]+)*)/");
static DOCUMENT: Pattern = Pattern::new(r"[\u{0009}\u{000A}\u{000D}\u{0020}-\u{00FF}]+");

/// One policy of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// An AWS managed policy, by ARN.
    Managed(String),
    /// A customer managed policy in each account.
    Customer(CustomerPolicy),
    /// The one inline policy, JSON.
    Inline(String),
    /// The permissions boundary: an AWS managed policy, by ARN.
    ManagedBoundary(String),
    /// The permissions boundary: a customer managed policy.
    CustomerBoundary(CustomerPolicy),
}

/// What names a customer managed policy, in whatever account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerPolicy {
    /// From slash to slash: `/`, `/teams/`.
    pub path: String,
    /// Unique in an account.
    pub name: String,
}

impl CustomerPolicy {
    /// Reads path and name as one: `Deploy`, `/teams/Deploy`.
    pub fn parse(text: &str) -> Self {
        let (path, name) = match text.rfind('/') {
            Some(end) => text.split_at(end + 1),
            None => ("/", text),
        };
        Self {
            path: path.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Path and name as one: `/Deploy`, `/teams/Deploy`.
    pub fn full_name(&self) -> String {
        format!("{}{}", self.path, self.name)
    }

    fn check(&self) -> Result<(), Invalid> {
        let name = "customerManagedPolicyReference.name";
        check::length(name, &self.name, 1..=128)?;
        CUSTOMER_NAME.check(name, &self.name)?;
        let path = "customerManagedPolicyReference.path";
        check::length(path, &self.path, 1..=512)?;
        CUSTOMER_PATH.check(path, &self.path)
    }
}

impl Policy {
    pub(super) fn check(&self) -> Result<(), AccessError> {
        match self {
            Self::Managed(arn) | Self::ManagedBoundary(arn) => check_managed(arn),
            Self::Customer(policy) | Self::CustomerBoundary(policy) => Ok(policy.check()?),
            Self::Inline(document) => Ok(check_document(document)?),
        }
    }

    pub(super) fn columns(&self) -> (&'static str, String, Option<&str>) {
        match self {
            Self::Managed(arn) => ("managed", arn.clone(), None),
            Self::Customer(policy) => ("customer", policy.full_name(), None),
            Self::Inline(document) => ("inline", String::new(), Some(document)),
            Self::ManagedBoundary(arn) => ("boundary_managed", arn.clone(), None),
            Self::CustomerBoundary(policy) => ("boundary_customer", policy.full_name(), None),
        }
    }

    pub(crate) fn of(row: AnyRow) -> Result<Self, sqlx::Error> {
        let name: String = row.try_get("name")?;
        Ok(match row.try_get::<String, _>("kind")?.as_str() {
            "managed" => Self::Managed(name),
            "customer" => Self::Customer(CustomerPolicy::parse(&name)),
            "boundary_managed" => Self::ManagedBoundary(name),
            "boundary_customer" => Self::CustomerBoundary(CustomerPolicy::parse(&name)),
            _ => Self::Inline(row.try_get("document")?),
        })
    }
}

/// Whether this is a policy as IAM writes one: an object with one statement or several.
pub(crate) fn is_policy_document(policy: &Value) -> bool {
    let statement = policy.get("Statement");
    statement.is_some_and(|statement| statement.is_array() || statement.is_object())
}

fn check_managed(arn: &str) -> Result<(), AccessError> {
    check::length("managedPolicyArn", arn, 20..=2048)?;
    MANAGED_ARN.check("managedPolicyArn", arn)?;
    if predefined::is_managed_policy(arn) {
        return Ok(());
    }
    let text = format!("Policy does not exist with ARN: {arn}");
    Err(AccessError::NotFound(text))
}

fn check_document(document: &str) -> Result<(), Invalid> {
    const FIELD: &str = "inlinePolicy";
    check::length(FIELD, document, 1..=32_768)?;
    DOCUMENT.check(FIELD, document)?;
    let parsed: Option<Value> = serde_json::from_str(document).ok();
    if parsed.as_ref().is_some_and(is_policy_document) {
        return Ok(());
    }
    let problem = "Member must be a policy document: a JSON object with a Statement";
    Err(Invalid::new(
        FIELD,
        document,
        Constraint::Other(problem.to_owned()),
    ))
}
