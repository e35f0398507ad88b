"""Every operation of organizations that the portal offers, by boto3: each effect is read through
another operation, or seen by a user. Prints what it proved."""

import json

from proof import Api, pages, read_facts, refused

api = Api("organizations", read_facts())
organizations = api.client
SCP = "SERVICE_CONTROL_POLICY"
DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
    }
)


def root_id():
    (root,) = organizations.list_roots()["Roots"]
    return root["Id"]


def create_account(name, email, **more):
    asked = organizations.create_account(AccountName=name, Email=email, **more)["CreateAccountStatus"]
    assert asked["State"] == "IN_PROGRESS" and asked["Id"].startswith("car-"), asked
    status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
    return status["CreateAccountStatus"]


def names(found, key="Name"):
    return [one[key] for one in found]


def organization_and_root():
    organization = organizations.describe_organization()["Organization"]
    assert organization["FeatureSet"] == "ALL", organization
    management = organization["MasterAccountId"]
    assert organization["Arn"].endswith(f":{management}:organization/{organization['Id']}")
    account = organizations.describe_account(AccountId=management)["Account"]
    assert account["Arn"] == organization["MasterAccountArn"]
    assert account["Email"] == organization["MasterAccountEmail"]
    (root,) = organizations.list_roots()["Roots"]
    assert root["Id"].startswith("r-") and root["Name"] == "Root" and root["PolicyTypes"] == []
    assert account["Paths"][0].startswith(f"{organization['Id']}/{root['Id']}/")
    refused("AlreadyInOrganizationException", organizations.create_organization)
    refused("OrganizationNotEmptyException", organizations.delete_organization)
    refused(
        "HandshakeConstraintViolationException",
        organizations.enable_all_features,
        reason="ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
    )
    api.proved("DescribeOrganization", "DescribeAccount", "ListRoots")
    return management


