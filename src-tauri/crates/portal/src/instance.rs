//! What the portal is called in AWS's terms: its ids, made once and kept.

use sqlx::{Any, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use crate::{
    clock, random,
    store::{Store, first_setting},
};

const HEX: &[u8] = b"0123456789abcdef";
const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The ids of one portal: the same for as long as its data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// `ssoins-` and sixteen hexadecimal digits.
    pub instance_id: String,
    /// `d-` and ten hexadecimal digits.
    pub identity_store_id: String,
    /// `o-` and ten letters and digits.
    pub organization_id: String,
    /// `r-` and four letters and digits: the organization's root, and the middle of its units' ids.
    pub root_id: String,
    /// When the portal was first opened.
    pub created_at: OffsetDateTime,
    /// Twelve digits: what the management account is called when the organization is created.
    account_id: String,
}

impl Instance {
    /// The ids in the store; what is missing is made, `now`.
    pub async fn open(store: &Store, now: OffsetDateTime) -> Result<Self, sqlx::Error> {
        let mut db = store.write().await?;
        let mut kept = async |name: &str, made: String| first_setting(&mut db, name, &made).await;
        let hex = |length| random::characters(HEX, length);
        let base36 = |length| random::characters(BASE36, length);
        let first = random::characters(b"123456789", 1);
        let digits = random::characters(b"0123456789", 11);
        let created_at = kept("created_at", clock::millis(now).to_string()).await?;
        let instance = Self {
            created_at: created_at.parse().map_or(now, clock::from_millis),
            instance_id: kept("instance_id", format!("ssoins-{}", hex(16))).await?,
            identity_store_id: kept("identity_store_id", format!("d-{}", hex(10))).await?,
            organization_id: kept("organization_id", format!("o-{}", base36(10))).await?,
            root_id: kept("root_id", format!("r-{}", base36(4))).await?,
            account_id: kept("owner_account_id", format!("{first}{digits}")).await?,
        };
        db.commit().await?;
        Ok(instance)
    }

    /// The instance's ARN in `partition`.
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:sso:::instance/{}", self.instance_id)
    }

    /// The ARN of one of the instance's applications or trusted token issuers, which belong to the
    /// account that owns it: `kind` as in `application`.
    pub(crate) fn arn_of(&self, partition: &str, owner: &str, kind: &str, id: &str) -> String {
        let instance = &self.instance_id;
        format!("arn:{partition}:sso::{owner}:{kind}/{instance}/{id}")
    }

    /// The account that owns the instance: the organization's management account, or what it will
    /// be called.
    pub async fn owner_account_id(
        &self,
        db: impl Executor<'_, Database = Any>,
    ) -> Result<String, sqlx::Error> {
        let found: Option<String> =
            sqlx::query("SELECT id FROM accounts WHERE is_management = 1 ORDER BY id LIMIT 1")
                .try_map(|row: AnyRow| row.try_get("id"))
                .fetch_optional(db)
                .await?;
        Ok(self.owner(found))
    }

    /// The same, where it is known which account is the management account, if any is.
    pub(crate) fn owner(&self, management: Option<String>) -> String {
        management.unwrap_or_else(|| self.account_id.clone())
    }
}
