use sqlx::AnyConnection;

use super::{
    Kind, Node, OrganizationError, accounts, attachments::check_target_id, names::check_pattern,
    organization, units,
};

/// What accounts and units are in: the root, or a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The root's id or the unit's.
    pub id: String,
    /// The unit's id; none: it is the root.
    pub unit_id: Option<String>,
    /// The ids of the units from the root to it, with `/` between them; empty for the root.
    pub path: String,
}

impl Parent {
    /// How many units deep: 0 is the root.
    pub fn depth(&self) -> usize {
        self.path.split('/').filter(|part| !part.is_empty()).count()
    }

    /// What it is.
    pub fn node(&self) -> Node {
        if self.unit_id.is_some() {
            Node::Unit
        } else {
            Node::Root
        }
    }
}

/// The root or unit with this id; missing, it is reported as `kind`.
pub async fn parent(
    db: &mut AnyConnection,
    id: &str,
    kind: Kind,
) -> Result<Parent, OrganizationError> {
    let field = match kind {
        Kind::SourceParent => "SourceParentId",
        Kind::DestinationParent => "DestinationParentId",
        Kind::Root => "RootId",
        _ => "ParentId",
    };
    let missing = || OrganizationError::missing(kind, id);
    let organization = organization(db).await?;
    match Node::of(id) {
        Some(Node::Root) if organization.root_id == id => Ok(Parent {
            id: id.to_owned(),
            unit_id: None,
            path: String::new(),
        }),
        Some(Node::Root) => Err(missing()),
        Some(Node::Unit) if kind != Kind::Root => {
            let unit = units::unit_by_id(db, id).await?.ok_or_else(missing)?;
            Ok(Parent {
                id: id.to_owned(),
                unit_id: Some(unit.id),
                path: unit.path,
            })
        }
        _ => {
            check_pattern(field, false, "the id of a root or an organizational unit")?;
            Err(missing())
        }
    }
}

/// ListParents: the one parent of an account or a unit.
pub async fn parent_of(
    db: &mut AnyConnection,
    child_id: &str,
) -> Result<Parent, OrganizationError> {
    let root_id = organization(db).await?.root_id;
    let missing = || OrganizationError::missing(Kind::Child, child_id);
    let parent_id = match Node::of(child_id) {
        Some(Node::Account) => match accounts::account(db, child_id).await {
            Err(OrganizationError::NotFound { .. }) => return Err(missing()),
            found => found?.unit_id,
        },
        Some(Node::Unit) => {
            let unit = units::unit_by_id(db, child_id).await?;
            unit.ok_or_else(missing)?.parent_id
        }
        _ => {
            let form = "the id of an account or an organizational unit";
            check_pattern("ChildId", false, form)?;
            return Err(missing());
        }
    };
    parent(db, parent_id.as_deref().unwrap_or(&root_id), Kind::Parent).await
}

/// ListChildren: the ids of the accounts or units directly in a parent, by id: those after the id
/// `after` (all: `""`), at most `limit`.
pub async fn children(
    db: &mut AnyConnection,
    parent: &Parent,
    kind: &Node,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    let statement = match kind {
        Node::Account => {
            "SELECT id FROM accounts WHERE COALESCE(unit_id, '') = $1 AND id > $2 \
             ORDER BY id LIMIT $3"
        }
        _ => {
            "SELECT id FROM organizational_units WHERE COALESCE(parent_id, '') = $1 AND id > $2 \
             ORDER BY id LIMIT $3"
        }
    };
    sqlx::query_scalar(statement)
        .bind(parent.unit_id.as_deref().unwrap_or_default())
        .bind(after)
        .bind(limit)
        .fetch_all(db)
        .await
}

/// The name of a root, unit or account that exists; missing, it is a missing target.
pub async fn target_name(db: &mut AnyConnection, id: &str) -> Result<String, OrganizationError> {
    check_target_id(id)?;
    let root_id = organization(db).await?.root_id;
    let name = match Node::of(id) {
        Some(Node::Root) => (id == root_id).then(|| "Root".to_owned()),
        Some(Node::Unit) => units::unit_by_id(db, id).await?.map(|unit| unit.name),
        _ => accounts::account_name(db, id).await?,
    };
    name.ok_or_else(|| OrganizationError::missing(Kind::Target, id))
}