def accounts(management):
    made = create_account("Warehouse", "warehouse@example.com", Tags=[{"Key": "team", "Value": "a"}])
    assert made["State"] == "SUCCEEDED", made
    account = organizations.describe_account(AccountId=made["AccountId"])["Account"]
    assert (account["Name"], account["Email"]) == ("Warehouse", "warehouse@example.com")
    assert (account["Status"], account["JoinedMethod"]) == ("ACTIVE", "CREATED")
    tags = organizations.list_tags_for_resource(ResourceId=account["Id"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}], tags

    again = create_account("Other", "Warehouse@Example.com")
    assert (again["State"], again["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS"), again
    failed = organizations.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    assert again in failed and made not in failed
    both = pages(organizations.list_create_account_status, "CreateAccountStatuses", MaxResults=1)
    assert made in both and again in both

    listed = pages(organizations.list_accounts, "Accounts", MaxResults=2)
    assert account in listed and len(listed) == len({one["Id"] for one in listed})
    assert listed == pages(organizations.list_accounts, "Accounts")

    refused("InvalidInputException", create_account, name="x", email="nowhere", reason="INVALID_PATTERN")
    refused("InvalidInputException", create_account, name="x" * 51, email="x@example.com", reason="MAX_LENGTH_EXCEEDED")
    refused("AccountNotFoundException", organizations.describe_account, AccountId="999999999999")
    refused("InvalidInputException", organizations.describe_account, AccountId="12", reason="INVALID_PATTERN")
    unknown = "car-" + "0" * 32
    refused(
        "CreateAccountStatusNotFoundException",
        organizations.describe_create_account_status,
        CreateAccountRequestId=unknown,
    )
    refused("InvalidInputException", organizations.list_accounts, MaxResults=21)
    refused("InvalidInputException", organizations.list_accounts, NextToken="made up")
    api.proved("CreateAccount", "DescribeCreateAccountStatus", "ListCreateAccountStatus", "ListAccounts")
    gov_cloud_accounts()
    return account["Id"]


def gov_cloud_accounts():
    create = organizations.create_gov_cloud_account
    asked = create(AccountName="Embassy", Email="embassy@example.com")["CreateAccountStatus"]
    assert asked["State"] == "IN_PROGRESS" and "AccountId" not in asked, asked
    made = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    here, paired = made["AccountId"], made["GovCloudAccountId"]
    assert organizations.describe_account(AccountId=here)["Account"]["Name"] == "Embassy"
    assert here != paired and len(paired) == 12, made
    refused("AccountNotFoundException", organizations.describe_account, AccountId=paired)
    refused("InvalidInputException", create, AccountName="x", Email="nowhere", reason="INVALID_PATTERN")
    organizations.remove_account_from_organization(AccountId=here)
    api.proved("CreateGovCloudAccount")


def units(account):
    root = root_id()
    create = organizations.create_organizational_unit
    before = len(pages(organizations.list_organizational_units_for_parent, "OrganizationalUnits", ParentId=root))
    top = create(ParentId=root, Name="Factory", Tags=[{"Key": "k", "Value": ""}])["OrganizationalUnit"]
    assert top["Id"].startswith(f"ou-{root[2:]}-") and f":ou/" in top["Arn"], top
    described = organizations.describe_organizational_unit(OrganizationalUnitId=top["Id"])
    assert described["OrganizationalUnit"] == top
    assert organizations.list_tags_for_resource(ResourceId=top["Id"])["Tags"] == [{"Key": "k", "Value": ""}]
    inner = [create(ParentId=top["Id"], Name=name)["OrganizationalUnit"] for name in ("A", "B", "C")]
    listed = pages(organizations.list_organizational_units_for_parent, "OrganizationalUnits", ParentId=top["Id"], MaxResults=2)
    assert listed == inner, listed
    assert inner[0]["Path"] == top["Path"] + inner[0]["Id"] + "/"
    after = pages(organizations.list_organizational_units_for_parent, "OrganizationalUnits", ParentId=root)
    assert len(after) == before + 1

    refused("DuplicateOrganizationalUnitException", create, ParentId=root, Name="Factory")
    refused("ParentNotFoundException", create, ParentId=f"ou-{root[2:]}-00000000", Name="x")
    refused("ParentNotFoundException", create, ParentId="r-0000", Name="x")
    refused("InvalidInputException", create, ParentId="elsewhere", Name="x", reason="INVALID_PATTERN")
    deepest = inner[0]["Id"]
    for level in range(3, 6):
        deepest = create(ParentId=deepest, Name=f"Level {level}")["OrganizationalUnit"]["Id"]
    refused("ConstraintViolationException", create, ParentId=deepest, Name="x", reason="OU_DEPTH_LIMIT_EXCEEDED")

    rename = organizations.update_organizational_unit
    renamed = rename(OrganizationalUnitId=inner[1]["Id"], Name="Bee")["OrganizationalUnit"]
    assert organizations.describe_organizational_unit(OrganizationalUnitId=inner[1]["Id"])["OrganizationalUnit"] == renamed
    assert renamed["Name"] == "Bee"
    refused("DuplicateOrganizationalUnitException", rename, OrganizationalUnitId=inner[1]["Id"], Name="C")

    delete = organizations.delete_organizational_unit
    refused("OrganizationalUnitNotEmptyException", delete, OrganizationalUnitId=top["Id"])
    delete(OrganizationalUnitId=inner[2]["Id"])
    refused("OrganizationalUnitNotFoundException", organizations.describe_organizational_unit, OrganizationalUnitId=inner[2]["Id"])
    api.proved(
        "CreateOrganizationalUnit",
        "DescribeOrganizationalUnit",
        "ListOrganizationalUnitsForParent",
        "UpdateOrganizationalUnit",
        "DeleteOrganizationalUnit",
    )
    tree(account, root, top["Id"], inner[0]["Id"], inner[1]["Id"])
    return top["Id"]


def tree(account, root, top, first, second):
    parents = lambda child: organizations.list_parents(ChildId=child)["Parents"]
    move = organizations.move_account
    assert parents(account) == [{"Id": root, "Type": "ROOT"}]
    assert parents(first) == [{"Id": top, "Type": "ORGANIZATIONAL_UNIT"}]
    move(AccountId=account, SourceParentId=root, DestinationParentId=top)
    assert parents(account) == [{"Id": top, "Type": "ORGANIZATIONAL_UNIT"}]
    inside = organizations.list_accounts_for_parent(ParentId=top)["Accounts"]
    assert names(inside, "Id") == [account]
    assert f"/{top}/{account}/" in inside[0]["Paths"][0]
    outside = pages(organizations.list_accounts_for_parent, "Accounts", ParentId=root, MaxResults=1)
    assert account not in names(outside, "Id")

    children = lambda kind: pages(organizations.list_children, "Children", ParentId=top, ChildType=kind, MaxResults=1)
    assert children("ACCOUNT") == [{"Id": account, "Type": "ACCOUNT"}]
    found = children("ORGANIZATIONAL_UNIT")
    assert sorted(names(found, "Id")) == sorted([first, second]), found

    refused("DuplicateAccountException", move, AccountId=account, SourceParentId=top, DestinationParentId=top)
    refused("SourceParentNotFoundException", move, AccountId=account, SourceParentId=root, DestinationParentId=top)
    refused("DestinationParentNotFoundException", move, AccountId=account, SourceParentId=top, DestinationParentId="r-0000")
    refused("AccountNotFoundException", move, AccountId="999999999999", SourceParentId=top, DestinationParentId=root)
    refused("ChildNotFoundException", organizations.list_parents, ChildId="999999999999")
    refused("ParentNotFoundException", organizations.list_children, ParentId="r-0000", ChildType="ACCOUNT")
    refused("InvalidInputException", organizations.list_children, ParentId=top, ChildType="TREE", reason="INVALID_ENUM")
    refused("OrganizationalUnitNotEmptyException", organizations.delete_organizational_unit, OrganizationalUnitId=top)
    api.proved("MoveAccount", "ListParents", "ListAccountsForParent", "ListChildren")


def tags(account, unit):
    for resource in (account, unit, root_id(), "p-FullAWSAccess"):
        tag = lambda tags: organizations.tag_resource(ResourceId=resource, Tags=[{"Key": k, "Value": v} for k, v in tags])
        listed = lambda: {t["Key"]: t["Value"] for t in pages(organizations.list_tags_for_resource, "Tags", ResourceId=resource)}
        tag([(f"key {number:02}", "x") for number in range(25)])
        tag([("key 00", "y"), ("last", "")])
        assert listed()["key 00"] == "y" and listed()["last"] == "" and len(listed()) >= 26
        organizations.untag_resource(ResourceId=resource, TagKeys=["key 00", "nobody has this"])
        assert "key 00" not in listed()
        refused("ConstraintViolationException", tag, tags=[(f"more {n}", "") for n in range(40)], reason="MAX_TAG_LIMIT_EXCEEDED")
        assert "more 1" not in listed(), "nothing of a refused request is stored"
        refused("InvalidInputException", tag, tags=[("a", "1"), ("a", "2")], reason="DUPLICATE_TAG_KEY")
        refused("InvalidInputException", tag, tags=[("aws:x", "1")], reason="INVALID_SYSTEM_TAGS_PARAMETER")
        organizations.untag_resource(ResourceId=resource, TagKeys=list(listed()))
        assert listed() == {}
    refused("TargetNotFoundException", organizations.list_tags_for_resource, ResourceId="999999999999")
    refused("InvalidInputException", organizations.list_tags_for_resource, ResourceId="x", reason="INVALID_PATTERN")
    api.proved("TagResource", "UntagResource", "ListTagsForResource")


def policies(account, unit):
    create = lambda **more: organizations.create_policy(**{"Name": "No buckets", "Description": "", "Content": DENY, "Type": SCP, **more})
    policy = create(Tags=[{"Key": "owner", "Value": "security"}])["Policy"]
    summary = policy["PolicySummary"]
    id = summary["Id"]
    assert f"/service_control_policy/{id}" in summary["Arn"] and not summary["AwsManaged"]
    assert organizations.describe_policy(PolicyId=id)["Policy"] == policy
    assert names(organizations.list_tags_for_resource(ResourceId=id)["Tags"], "Key") == ["owner"]
    listed = pages(organizations.list_policies, "Policies", Filter=SCP, MaxResults=1)
    assert summary in listed and "p-FullAWSAccess" in names(listed, "Id")
    assert summary not in pages(organizations.list_policies, "Policies", Filter="TAG_POLICY")

    refused("DuplicatePolicyException", create)
    refused("MalformedPolicyDocumentException", create, Name="x", Content="{")
    refused("MalformedPolicyDocumentException", create, Name="x", Content="{}")
    refused("ConstraintViolationException", create, Name="x", Content=" " * 5121, reason="POLICY_CONTENT_LIMIT_EXCEEDED")
    refused("InvalidInputException", create, Name="x", Type="HOUSE_POLICY", reason="INVALID_ENUM")

    allow = DENY.replace("Deny", "Allow")
    organizations.update_policy(PolicyId=id, Name="Buckets", Content=allow)
    changed = organizations.describe_policy(PolicyId=id)["Policy"]
    assert (changed["PolicySummary"]["Name"], changed["Content"]) == ("Buckets", allow)
    refused("DuplicatePolicyException", organizations.update_policy, PolicyId=id, Name="FullAWSAccess")
    refused("InvalidInputException", organizations.update_policy, PolicyId="p-FullAWSAccess", Name="x", reason="IMMUTABLE_POLICY")
    refused("PolicyNotFoundException", organizations.describe_policy, PolicyId="p-0000000000")
    api.proved("CreatePolicy", "DescribePolicy", "ListPolicies", "UpdatePolicy")
    attachments(id, account, unit)
    organizations.delete_policy(PolicyId=id)
    refused("PolicyNotFoundException", organizations.describe_policy, PolicyId=id)
    api.proved("DeletePolicy")


def attachments(policy, account, unit):
    root = root_id()
    attach, detach = organizations.attach_policy, organizations.detach_policy
    refused("PolicyTypeNotEnabledException", attach, PolicyId=policy, TargetId=root)
    refused("RootNotFoundException", organizations.enable_policy_type, RootId="r-0000", PolicyType=SCP)
    enabled = organizations.enable_policy_type(RootId=root, PolicyType=SCP)["Root"]
    assert enabled["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    assert organizations.list_roots()["Roots"] == [enabled]
    refused("PolicyTypeAlreadyEnabledException", organizations.enable_policy_type, RootId=root, PolicyType=SCP)

    of = lambda target: names(pages(organizations.list_policies_for_target, "Policies", TargetId=target, Filter=SCP, MaxResults=1), "Id")
    for target in (root, unit, account):
        assert of(target) == ["p-FullAWSAccess"], "what is there when the type is enabled"
        attach(PolicyId=policy, TargetId=target)
        assert policy in of(target)
        refused("DuplicatePolicyAttachmentException", attach, PolicyId=policy, TargetId=target)
    newcomer = organizations.create_organizational_unit(ParentId=unit, Name="Late")["OrganizationalUnit"]["Id"]
    assert of(newcomer) == ["p-FullAWSAccess"], "what comes later has it too"
    targets = pages(organizations.list_targets_for_policy, "Targets", PolicyId=policy, MaxResults=2)
    assert {(one["TargetId"], one["Type"]) for one in targets} == {
        (root, "ROOT"),
        (unit, "ORGANIZATIONAL_UNIT"),
        (account, "ACCOUNT"),
    }
    assert {"Root", "Factory", "Warehouse"} == set(names(targets))
    refused("PolicyInUseException", organizations.delete_policy, PolicyId=policy)

    detach(PolicyId="p-FullAWSAccess", TargetId=account)
    refused("ConstraintViolationException", detach, PolicyId=policy, TargetId=account, reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    refused("PolicyNotAttachedException", detach, PolicyId="p-FullAWSAccess", TargetId=account)
    refused("TargetNotFoundException", attach, PolicyId=policy, TargetId="999999999999")
    refused("InvalidInputException", attach, PolicyId=policy, TargetId="x", reason="INVALID_PATTERN_TARGET_ID")
    detach(PolicyId=policy, TargetId=root)
    assert of(root) == ["p-FullAWSAccess"]

    disabled = organizations.disable_policy_type(RootId=root, PolicyType=SCP)["Root"]
    assert disabled["PolicyTypes"] == [] and of(account) == []
    refused("PolicyTypeNotEnabledException", organizations.disable_policy_type, RootId=root, PolicyType=SCP)
    api.proved(
        "EnablePolicyType",
        "DisablePolicyType",
        "AttachPolicy",
        "DetachPolicy",
        "ListPoliciesForTarget",
        "ListTargetsForPolicy",
    )


def resource_policy():
    content = lambda action: json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}],
        }
    )
    refused("ResourcePolicyNotFoundException", organizations.describe_resource_policy)
    put = organizations.put_resource_policy(Content=content("organizations:List*"))["ResourcePolicy"]
    assert organizations.describe_resource_policy()["ResourcePolicy"] == put
    id = put["ResourcePolicySummary"]["Id"]
    organizations.tag_resource(ResourceId=id, Tags=[{"Key": "a", "Value": "b"}])
    again = organizations.put_resource_policy(Content=content("organizations:Describe*"))["ResourcePolicy"]
    assert again["ResourcePolicySummary"]["Id"] == id and "Describe" in again["Content"]
    assert organizations.list_tags_for_resource(ResourceId=id)["Tags"] == [{"Key": "a", "Value": "b"}]
    refused("InvalidInputException", organizations.put_resource_policy, Content="{", reason="INVALID_RESOURCE_POLICY_JSON")
    refused(
        "InvalidInputException",
        organizations.put_resource_policy,
        Content=content("s3:*"),
        reason="UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
    )
    organizations.delete_resource_policy()
    refused("ResourcePolicyNotFoundException", organizations.delete_resource_policy)
    api.proved("PutResourcePolicy", "DescribeResourcePolicy", "DeleteResourcePolicy")


