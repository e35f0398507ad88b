"""sso-admin by boto3, every operation the portal offers. An operation is proved when its effect is
read another way: by another operation, by the portal API, on the console's page.

Arguments: the facts of a running portal. The keys come from the environment, as boto3 reads them.
"""

import json
import time
import urllib.parse
import uuid

import boto3

import ssoadmin_applications as applications
from proof import read_facts, refused
from world import World

MANAGED = "arn:aws:iam::aws:policy/"
# Enough to fill a permission set that has two, and one more.
MANY = [
    "AmazonAthenaFullAccess", "AmazonDynamoDBFullAccess", "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess", "AmazonElastiCacheFullAccess", "AmazonKinesisFullAccess",
    "AmazonRDSFullAccess", "AmazonRDSReadOnlyAccess", "AmazonRedshiftFullAccess",
    "AmazonRoute53FullAccess", "AmazonS3ReadOnlyAccess", "AmazonSESFullAccess",
    "AmazonSNSFullAccess", "AmazonSNSReadOnlyAccess", "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess", "AmazonVPCFullAccess", "CloudWatchFullAccess",
    "CloudWatchReadOnlyAccess",
]  # fmt: skip
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*"}]})


def instances(world):
    sso, arn = world.sso, world.arn
    with world.api.proves("ListInstances", "DescribeInstance", "UpdateInstance", "CreateInstance"):
        assert world.instance["Status"] == "ACTIVE" and "Name" not in world.instance
        assert world.instance["IdentityStoreId"].startswith("d-")
        sso.update_instance(InstanceArn=arn, Name="Workforce")
        described = sso.describe_instance(InstanceArn=arn)
        (listed,) = sso.list_instances()["Instances"]
        assert listed["Name"] == described["Name"] == "Workforce"
        assert described["CreatedDate"] == world.instance["CreatedDate"]
        assert described["OwnerAccountId"] == world.accounts["Management"]
        refused("ValidationException", sso.update_instance, InstanceArn=arn, Name="not a name")
        assert sso.describe_instance(InstanceArn=arn)["Name"] == "Workforce"
        other = arn[:-16] + "0" * 16
        refused("ResourceNotFoundException", sso.describe_instance, InstanceArn=other)
        refused("ConflictException", sso.create_instance, Name="Second")
        assert len(sso.list_instances()["Instances"]) == 1
    with world.api.proves("AddRegion", "DescribeRegion", "ListRegions", "RemoveRegion"):
        sso.add_region(InstanceArn=arn, RegionName="eu-central-1")
        refused("ConflictException", sso.add_region, InstanceArn=arn, RegionName="eu-central-1")
        refused("ConflictException", sso.add_region, InstanceArn=arn, RegionName=world.region)
        found = sso.describe_region(InstanceArn=arn, RegionName="eu-central-1")
        assert found["Status"] == "ACTIVE" and not found["IsPrimaryRegion"]
        regions = world.api.one_by_one("list_regions", "Regions", InstanceArn=arn)
        assert [region["RegionName"] for region in regions] == ["eu-central-1", world.region]
        assert len(sso.describe_instance(InstanceArn=arn)["Regions"]) == 2
        sso.remove_region(InstanceArn=arn, RegionName="eu-central-1")
        gone = {"InstanceArn": arn, "RegionName": "eu-central-1"}
        refused("ResourceNotFoundException", sso.describe_region, **gone)
        refused("ResourceNotFoundException", sso.remove_region, **gone)
        refused("ConflictException", sso.remove_region, InstanceArn=arn, RegionName=world.region)


