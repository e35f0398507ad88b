use std::{collections::BTreeSet, sync::LazyLock};

/// The names of AWS's managed policies, each after its path.
static MANAGED: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("managed_policies.txt").lines().collect());

/// A permission set that AWS offers ready-made: one managed policy for one kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predefined {
    /// The name of the permission set, and of its policy.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Whether the policy is one of those for job functions, which have a path of their own.
    job_function: bool,
}

impl Predefined {
    /// The ARN of its policy in `partition`.
    pub fn policy_arn(&self, partition: &str) -> String {
        let path = if self.job_function {
            "job-function/"
        } else {
            ""
        };
        format!("arn:{partition}:iam::aws:policy/{path}{}", self.name)
    }
}

/// Every predefined permission set.
pub const PREDEFINED: [Predefined; 11] = [
    general(
        "AdministratorAccess",
        "Full access to services and resources",
    ),
    general("PowerUserAccess", "Full access, but no users and groups"),
    general("ReadOnlyAccess", "See everything, change nothing"),
    general(
        "SecurityAudit",
        "Read the configuration that matters for security",
    ),
    job("Billing", "Bills, budgets and payment"),
    job("DataScientist", "Services for data analysis"),
    job("DatabaseAdministrator", "Set up and run databases"),
    job("NetworkAdministrator", "Set up and run networks"),
    job("SupportUser", "Open and follow cases with AWS Support"),
    job(
        "SystemAdministrator",
        "Run applications and their resources",
    ),
    job("ViewOnlyAccess", "See lists and settings, but no data"),
];

const fn general(name: &'static str, description: &'static str) -> Predefined {
    Predefined {
        name,
        description,
        job_function: false,
    }
}

const fn job(name: &'static str, description: &'static str) -> Predefined {
    Predefined {
        name,
        description,
        job_function: true,
    }
}

/// Whether AWS has a managed policy with this ARN.
pub(super) fn is_managed_policy(arn: &str) -> bool {
    arn.split_once(":iam::aws:policy/")
        .is_some_and(|(_, name)| MANAGED.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predefined_set_has_a_policy_of_aws() {
        for set in PREDEFINED {
            let arn = set.policy_arn("aws");
            assert!(is_managed_policy(&arn), "{arn}");
        }
        assert!(is_managed_policy(
            "arn:aws-cn:iam::aws:policy/job-function/Billing"
        ));
        for arn in [
            "arn:aws:iam::aws:policy/Billing",
            "arn:aws:iam::aws:policy/DoesNotExist",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "AdministratorAccess",
            "",
        ] {
            assert!(!is_managed_policy(arn), "{arn}");
        }
    }
}