def services(management, account):
    register = organizations.register_delegated_administrator
    deregister = organizations.deregister_delegated_administrator
    sso, config = "sso.amazonaws.com", "config.amazonaws.com"
    refused("ConstraintViolationException", register, AccountId=account, ServicePrincipal=sso, reason="SERVICE_ACCESS_NOT_ENABLED")
    for service in (sso, config):
        organizations.enable_aws_service_access(ServicePrincipal=service)
    enabled = lambda: names(
        pages(organizations.list_aws_service_access_for_organization, "EnabledServicePrincipals", MaxResults=1),
        "ServicePrincipal",
    )
    assert enabled() == [config, sso]
    for call in (organizations.enable_aws_service_access, organizations.disable_aws_service_access):
        refused("InvalidInputException", call, ServicePrincipal="moon.example.com", reason="UNRECOGNIZED_SERVICE_PRINCIPAL")

    refused("AccountNotRegisteredException", organizations.list_delegated_services_for_account, AccountId=account)
    refused("AccountNotRegisteredException", deregister, AccountId=account, ServicePrincipal=sso)
    register(AccountId=account, ServicePrincipal=sso)
    register(AccountId=account, ServicePrincipal=config)
    refused("AccountAlreadyRegisteredException", register, AccountId=account, ServicePrincipal=sso)
    refused(
        "ConstraintViolationException",
        register,
        AccountId=management,
        ServicePrincipal=sso,
        reason="CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
    )
    administrators = lambda **more: names(pages(organizations.list_delegated_administrators, "DelegatedAdministrators", **more), "Id")
    assert administrators() == [account] == administrators(ServicePrincipal=sso)
    delegated = pages(organizations.list_delegated_services_for_account, "DelegatedServices", AccountId=account, MaxResults=1)
    assert names(delegated, "ServicePrincipal") == [config, sso]
    refused(
        "ConstraintViolationException",
        organizations.remove_account_from_organization,
        AccountId=account,
        reason="CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
    )
    deregister(AccountId=account, ServicePrincipal=sso)
    assert administrators(ServicePrincipal=sso) == [] and administrators() == [account]
    deregister(AccountId=account, ServicePrincipal=config)
    for service in (sso, config):
        organizations.disable_aws_service_access(ServicePrincipal=service)
    assert enabled() == [] == administrators()
    api.proved(
        "EnableAWSServiceAccess",
        "DisableAWSServiceAccess",
        "ListAWSServiceAccessForOrganization",
        "RegisterDelegatedAdministrator",
        "DeregisterDelegatedAdministrator",
        "ListDelegatedAdministrators",
        "ListDelegatedServicesForAccount",
    )


