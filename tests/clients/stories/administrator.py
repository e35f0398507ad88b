"""An administrator sets a company up through AWS's administrative APIs, by boto3 as with AWS itself:
what takes its time is asked about until it is done.

Arguments: the portal's origin, and the company as JSON. The key comes from the environment.
"""

import json
import sys
import time

import boto3

PATIENCE = 60


class Administrator:
    def __init__(self, origin, company):
        self.company = company
        self.organizations = boto3.client("organizations", endpoint_url=origin)
        self.sso = boto3.client("sso-admin", endpoint_url=origin)
        self.directory = boto3.client("identitystore", endpoint_url=origin)
        (instance,) = self.sso.list_instances()["Instances"]
        self.instance = {"InstanceArn": instance["InstanceArn"]}
        self.store = {"IdentityStoreId": instance["IdentityStoreId"]}

    def organization(self):
        """The organization with its accounts; their ids by name."""
        organization = self.organizations.create_organization(FeatureSet="ALL")["Organization"]
        management = organization["MasterAccountId"]
        described = self.organizations.describe_account(AccountId=management)["Account"]
        accounts = {described["Name"]: management}
        for account in self.company["accounts"]:
            asked = self.organizations.create_account(
                AccountName=account["name"], Email=account["email"]
            )
            accounts[account["name"]] = self.created(asked["CreateAccountStatus"]["Id"])
        return accounts

    def created(self, request):
        def status():
            return self.organizations.describe_create_account_status(
                CreateAccountRequestId=request
            )["CreateAccountStatus"]

        return settled(status, "State")["AccountId"]

    def people(self):
        """Groups with their members; the groups' ids by name."""
        groups = {}
        for name in self.company["groups"]:
            groups[name] = self.directory.create_group(**self.store, DisplayName=name)["GroupId"]
        for person in self.company["people"]:
            given_name, family_name = person["display_name"].split()
            user = self.directory.create_user(
                **self.store,
                UserName=person["user_name"],
                DisplayName=person["display_name"],
                Name={"GivenName": given_name, "FamilyName": family_name},
                Emails=[{"Value": person["email"], "Primary": True}],
            )
            self.directory.create_group_membership(
                **self.store,
                GroupId=groups[person["group"]],
                MemberId={"UserId": user["UserId"]},
            )
        return groups

    def permission_sets(self):
        """The permission sets' ARNs by name."""
        arns = {}
        for declared in self.company["permission_sets"]:
            created = self.sso.create_permission_set(
                **self.instance, Name=declared["name"], SessionDuration=f"PT{declared['hours']}H"
            )
            arn = arns[declared["name"]] = created["PermissionSet"]["PermissionSetArn"]
            for policy in declared["policies"]:
                self.sso.attach_managed_policy_to_permission_set(
                    **self.instance, PermissionSetArn=arn, ManagedPolicyArn=policy
                )
        return arns

    def assign(self, account, permission_set, group):
        asked = self.sso.create_account_assignment(
            **self.instance,
            TargetId=account,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=permission_set,
            PrincipalType="GROUP",
            PrincipalId=group,
        )["AccountAssignmentCreationStatus"]

        def status():
            return self.sso.describe_account_assignment_creation_status(
                **self.instance, AccountAssignmentCreationRequestId=asked["RequestId"]
            )["AccountAssignmentCreationStatus"]

        settled(status, "Status")


def settled(status, key):
    """What `status` says once it is no longer in progress; it must have succeeded."""
    deadline = time.monotonic() + PATIENCE
    while (found := status())[key] == "IN_PROGRESS":
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert found[key] == "SUCCEEDED", found
    return found


def main(origin, path):
    with open(path, encoding="utf-8") as file:
        company = json.load(file)
    administrator = Administrator(origin, company)
    accounts = administrator.organization()
    groups = administrator.people()
    permission_sets = administrator.permission_sets()
    for grant in company["grants"]:
        for account in grant["accounts"]:
            administrator.assign(
                accounts[account], permission_sets[grant["permission_set"]], groups[grant["group"]]
            )


main(*sys.argv[1:])
