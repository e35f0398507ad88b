//! Variables of the environment that AWS's tools put above profiles. Their values are not shown.

use ipc::dirs::Env;

use super::aws_files;
use super::finding::Finding;

const PART: &str = "environment";

/// What each does to whoever has set `AWS_PROFILE`.
const OVERRIDING: [(&str, &str); 4] = [
    (
        "AWS_ACCESS_KEY_ID",
        "AWS's tools use these keys, not those of AWS_PROFILE",
    ),
    ("AWS_SESSION_TOKEN", "AWS's tools send this token along"),
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS's tools take a role by this token where no profile is named",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS's tools ask there for credentials where no profile is named",
    ),
];

pub(super) fn check(env: Env<'_>, files: &aws_files::Facts) -> Vec<Finding> {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let mut findings: Vec<_> = OVERRIDING
        .into_iter()
        .filter(|(variable, _)| set(variable))
        .map(|(variable, effect)| {
            let message = format!("{variable} is set: {effect}.");
            Finding::warning(
                PART,
                message,
                format!("If that is not meant, unset {variable}."),
            )
        })
        .collect();
    let profile = env("AWS_PROFILE").and_then(|value| value.into_string().ok());
    if let Some(profile) = profile.filter(|profile| !profile.is_empty())
        && files.has_profile(&profile) == Some(false)
    {
        let message = format!("AWS_PROFILE names {profile}, and there is no such profile.");
        let next = "Unset it, or keep a role refreshed under that name: vestibule keep ACCOUNT \
                    ROLE --profile NAME";
        findings.push(Finding::wrong(PART, message, next));
    }
    if findings.is_empty() {
        let message = "No variable stands above the profiles.";
        findings.push(Finding::ok(PART, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn what_overrides_a_profile_is_named_and_its_value_is_not() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        std::fs::write(&config, "[profile pay]\nregion = eu-west-1\n").unwrap();
        let found = |variables: &[(&str, &str)]| {
            let env = |name: &str| match name {
                "HOME" => Some(home.path().into()),
                "AWS_CONFIG_FILE" => Some(config.clone().into()),
                name => variables
                    .iter()
                    .find(|(variable, _)| *variable == name)
                    .map(|(_, value)| OsString::from(value)),
            };
            let files = aws_files::Facts::gather(&::aws_files::Paths::from_env(&env).unwrap());
            check(&env, &files)
        };
        let outcomes = |variables: &[(&str, &str)]| -> Vec<Outcome> {
            found(variables).iter().map(|one| one.outcome).collect()
        };
        assert_eq!(outcomes(&[]), [Outcome::Ok]);
        assert_eq!(outcomes(&[("AWS_PROFILE", "pay")]), [Outcome::Ok]);
        assert_eq!(outcomes(&[("AWS_PROFILE", "gone")]), [Outcome::Wrong]);
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIAs3cret"),
            ("AWS_SESSION_TOKEN", "s3cret"),
        ];
        assert_eq!(outcomes(&keys), [Outcome::Warning, Outcome::Warning]);
        assert!(!format!("{:?}", found(&keys)).contains("s3cret"));
    }
}
