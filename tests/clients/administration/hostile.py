"""Every operation of the administrative APIs, with hostile text in each place that takes text.

Run as `python hostile.py FACTS`. Whatever is refused is refused for a reason of the caller's, and the
portal is as it was afterwards. Prints the operations that were tried, one a line.
"""

import copy
import uuid

from botocore import xform_name
from botocore.exceptions import ClientError

from proof import client, pages, read_facts

TEXTS = [
    "x'; DROP TABLE users; --\"%_\\)",
    "<img src=x onerror=alert(1)>{{7*7}}${7*7}\r\nX-Injected: yes",
    "\U0001f600" * 5000,
    "x\0y",
]
# What takes things away comes last, so that there is something to the others.
LAST = ("Delete", "Remove", "Close", "Detach", "Disable", "Deregister", "Leave")


def sample(shape, name, known):
    """A value that a shape of the model takes; of a union, its first member."""
    match shape.type_name:
        case "structure":
            members = list(shape.members.items())
            if getattr(shape, "is_tagged_union", False):
                members = members[:1]
            return {name: sample(member, name, known) for name, member in members}
        case "list":
            return [sample(shape.member, name, known)]
        case "map":
            return {"Plain": sample(shape.value, name, known)}
        case "string":
            plain = shape.enum[0] if shape.enum else "Plain"
            return known.get(name, plain)
        case "boolean":
            return False
        case "timestamp":
            return 0
        case _:
            return 1


def places(value, path=()):
    """The ways to every text in a value."""
    if isinstance(value, str):
        yield path
        return
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def with_text(value, path, text):
    """The same with another text in one place. Every page but one under test is the first."""
    value = copy.deepcopy(value)
    if path != ("NextToken",):
        value.pop("NextToken", None)
    if "ClientToken" in value:
        value["ClientToken"] = str(uuid.uuid4())
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = text
    return value


def call(api, operation, arguments):
    """An answer, or a refusal that is not the portal's fault."""
    try:
        getattr(api, xform_name(operation))(**arguments)
    except ClientError as refusal:
        status = refusal.response["ResponseMetadata"]["HTTPStatusCode"]
        assert status == 400, (operation, arguments, refusal)


def things():
    """What the samples name, so that a request fails for its hostile text alone."""
    facts = read_facts()
    sso, store, organization = (
        client(name, facts) for name in ("sso-admin", "identitystore", "organizations")
    )
    (instance,) = sso.list_instances()["Instances"]
    arn, store_id = instance["InstanceArn"], instance["IdentityStoreId"]
    user = store.list_users(IdentityStoreId=store_id)["Users"][0]["UserId"]
    group = store.list_groups(IdentityStoreId=store_id)["Groups"][0]["GroupId"]
    (root,) = organization.list_roots()["Roots"]
    unit = organization.create_organizational_unit(ParentId=root["Id"], Name="Hostile")
    account = organization.list_accounts()["Accounts"][-1]["Id"]
    application = sso.create_application(
        InstanceArn=arn,
        ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom",
        Name="Hostile",
    )["ApplicationArn"]
    known = {
        "InstanceArn": arn,
        "IdentityStoreId": store_id,
        "PermissionSetArn": sso.list_permission_sets(InstanceArn=arn)["PermissionSets"][0],
        "ApplicationArn": application,
        "ApplicationProviderArn": "arn:aws:sso::aws:applicationProvider/custom",
        "ResourceArn": application,
        "PrincipalId": user,
        "UserId": user,
        "GroupId": group,
        "GroupIds": group,
        "AccountId": account,
        "TargetId": account,
        "ParentId": root["Id"],
        "RootId": root["Id"],
        "OrganizationalUnitId": unit["OrganizationalUnit"]["Id"],
        "ResourceId": account,
        "ServicePrincipal": "sso.amazonaws.com",
        "ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "SessionDuration": "PT1H",
        "Content": '{"Version": "2012-10-17", "Statement": []}',
        "InlinePolicy": '{"Version": "2012-10-17", "Statement": []}',
    }
    return known, (sso, store, organization)


def main():
    known, apis = things()
    for api in apis:
        model = api.meta.service_model
        for operation in sorted(model.operation_names, key=lambda name: name.startswith(LAST)):
            shape = model.operation_model(operation).input_shape
            whole = sample(shape, "", known) if shape else {}
            for path in places(whole):
                for text in TEXTS:
                    call(api, operation, with_text(whole, path, text))
            print(model.service_name, operation)
    _, store, _ = apis
    users = pages(store.list_users, "Users", IdentityStoreId=known["IdentityStoreId"])
    assert any(user["UserName"] == "admin" for user in users), users


main()
