/// Names what was done, for the address of the page that says so.
macro_rules! done {
    ($($done:ident, $name:literal, $text:literal;)*) => {
        /// What was done, as the page after it says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Done {
            $($done,)*
        }

        impl Done {
            /// Its name in an address.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$done => $name,)*
                }
            }

            /// What this name in an address stands for.
            pub(super) fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$done),)*
                    _ => None,
                }
            }

            /// A sentence.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Self::$done => $text,)*
                }
            }
        }
    };
}

done! {
    UserChanged, "user-changed", "The user is changed.";
    UserDisabled, "user-disabled", "The user is disabled. All their sessions have ended.";
    UserEnabled, "user-enabled", "The user is enabled.";
    UserDeleted, "user-deleted", "The user is deleted.";
    FactorsReset, "factors-reset", "The user's factors are removed. All their sessions have ended.";
    SessionEnded, "session-ended", "The session has ended.";
    SessionsEnded, "sessions-ended", "All sessions of the user have ended.";
    GroupCreated, "group-created", "The group is created. Add its members below.";
    GroupChanged, "group-changed", "The group is changed.";
    GroupDeleted, "group-deleted", "The group is deleted.";
    MemberAdded, "member-added", "The user is a member now.";
    MemberRemoved, "member-removed", "The user is no longer a member.";
    AccountCreated, "account-created", "The account is created.";
    AccountChanged, "account-changed", "The account is changed.";
    AccountMoved, "account-moved", "The account is moved.";
    AccountClosed, "account-closed", "The account is closed. Nobody sees it in the portal.";
    UnitCreated, "unit-created", "The organizational unit is created.";
    UnitChanged, "unit-changed", "The organizational unit is renamed.";
    UnitDeleted, "unit-deleted", "The organizational unit is deleted.";
    SetCreated, "set-created", "The permission set is created. It is used nowhere yet: assign it.";
    SetChanged, "set-changed", "The permission set is changed.";
    SetDeleted, "set-deleted", "The permission set is deleted.";
    SetProvisioned, "set-provisioned", "The permission set is provisioned again everywhere.";
    Unassigned, "unassigned", "The assignment is removed.";
    ApplicationCreated, "application-created", "The application is created. Assign it below.";
    ApplicationChanged, "application-changed", "The application is changed.";
    ApplicationDeleted, "application-deleted", "The application is deleted.";
    ApplicationAssigned, "application-assigned", "The application is assigned.";
    MappingSaved, "mapping-saved", "The attribute mapping is saved.";
    MappingRemoved, "mapping-removed", "The attribute mapping is removed.";
    AttributeSaved, "attribute-saved", "The attribute is saved. Sessions that begin now have it.";
    AttributeRemoved, "attribute-removed", "The attribute is removed.";
    AttributesOff, "attributes-off", "Sessions that begin now have no tags.";
    PolicyChanged, "policy-changed", "The policy is in force from the next sign-in on.";
    SettingsChanged, "settings-changed", "The settings are changed.";
}