def the_end_of_accounts(management, account):
    close, remove = organizations.close_account, organizations.remove_account_from_organization
    close(AccountId=account)
    assert organizations.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"
    refused("AccountAlreadyClosedException", close, AccountId=account)
    refused("AccountNotFoundException", close, AccountId="999999999999")
    refused("ConstraintViolationException", close, AccountId=management, reason="CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    refused("MasterCannotLeaveOrganizationException", remove, AccountId=management)
    for member in pages(organizations.list_accounts, "Accounts"):
        if member["Id"] != management:
            remove(AccountId=member["Id"])
            refused("AccountNotFoundException", organizations.describe_account, AccountId=member["Id"])
    assert names(pages(organizations.list_accounts, "Accounts"), "Id") == [management]
    api.proved("CloseAccount", "RemoveAccountFromOrganization")


def the_end_of_the_organization():
    organizations.delete_organization()
    for call in (organizations.describe_organization, organizations.list_roots, organizations.list_accounts):
        refused("AWSOrganizationsNotInUseException", call)
    refused("AWSOrganizationsNotInUseException", create_account, name="x", email="x@example.com")
    refused("InvalidInputException", organizations.create_organization, FeatureSet="SOME", reason="INVALID_ENUM")
    made = organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]
    assert organizations.describe_organization()["Organization"] == made
    root = root_id()
    refused("PolicyTypeNotAvailableForOrganizationException", organizations.enable_policy_type, RootId=root, PolicyType=SCP)
    handshake = organizations.enable_all_features()["Handshake"]
    assert (handshake["Action"], handshake["State"]) == ("ENABLE_ALL_FEATURES", "ACCEPTED")
    assert organizations.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    organizations.enable_policy_type(RootId=root, PolicyType=SCP)
    assert pages(organizations.list_organizational_units_for_parent, "OrganizationalUnits", ParentId=root) == []
    api.proved("DeleteOrganization", "CreateOrganization", "EnableAllFeatures")


management = organization_and_root()
account = accounts(management)
unit = units(account)
tags(account, unit)
policies(account, unit)
resource_policy()
services(management, account)
the_end_of_accounts(management, account)
the_end_of_the_organization()
api.print()
