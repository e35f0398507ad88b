"""A running portal, seen by its administrator."""

from person import Person
from proof import Api, client, origin_of

PROVIDER = "arn:aws:sso::aws:applicationProvider/"


class World:
    """The portal, its people, and what the families of operations share."""

    def __init__(self, facts):
        self.origin, self.region = origin_of(facts), facts["region"]
        self.passwords = {user["user_name"]: user["password"] for user in facts["users"]}
        self.accounts = {account["name"]: account["id"] for account in facts["accounts"]}
        self.api = Api("sso-admin", facts)
        self.sso = self.api.client
        (self.instance,) = self.sso.list_instances()["Instances"]
        self.arn = self.instance["InstanceArn"]
        self.store = client("identitystore", facts)
        self.organizations = client("organizations", facts)

    def person(self, name):
        return Person(self.origin, self.region, name, self.passwords[name])

    def user_id(self, name):
        return self.store.get_user_id(
            IdentityStoreId=self.instance["IdentityStoreId"],
            AlternateIdentifier={
                "UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}
            },
        )["UserId"]

    def group_id(self, name):
        return self.store.get_group_id(
            IdentityStoreId=self.instance["IdentityStoreId"],
            AlternateIdentifier={
                "UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}
            },
        )["GroupId"]

    def closed_account(self):
        """The id of a new account that is closed."""
        asked = self.organizations.create_account(AccountName="Gone", Email="gone@example.com")
        status = self.organizations.describe_create_account_status(
            CreateAccountRequestId=asked["CreateAccountStatus"]["Id"]
        )["CreateAccountStatus"]
        self.organizations.close_account(AccountId=status["AccountId"])
        return status["AccountId"]

    def permission_set(self, name, **more):
        """A new permission set's ARN."""
        created = self.sso.create_permission_set(InstanceArn=self.arn, Name=name, **more)
        return created["PermissionSet"]["PermissionSetArn"]

    def application(self, name, provider="custom", **more):
        """A new application's ARN."""
        created = self.sso.create_application(
            InstanceArn=self.arn, ApplicationProviderArn=PROVIDER + provider, Name=name, **more
        )
        return created["ApplicationArn"]

    def token_issuer(self, name, **more):
        """A new trusted token issuer's ARN."""
        oidc = {
            "IssuerUrl": f"https://{name}.example.com",
            "ClaimAttributePath": "email",
            "IdentityStoreAttributePath": "emails.value",
            "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
        }
        created = self.sso.create_trusted_token_issuer(
            InstanceArn=self.arn,
            Name=name,
            TrustedTokenIssuerType="OIDC_JWT",
            TrustedTokenIssuerConfiguration={"OidcJwtConfiguration": oidc},
            **more,
        )
        return created["TrustedTokenIssuerArn"]

    def assign(self, account, arn, principal):
        """Assigns, and waits as AWS's clients do."""
        status = self.sso.create_account_assignment(
            InstanceArn=self.arn,
            TargetId=account,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=arn,
            **principal,
        )["AccountAssignmentCreationStatus"]
        assert status["Status"] == "IN_PROGRESS", status
        return self.creation(status["RequestId"])

    def creation(self, request):
        return self.sso.describe_account_assignment_creation_status(
            InstanceArn=self.arn, AccountAssignmentCreationRequestId=request
        )["AccountAssignmentCreationStatus"]