def permission_sets(world):
    sso, arn = world.sso, world.arn
    with world.api.proves(
        "CreatePermissionSet",
        "DescribePermissionSet",
        "ListPermissionSets",
        "UpdatePermissionSet",
        "DeletePermissionSet",
    ):
        created = sso.create_permission_set(
            InstanceArn=arn,
            Name="Queues",
            Description="SQS",
            SessionDuration="PT90M",
            RelayState="https://console.aws.amazon.com/sqs/",
        )["PermissionSet"]
        named = {"InstanceArn": arn, "PermissionSetArn": created["PermissionSetArn"]}
        assert sso.describe_permission_set(**named)["PermissionSet"] == created
        assert (created["Name"], created["SessionDuration"]) == ("Queues", "PT1H30M")
        listed = world.api.one_by_one("list_permission_sets", "PermissionSets", InstanceArn=arn)
        assert created["PermissionSetArn"] in listed and len(set(listed)) == len(listed)
        refused("ConflictException", sso.create_permission_set, InstanceArn=arn, Name="Queues")
        sso.update_permission_set(**named, Description="Queues", SessionDuration="PT2H")
        found = sso.describe_permission_set(**named)["PermissionSet"]
        assert (found["Description"], found["SessionDuration"]) == ("Queues", "PT2H")
        assert "RelayState" not in found, "AWS clears it where it is not given"
        sso.delete_permission_set(**named)
        gone = f"Could not find PermissionSet with id {created['PermissionSetArn'][-19:]}"
        refused("ResourceNotFoundException", sso.describe_permission_set, **named, message=gone)
        refused("ResourceNotFoundException", sso.delete_permission_set, **named)
        refused("ResourceNotFoundException", sso.update_permission_set, **named)
        assert created["PermissionSetArn"] not in sso.list_permission_sets(InstanceArn=arn)
    for wrong in (
        {"Name": "with space"},
        {"Name": "x" * 33},
        {"Name": ""},
        {"Name": "ok", "SessionDuration": "PT13H"},
        {"Name": "ok", "SessionDuration": "PT59M"},
        {"Name": "ok", "SessionDuration": "an hour"},
        {"Name": "ok", "RelayState": "<script>"},
        {"Name": "ok", "Description": "x" * 701},
        {"Name": "ok", "Tags": [{"Key": "aws:x", "Value": "y"}]},
        {"Name": "ok", "Tags": [{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]},
    ):
        call = world.sso.create_permission_set
        text = "1 validation error detected: Value "
        refused("ValidationException", call, InstanceArn=arn, **wrong, message=text)
    refused("ValidationException", world.sso.create_permission_set, InstanceArn=arn)
    refused("ValidationException", world.sso.describe_permission_set, InstanceArn="x")


def policies(world):
    sso, arn = world.sso, world.arn
    named = {"InstanceArn": arn, "PermissionSetArn": world.permission_set("Policies")}
    unknown = {**named, "PermissionSetArn": named["PermissionSetArn"][:-16] + "0" * 16}
    identifier = named["PermissionSetArn"].rsplit("/")[-1]
    with world.api.proves(
        "AttachManagedPolicyToPermissionSet",
        "ListManagedPoliciesInPermissionSet",
        "DetachManagedPolicyFromPermissionSet",
    ):
        attach, detach = (
            sso.attach_managed_policy_to_permission_set,
            sso.detach_managed_policy_from_permission_set,
        )
        for name in ("AmazonS3FullAccess", "job-function/Billing", "ReadOnlyAccess"):
            attach(**named, ManagedPolicyArn=MANAGED + name)
        listed = world.api.one_by_one(
            "list_managed_policies_in_permission_set", "AttachedManagedPolicies", **named
        )
        names = [policy["Name"] for policy in listed]
        assert names == ["AmazonS3FullAccess", "ReadOnlyAccess", "Billing"], names
        billing = MANAGED + "job-function/Billing"
        twice = {"ManagedPolicyArn": billing}
        refused("ConflictException", attach, **named, **twice, message=identifier)
        refused("ConflictException", attach, **named, **twice, message=billing)
        missing = MANAGED + "DoesNotExist"
        text = f"Policy does not exist with ARN: {missing}"
        unheard = {"ManagedPolicyArn": missing, "message": text}
        refused("ResourceNotFoundException", attach, **named, **unheard)
        refused("ResourceNotFoundException", attach, **unknown, ManagedPolicyArn=billing)
        detach(**named, ManagedPolicyArn=billing)
        text = f"Could not find ManagedPolicy with arn {billing}"
        refused("ResourceNotFoundException", detach, **named, **twice, message=text)
        left = sso.list_managed_policies_in_permission_set(**named)["AttachedManagedPolicies"]
        assert len(left) == 2
        for name in MANY[:18]:
            attach(**named, ManagedPolicyArn=MANAGED + name)
        more = MANAGED + MANY[18]
        refused("ServiceQuotaExceededException", attach, **named, ManagedPolicyArn=more)
    customer(world, named)
    inline_and_boundary(world, named, unknown)


def customer(world, named):
    sso = world.sso
    with world.api.proves(
        "AttachCustomerManagedPolicyReferenceToPermissionSet",
        "ListCustomerManagedPolicyReferencesInPermissionSet",
        "DetachCustomerManagedPolicyReferenceFromPermissionSet",
    ):
        attach = sso.attach_customer_managed_policy_reference_to_permission_set
        detach = sso.detach_customer_managed_policy_reference_from_permission_set
        deploy = {"CustomerManagedPolicyReference": {"Name": "Deploy", "Path": "/teams/"}}
        audit = {"CustomerManagedPolicyReference": {"Name": "Audit"}}
        attach(**named, **deploy)
        attach(**named, **audit)
        for part in ("Deploy", "/teams/"):
            refused("ConflictException", attach, **named, **deploy, message=part)
        listed = world.api.one_by_one(
            "list_customer_managed_policy_references_in_permission_set",
            "CustomerManagedPolicyReferences",
            **named,
        )
        assert listed == [{"Name": "Audit", "Path": "/"}, {"Name": "Deploy", "Path": "/teams/"}]
        elsewhere = {"CustomerManagedPolicyReference": {"Name": "Deploy"}}
        text = "name: Deploy  and path / does not exist on PermissionSet"
        refused("ResourceNotFoundException", detach, **named, **elsewhere, message=text)
        detach(**named, **audit)
        left = sso.list_customer_managed_policy_references_in_permission_set(**named)
        assert left["CustomerManagedPolicyReferences"] == [listed[1]]
        wrong = {"CustomerManagedPolicyReference": {"Name": "no/slash", "Path": "/"}}
        loose = world.sso.attach_customer_managed_policy_reference_to_permission_set
        refused("ValidationException", loose, **named, **wrong)


def inline_and_boundary(world, named, unknown):
    sso = world.sso
    with world.api.proves(
        "PutInlinePolicyToPermissionSet",
        "GetInlinePolicyForPermissionSet",
        "DeleteInlinePolicyFromPermissionSet",
    ):
        assert sso.get_inline_policy_for_permission_set(**named)["InlinePolicy"] == ""
        put = sso.put_inline_policy_to_permission_set
        put(**named, InlinePolicy=DENY)
        assert sso.get_inline_policy_for_permission_set(**named)["InlinePolicy"] == DENY
        for wrong in ("{", "[]", "{}", '"text"', '{"Statement": 1}'):
            refused("ValidationException", put, **named, InlinePolicy=wrong)
        refused("ResourceNotFoundException", put, **unknown, InlinePolicy=DENY)
        sso.delete_inline_policy_from_permission_set(**named)
        assert sso.get_inline_policy_for_permission_set(**named)["InlinePolicy"] == ""
    with world.api.proves(
        "PutPermissionsBoundaryToPermissionSet",
        "GetPermissionsBoundaryForPermissionSet",
        "DeletePermissionsBoundaryFromPermissionSet",
    ):
        put, get, delete = (
            sso.put_permissions_boundary_to_permission_set,
            sso.get_permissions_boundary_for_permission_set,
            sso.delete_permissions_boundary_from_permission_set,
        )
        refused("ResourceNotFoundException", get, **named)
        refused("ResourceNotFoundException", delete, **named)
        for boundary in (
            {"ManagedPolicyArn": MANAGED + "PowerUserAccess"},
            {"CustomerManagedPolicyReference": {"Name": "Limit", "Path": "/teams/"}},
        ):
            put(**named, PermissionsBoundary=boundary)
            assert get(**named)["PermissionsBoundary"] == boundary
        refused("ValidationException", put, **named, PermissionsBoundary={})
        delete(**named)
        refused("ResourceNotFoundException", get, **named)


def assignments(world):
    sso, arn = world.sso, world.arn
    storage = world.person("storage")
    account, other = world.accounts["Sandbox"], world.accounts["Web Shop Staging"]
    queues = world.permission_set("Assigned", SessionDuration="PT2H")
    named = {"InstanceArn": arn, "PermissionSetArn": queues}
    user = {"PrincipalType": "USER", "PrincipalId": world.user_id("storage")}
    group = {"PrincipalType": "GROUP", "PrincipalId": world.group_id("Storage")}
    with world.api.proves(
        "CreateAccountAssignment",
        "DescribeAccountAssignmentCreationStatus",
        "ListAccountAssignmentCreationStatus",
        "ListAccountAssignments",
        "ListAccountAssignmentsForPrincipal",
    ):
        assert account not in storage.accounts()
        done = world.assign(account, queues, user)
        assert done["Status"] == "SUCCEEDED" and done["TargetId"] == account, done
        assert "FailureReason" not in done and done["PrincipalId"] == user["PrincipalId"]
        assert storage.accounts()[account] == ["Assigned"]
        world.assign(account, queues, group)
        world.assign(other, queues, group)
        world.assign(other, queues, group)
        listed = world.api.one_by_one(
            "list_account_assignments", "AccountAssignments", AccountId=account, **named
        )
        shown = {"AccountId": account, "PermissionSetArn": queues}
        assert listed == [{**shown, **group}, {**shown, **user}], listed
        through = world.api.one_by_one(
            "list_account_assignments_for_principal", "AccountAssignments",
            InstanceArn=arn, **user,
        )  # fmt: skip
        assert {"AccountId": other, "PermissionSetArn": queues, **group} in through
        direct = sso.list_account_assignments_for_principal(
            InstanceArn=arn, Filter={"AccountId": account}, **group
        )["AccountAssignments"]
        assert direct == [{**shown, **group}], direct
        statuses = world.api.one_by_one(
            "list_account_assignment_creation_status", "AccountAssignmentsCreationStatus",
            InstanceArn=arn,
        )  # fmt: skip
        assert done["RequestId"] in [status["RequestId"] for status in statuses]
        suspended = world.assign(world.closed_account(), queues, user)
        assert suspended["Status"] == "FAILED" and "SUSPENDED" in suspended["FailureReason"]
        failed = sso.list_account_assignment_creation_status(
            InstanceArn=arn, Filter={"Status": "FAILED"}
        )["AccountAssignmentsCreationStatus"]
        assert [status["RequestId"] for status in failed] == [suspended["RequestId"]]
        refuse_assignments(world, queues, account, user)
    refused("ConflictException", sso.delete_permission_set, **named)
    delete_assignments(world, storage, queues, account, user, group)
    sso.delete_permission_set(**named)


def refuse_assignments(world, queues, account, user):
    create = world.sso.create_account_assignment
    asked = {
        "InstanceArn": world.arn,
        "PermissionSetArn": queues,
        "TargetType": "AWS_ACCOUNT",
        "TargetId": account,
        **user,
    }
    for code, wrong in (
        ("ResourceNotFoundException", {"PrincipalId": str(uuid.uuid4())}),
        ("ResourceNotFoundException", {"PrincipalType": "GROUP"}),
        ("ResourceNotFoundException", {"TargetId": "000000000000"}),
        ("ResourceNotFoundException", {"PermissionSetArn": queues[:-16] + "0" * 16}),
        ("ValidationException", {"PrincipalType": "ROBOT"}),
        ("ValidationException", {"PrincipalId": "storage"}),
        ("ValidationException", {"TargetId": "12"}),
        ("ValidationException", {"TargetType": "REGION"}),
    ):
        refused(code, create, **{**asked, **wrong})
    describe = world.sso.describe_account_assignment_creation_status
    unknown = {"AccountAssignmentCreationRequestId": str(uuid.uuid4())}
    refused("ResourceNotFoundException", describe, InstanceArn=world.arn, **unknown)


def delete_assignments(world, storage, queues, account, user, group):
    sso, arn = world.sso, world.arn
    asked = {
        "InstanceArn": arn,
        "PermissionSetArn": queues,
        "TargetType": "AWS_ACCOUNT",
        "TargetId": account,
    }
    with world.api.proves(
        "DeleteAccountAssignment",
        "DescribeAccountAssignmentDeletionStatus",
        "ListAccountAssignmentDeletionStatus",
    ):
        begun = sso.delete_account_assignment(**asked, **user)["AccountAssignmentDeletionStatus"]
        assert begun["Status"] == "IN_PROGRESS"
        done = sso.describe_account_assignment_deletion_status(
            InstanceArn=arn, AccountAssignmentDeletionRequestId=begun["RequestId"]
        )["AccountAssignmentDeletionStatus"]
        assert done == {**begun, "Status": "SUCCEEDED"}, done
        assert account in storage.accounts(), "still through the group"
        refused("ResourceNotFoundException", sso.delete_account_assignment, **asked, **user)
        sso.delete_account_assignment(**asked, **group)
        assert account not in storage.accounts()
        gone = {"account": account, "role": "Assigned"}
        refused("ForbiddenException", storage.credentials, **gone, status=403)
        elsewhere = {**asked, "TargetId": world.accounts["Web Shop Staging"]}
        sso.delete_account_assignment(**elsewhere, **group)
        statuses = world.api.one_by_one(
            "list_account_assignment_deletion_status", "AccountAssignmentsDeletionStatus",
            InstanceArn=arn, Filter={"Status": "SUCCEEDED"},
        )  # fmt: skip
        assert statuses[-1]["RequestId"] == begun["RequestId"], "the newest first"


def provisioning(world):
    sso, arn = world.sso, world.arn
    storage = world.person("storage")
    sandbox, staging = world.accounts["Sandbox"], world.accounts["Web Shop Staging"]
    set_arn = world.permission_set("Provisioned", SessionDuration="PT1H")
    named = {"InstanceArn": arn, "PermissionSetArn": set_arn}
    attach = sso.attach_managed_policy_to_permission_set
    attach(**named, ManagedPolicyArn=MANAGED + "AmazonS3FullAccess")
    user = {"PrincipalType": "USER", "PrincipalId": world.user_id("storage")}
    world.assign(sandbox, set_arn, user)
    world.assign(staging, set_arn, user)
    latest = {"ProvisioningStatus": "LATEST_PERMISSION_SET_PROVISIONED"}
    outdated = {"ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}

    def in_accounts(**status):
        listed = sso.list_accounts_for_provisioned_permission_set(**named, **status)
        return listed["AccountIds"]

    def in_sandbox(**status):
        listed = sso.list_permission_sets_provisioned_to_account(
            InstanceArn=arn, AccountId=sandbox, **status
        )
        return listed["PermissionSets"]

    with world.api.proves(
        "ListAccountsForProvisionedPermissionSet",
        "ListPermissionSetsProvisionedToAccount",
        "ProvisionPermissionSet",
        "DescribePermissionSetProvisioningStatus",
        "ListPermissionSetProvisioningStatus",
    ):
        both = sorted([sandbox, staging])
        assert in_accounts() == in_accounts(**latest) == both and in_accounts(**outdated) == []
        assert set_arn in in_sandbox(**latest)
        first = expected_session(storage, sandbox, hours=1)
        assert first["policies"] == [MANAGED + "AmazonS3FullAccess"]
        assert first["destination"] == "https://console.aws.amazon.com/"

        attach(**named, ManagedPolicyArn=MANAGED + "AmazonSQSFullAccess")
        relay = "https://console.aws.amazon.com/sqs/"
        sso.update_permission_set(**named, SessionDuration="PT3H", RelayState=relay)
        assert in_accounts(**outdated) == both and in_accounts(**latest) == []
        assert set_arn in in_sandbox(**outdated) and set_arn not in in_sandbox(**latest)
        assert expected_session(storage, sandbox, hours=1)["policies"] == first["policies"]

        one = provision(world, TargetType="AWS_ACCOUNT", TargetId=sandbox, **named)
        assert one["AccountId"] == sandbox, one
        assert in_accounts(**latest) == [sandbox] and in_accounts(**outdated) == [staging]
        second = expected_session(storage, sandbox, hours=3)
        assert second["policies"] == [*first["policies"], MANAGED + "AmazonSQSFullAccess"]
        assert second["destination"] == relay
        assert second["iam-role-name"] == first["iam-role-name"], "the role stays the same"
        expected_session(storage, staging, hours=1)

        everywhere = provision(world, TargetType="ALL_PROVISIONED_ACCOUNTS", **named)
        assert "AccountId" not in everywhere, everywhere
        assert in_accounts(**latest) == both
        expected_session(storage, staging, hours=3)
        accounts = world.api.one_by_one(
            "list_accounts_for_provisioned_permission_set", "AccountIds", **named
        )
        assert accounts == both
        sets = world.api.one_by_one(
            "list_permission_sets_provisioned_to_account", "PermissionSets",
            InstanceArn=arn, AccountId=sandbox,
        )  # fmt: skip
        assert sets == in_sandbox()
        statuses = world.api.one_by_one(
            "list_permission_set_provisioning_status", "PermissionSetsProvisioningStatus",
            InstanceArn=arn,
        )  # fmt: skip
        ids = [status["RequestId"] for status in statuses]
        assert ids == [everywhere["RequestId"], one["RequestId"]], "the newest first"
        describe = sso.describe_permission_set_provisioning_status
        unknown = {"ProvisionPermissionSetRequestId": str(uuid.uuid4())}
        refused("ResourceNotFoundException", describe, InstanceArn=arn, **unknown)
        wrong = {"TargetType": "AWS_ACCOUNT", "TargetId": "000000000000"}
        refused("ResourceNotFoundException", sso.provision_permission_set, **named, **wrong)
        loose = world.sso.provision_permission_set
        refused("ValidationException", loose, **named, TargetType="SOMEWHERE")


def provision(world, **asked):
    begun = world.sso.provision_permission_set(**asked)["PermissionSetProvisioningStatus"]
    assert begun["Status"] == "IN_PROGRESS", begun
    done = world.sso.describe_permission_set_provisioning_status(
        InstanceArn=world.arn, ProvisionPermissionSetRequestId=begun["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert done == {**begun, "Status": "SUCCEEDED"}, done
    return done


def expected_session(person, account, hours):
    """The console's page for the role Provisioned, whose credentials last so long."""
    console = person.console(account, "Provisioned")
    expiration = person.credentials(account, "Provisioned")["expiration"] / 1000
    left = expiration - time.time()
    assert hours * 3600 - 120 < left <= hours * 3600 + 5, left
    return console


def attributes(world):
    sso, arn = world.sso, world.arn
    admin = world.person("admin")
    account = world.accounts["Sandbox"]
    name = "InstanceAccessControlAttributeConfiguration"

    def configuration(**sources):
        attributes = [
            {"Key": key, "Value": {"Source": [source]}} for key, source in sources.items()
        ]
        return {name: {"AccessControlAttributes": attributes}}

    def tags():
        return admin.console(account, "AdministratorAccess")["session-tags"]

    with world.api.proves(
        "CreateInstanceAccessControlAttributeConfiguration",
        "DescribeInstanceAccessControlAttributeConfiguration",
        "UpdateInstanceAccessControlAttributeConfiguration",
        "DeleteInstanceAccessControlAttributeConfiguration",
    ):
        create, describe, update, delete = (
            getattr(sso, f"{verb}_instance_access_control_attribute_configuration")
            for verb in ("create", "describe", "update", "delete")
        )
        for call in (describe, delete):
            refused("ResourceNotFoundException", call, InstanceArn=arn)
        wanted = configuration(login="${path:userName}")
        refused("ResourceNotFoundException", update, InstanceArn=arn, **wanted)
        assert tags() == []
        create(InstanceArn=arn, **wanted)
        refused("ConflictException", create, InstanceArn=arn, **wanted)
        assert describe(InstanceArn=arn)[name] == wanted[name]
        assert tags() == ["login = admin"], tags()
        email = configuration(
            mail="${path:emails[primary eq true].value}", title="${path:title}"
        )
        update(InstanceArn=arn, **email)
        assert describe(InstanceArn=arn)[name] == email[name]
        assert tags() == ["mail = admin@example.com"], tags()
        assert chained_tags(world, admin, account) == ["team = blue"]
        delete(InstanceArn=arn)
        refused("ResourceNotFoundException", describe, InstanceArn=arn)
        assert tags() == []
        twice = {"Key": "a", "Value": {"Source": ["b"]}}
        wrong = {name: {"AccessControlAttributes": [twice, twice]}}
        refused("ValidationException", create, InstanceArn=arn, **wrong)
        wrong = {name: {"AccessControlAttributes": [{"Key": "a", "Value": {"Source": []}}]}}
        loose = world.sso.create_instance_access_control_attribute_configuration
        refused("ValidationException", loose, InstanceArn=arn, **wrong)


def chained_tags(world, admin, account):
    """The tags of a role taken with the credentials of another."""
    mine = admin.credentials(account, "AdministratorAccess")
    sts = boto3.client(
        "sts",
        endpoint_url=world.origin,
        region_name=world.region,
        aws_access_key_id=mine["accessKeyId"],
        aws_secret_access_key=mine["secretAccessKey"],
        aws_session_token=mine["sessionToken"],
    )
    taken = sts.assume_role(
        RoleArn=f"arn:aws:iam::{world.accounts['Security Audit']}:role/Investigation",
        RoleSessionName="admin",
        Tags=[{"Key": "team", "Value": "blue"}],
    )["Credentials"]
    session = {
        "sessionId": taken["AccessKeyId"],
        "sessionKey": taken["SecretAccessKey"],
        "sessionToken": taken["SessionToken"],
    }
    asked = {"Action": "getSigninToken", "Session": json.dumps(session)}
    token = json.loads(admin.page("/federation", asked))["SigninToken"]
    login = {"Action": "login", "Issuer": "x", "Destination": "", "SigninToken": token}
    page = admin.page("/federation?" + urllib.parse.urlencode(login))
    return [line for line in ("team = blue", "mail = admin@example.com") if line in page]


def tags(world):
    sso, arn = world.sso, world.arn
    first = {"Key": "Team", "Value": "Data"}
    permission_set = world.permission_set("Tagged", Tags=[first])
    application = world.application("Tagged", Tags=[first])
    issuer = world.token_issuer("tagged", Tags=[first])
    with world.api.proves("TagResource", "UntagResource", "ListTagsForResource"):
        sso.tag_resource(ResourceArn=arn, Tags=[first])
        for resource in (arn, permission_set, application, issuer):
            named = {"InstanceArn": arn, "ResourceArn": resource}
            assert sso.list_tags_for_resource(**named)["Tags"] == [first], resource
            new = {"Key": "Cost center", "Value": "4711 ä"}
            sso.tag_resource(**named, Tags=[new, {"Key": "Team", "Value": "Web"}])
            listed = sso.list_tags_for_resource(ResourceArn=resource)["Tags"]
            assert listed == [new, {"Key": "Team", "Value": "Web"}], listed
            sso.untag_resource(**named, TagKeys=["Team", "unknown"])
            assert sso.list_tags_for_resource(**named)["Tags"] == [new]
        named = {"ResourceArn": permission_set, "InstanceArn": arn}
        reserved = [{"Key": "AWS:x", "Value": "y"}]
        refused("ValidationException", sso.tag_resource, **named, Tags=reserved)
        most = [{"Key": f"k{number}", "Value": ""} for number in range(75)]
        refused("ServiceQuotaExceededException", sso.tag_resource, **named, Tags=most)
        assert len(sso.list_tags_for_resource(**named)["Tags"]) == 1
        unknown = permission_set[:-16] + "0" * 16
        call = sso.list_tags_for_resource
        refused("ResourceNotFoundException", call, InstanceArn=arn, ResourceArn=unknown)
        sso.delete_permission_set(InstanceArn=arn, PermissionSetArn=permission_set)
        refused("ResourceNotFoundException", sso.tag_resource, **named, Tags=[first])
    sso.delete_application(ApplicationArn=application)
    sso.delete_trusted_token_issuer(TrustedTokenIssuerArn=issuer)


def main():
    world = World(read_facts())
    families = [instances, permission_sets, policies, assignments, provisioning, attributes, tags]
    families += [getattr(applications, name) for name in applications.FAMILIES]
    for family in families:
        family(world)
    world.api.print()


main()
