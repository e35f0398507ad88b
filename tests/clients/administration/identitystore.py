"""Every operation of identitystore that the portal offers, by boto3: each effect is read through
another operation, or seen by a user. Prints what it proved."""

import uuid

from proof import Api, client, pages, read_facts, refused

facts = read_facts()
api = Api("identitystore", facts)
store = api.client
(instance,) = client("sso-admin", facts).list_instances()["Instances"]
OURS = {"IdentityStoreId": instance["IdentityStoreId"]}
NOBODY = str(uuid.uuid4())
# Whatever SQL, HTML, templates or headers might make of it, it comes back as it went in.
HOSTILE = "'; DROP TABLE users; -- \" <script>alert(1)</script> {{7*7}} ${7*7}\r\nSet-Cookie: a=b %00 é漢字"
FULL = {
    "UserName": "ada",
    "DisplayName": "Ada Lovelace",
    "Name": {
        "Formatted": "Countess Ada King Lovelace",
        "GivenName": "Ada",
        "MiddleName": "King",
        "FamilyName": "Lovelace",
        "HonorificPrefix": "Countess",
        "HonorificSuffix": "the First",
    },
    "NickName": "Enchantress",
    "ProfileUrl": "https://example.com/ada",
    "Emails": [
        {"Value": "ada@example.com", "Type": "work", "Primary": True},
        {"Value": "ada@home.example", "Type": "home", "Primary": False},
    ],
    "Addresses": [
        {
            "StreetAddress": "12 St James's Square",
            "Locality": "London",
            "Region": "Westminster",
            "PostalCode": "SW1Y 4JH",
            "Country": "GB",
            "Formatted": "12 St James's Square\nLondon",
            "Type": "home",
            "Primary": True,
        }
    ],
    "PhoneNumbers": [{"Value": "+44 20 0000 0000", "Type": "work", "Primary": True}],
    "Photos": [
        {"Value": "https://example.com/1", "Type": "photo", "Display": "A", "Primary": True},
        {"Value": "https://example.com/2", "Type": "thumbnail", "Primary": False},
    ],
    "Roles": [{"Value": "analyst", "Type": "work", "Primary": True}],
    "UserType": "Employee",
    "Title": "Mathematician",
    "PreferredLanguage": "en-GB",
    "Locale": "en-GB",
    "Timezone": "Europe/London",
    "Website": "https://ada.example",
    "Birthdate": "1815-12-10",
}
ENTERPRISE = "aws:identitystore:enterprise"


def create(name, **more):
    given = {"DisplayName": name, "Name": {"GivenName": name, "FamilyName": "Example"}} | more
    return store.create_user(**OURS, UserName=name, **given)["UserId"]


def describe(user, **more):
    return store.describe_user(**OURS, UserId=user, **more)


def update(call, operations, **which):
    changes = [{"AttributePath": p, "AttributeValue": v} for p, v in operations.items()]
    return call(**OURS, **which, Operations=changes)


def the_store():
    (only,) = store.list_identity_stores()["IdentityStores"]
    assert only["IdentityStoreId"] == OURS["IdentityStoreId"], only
    described = store.describe_identity_store(**OURS)
    assert described["IdentityStoreArn"] == only["IdentityStoreArn"], described
    assert f"::{instance['OwnerAccountId']}:identitystore/" in only["IdentityStoreArn"], only
    # By its ARN, it is the same.
    assert store.list_users(IdentityStoreId=only["IdentityStoreArn"])["Users"]
    missing = refused("ResourceNotFoundException", store.list_users, IdentityStoreId="d-0000000000")
    assert missing["ResourceType"] == "IDENTITY_STORE", missing
    refused("ValidationException", store.list_users, message="Value null at 'identityStoreId'")
    refused("ValidationException", store.list_users, IdentityStoreId="x", message="pattern")
    api.proved("DescribeIdentityStore", "ListIdentityStores")


def users():
    made = store.create_user(**OURS, **FULL, Extensions={ENTERPRISE: {"department": "Engines"}})
    ada = made["UserId"]
    assert made["UserArn"].endswith(f":user/{ada}") and made["Revision"] == "1", made
    known = describe(ada)
    assert {name: known[name] for name in FULL} == FULL, known
    assert known["UserStatus"] == "ENABLED" and "Extensions" not in known, known
    assert known["CreatedAt"] == known["UpdatedAt"] and known["CreatedBy"].startswith("AKIA"), known
    extended = describe(ada, Extensions=[ENTERPRISE])
    assert extended["Extensions"][ENTERPRISE] == {"department": "Engines"}, extended
    assert describe(made["UserArn"])["UserId"] == ada
    missing = refused(
        "ResourceNotFoundException", describe, user=NOBODY, message="USER not found."
    )
    assert missing["ResourceType"] == "USER" and missing["ResourceId"] == NOBODY, missing
    assert missing["RequestId"] == missing["ResponseMetadata"]["RequestId"], missing
    api.proved("CreateUser", "DescribeUser")
    return ada


def refused_users():
    taken = {"reason": "UNIQUENESS_CONSTRAINT_VIOLATION"}
    refused("ConflictException", create, name="ADA", message="Duplicate UserName", **taken)
    emails = [{"Value": "Ada@Example.com"}]
    refused("ConflictException", create, name="other", Emails=emails, **taken)
    call = store.create_user
    refused("ValidationException", call, **OURS, message="userName is a required attribute")
    both = "displayname: The attribute displayname is required, name: The attribute name is required"
    refused("ValidationException", call, **OURS, UserName="x", Name={}, message=both)
    half = {"UserName": "x", "DisplayName": "x", "Name": {"GivenName": "x"}}
    text = "familyname: The attribute familyname is required"
    refused("ValidationException", call, **OURS, **half, message=text)
    for name, text in [
        ("x" * 129, "less than or equal to 128"),
        ("with space", "regular expression"),
        ("line\nbreak", "regular expression"),
        ("Administrator", "reserved"),
    ]:
        refused("ValidationException", create, name=name, DisplayName="x", message=text)
    for field in ("NickName", "Title", "Website", "DisplayName"):
        refused("ValidationException", create, name="x", **{field: "x" * 1025}, message="1024")
        refused("ValidationException", create, name="x", **{field: "\0"}, message="pattern")
    refused("ValidationException", create, name="x", Photos=[{"Value": "x"}] * 4, message="3")
    refused("ValidationException", create, name="x", Title=5, message="expected a string")
    assert not [user for user in pages(store.list_users, "Users", **OURS) if user["UserName"] == "x"]


def changed_users(ada):
    made = update(
        store.update_user,
        {
            "displayName": "Ada King",
            "name.givenName": "Augusta",
            "name.middleName": None,
            "title": None,
            "emails": [{"value": "augusta@example.com", "type": "work", "primary": True}],
            "phoneNumbers": None,
            f"{ENTERPRISE}.costCenter": "42",
            f"{ENTERPRISE}.department": None,
        },
        UserId=ada,
    )
    assert made["Revision"] == "2", made
    known = describe(ada, Extensions=[ENTERPRISE])
    assert known["DisplayName"] == "Ada King" and known["Name"]["GivenName"] == "Augusta", known
    assert known["Emails"] == [{"Value": "augusta@example.com", "Type": "work", "Primary": True}]
    assert not {"Title", "PhoneNumbers"} & set(known) and "MiddleName" not in known["Name"], known
    assert known["Extensions"] == {ENTERPRISE: {"costCenter": "42"}}, known
    assert known["UserName"] == "ada" and known["NickName"] == FULL["NickName"], known
    # All of it or nothing.
    for wrong in ("shoeSize", "name.shoe", "emails.value", "id"):
        attempt = {"displayName": "Half", wrong: "1"}
        refused("ValidationException", update, call=store.update_user, operations=attempt, UserId=ada)
    refused(
        "ConflictException",
        store.update_user,
        **OURS,
        UserId=ada,
        Revision="1",
        Operations=[{"AttributePath": "title", "AttributeValue": "Late"}],
        reason="CONCURRENT_MODIFICATION",
    )
    assert describe(ada)["Revision"] == "2" and describe(ada)["DisplayName"] == "Ada King"
    grace = create("grace")
    attempt = {"call": store.update_user, "UserId": grace}
    refused("ConflictException", update, operations={"userName": "Ada"}, **attempt)
    refused("ValidationException", update, operations={}, **attempt)
    refused(
        "ResourceNotFoundException", update, operations={"title": "x"}, call=store.update_user, UserId=NOBODY
    )
    update(store.update_user, {"UserName": "amazing.grace"}, UserId=grace)
    assert describe(grace)["UserName"] == "amazing.grace"
    api.proved("UpdateUser")
    return grace


def found_users(ada):
    def get(path, value):
        unique = {"AttributePath": path, "AttributeValue": value}
        return store.get_user_id(**OURS, AlternateIdentifier={"UniqueAttribute": unique})

    assert get("userName", "Ada")["UserId"] == ada
    assert get("emails.value", "augusta@example.com")["UserId"] == ada
    refused("ResourceNotFoundException", get, path="emails.value", value="ada@example.com")
    refused("ValidationException", get, path="title", value="x", message="not a unique attribute")
    external = {"ExternalId": {"Issuer": "https://scim.example.com", "Id": "1"}}
    refused("ResourceNotFoundException", store.get_user_id, **OURS, AlternateIdentifier=external)
    refused("ValidationException", store.get_user_id, **OURS, AlternateIdentifier={})
    api.proved("GetUserId")


def listed_users(ada):
    ids = [create(f"many-{number}") for number in range(5)]
    everyone = pages(store.list_users, "Users", **OURS)
    assert everyone == pages(store.list_users, "Users", **OURS, MaxResults=2)
    assert [user["UserId"] for user in everyone][-5:] == ids, "in the order of their making"
    assert next(user for user in everyone if user["UserId"] == ada) == {
        name: value for name, value in describe(ada).items() if name != "ResponseMetadata"
    }
    named = lambda name: [{"AttributePath": "UserName", "AttributeValue": name}]
    (one,) = store.list_users(**OURS, Filters=named("many-3"))["Users"]
    assert one["UserId"] == ids[3], one
    assert store.list_users(**OURS, Filters=named("nobody"))["Users"] == []
    other = [{"AttributePath": "Title", "AttributeValue": "x"}]
    refused("ValidationException", store.list_users, **OURS, Filters=other)
    refused("ValidationException", store.list_users, **OURS, Filters=named("a") * 2)
    for size, text in [(0, "greater than or equal to 1"), (101, "less than or equal to 100")]:
        refused("ValidationException", store.list_users, **OURS, MaxResults=size, message=text)
    refused("SerializationException", store.list_users, **OURS, MaxResults="many")
    token = store.list_users(**OURS, MaxResults=1)["NextToken"]
    altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    refused("ValidationException", store.list_users, **OURS, NextToken=altered)
    refused("ValidationException", store.list_groups, **OURS, NextToken=token)
    elsewhere = {"NextToken": token, "Filters": named("many-3")}
    refused("ValidationException", store.list_users, **OURS, **elsewhere)
    api.proved("ListUsers")
    return ids


def verbatim():
    contact = [{"Value": HOSTILE, "Type": HOSTILE, "Primary": True}]
    texts = {
        name: HOSTILE
        for name in ("DisplayName", "NickName", "ProfileUrl", "UserType", "Title", "Locale")
        + ("PreferredLanguage", "Timezone", "Website", "Birthdate")
    }
    texts["Name"] = dict.fromkeys(FULL["Name"], HOSTILE)
    texts["Addresses"] = [dict.fromkeys(FULL["Addresses"][0], HOSTILE) | {"Primary": True}]
    texts |= {"Emails": contact, "PhoneNumbers": contact, "Roles": contact}
    texts["Photos"] = [{**contact[0], "Display": HOSTILE}]
    name = "'--\";<b>{{x}}${x}%00é"
    user = store.create_user(**OURS, UserName=name, **texts)["UserId"]
    known = describe(user)
    assert known["UserName"] == name and {key: known[key] for key in texts} == texts, known
    unique = {"AttributePath": "userName", "AttributeValue": name}
    found = store.get_user_id(**OURS, AlternateIdentifier={"UniqueAttribute": unique})
    assert found["UserId"] == user
    (one,) = store.list_users(
        **OURS, Filters=[{"AttributePath": "UserName", "AttributeValue": name}]
    )["Users"]
    assert one["UserId"] == user
    group = store.create_group(**OURS, DisplayName=HOSTILE, Description=HOSTILE)["GroupId"]
    known = store.describe_group(**OURS, GroupId=group)
    assert known["DisplayName"] == known["Description"] == HOSTILE, known
    store.delete_group(**OURS, GroupId=group)
    store.delete_user(**OURS, UserId=user)


def groups():
    made = store.create_group(**OURS, DisplayName="Engines", Description="All of them")
    group = made["GroupId"]
    which = {**OURS, "GroupId": group}
    known = store.describe_group(**which)
    assert (known["DisplayName"], known["Description"]) == ("Engines", "All of them"), known
    assert known["GroupArn"] == made["GroupArn"] and known["Revision"] == "1", known
    taken = {"reason": "UNIQUENESS_CONSTRAINT_VIOLATION", "message": "Duplicate GroupDisplayName"}
    refused("ConflictException", store.create_group, **OURS, DisplayName="engines", **taken)
    refused("ValidationException", store.create_group, **OURS, message="'displayName'")
    refused("ValidationException", store.create_group, **OURS, DisplayName="", message="1")
    missing = refused("ResourceNotFoundException", store.describe_group, **OURS, GroupId=NOBODY)
    assert missing["ResourceType"] == "GROUP", missing
    api.proved("CreateGroup", "DescribeGroup")
    changed = update(store.update_group, {"displayName": "Analysis", "description": None}, GroupId=group)
    assert changed["Revision"] == "2", changed
    known = store.describe_group(**which)
    assert known["DisplayName"] == "Analysis" and "Description" not in known, known
    wrong = {"call": store.update_group, "GroupId": group}
    refused("ValidationException", update, operations={"color": "red"}, **wrong)
    refused("ValidationException", update, operations={"displayName": None}, **wrong)
    refused("ValidationException", update, operations={"description": ["x"]}, **wrong)
    refused(
        "ConflictException", store.delete_group, **which, Revision="1", reason="CONCURRENT_MODIFICATION"
    )
    api.proved("UpdateGroup")
    return group


def found_groups(group):
    unique = {"AttributePath": "DisplayName", "AttributeValue": "analysis"}
    found = store.get_group_id(**OURS, AlternateIdentifier={"UniqueAttribute": unique})
    assert found["GroupId"] == group, found
    unique = {"AttributePath": "displayName", "AttributeValue": "Engines"}
    refused(
        "ResourceNotFoundException",
        store.get_group_id,
        **OURS,
        AlternateIdentifier={"UniqueAttribute": unique},
        message="GROUP not found.",
    )
    made = [store.create_group(**OURS, DisplayName=f"Group {n}")["GroupId"] for n in range(3)]
    listed = pages(store.list_groups, "Groups", **OURS, MaxResults=2)
    assert listed == pages(store.list_groups, "Groups", **OURS)
    assert [entry["GroupId"] for entry in listed][-3:] == made, listed
    named = [{"AttributePath": "DisplayName", "AttributeValue": "Group 1"}]
    (one,) = store.list_groups(**OURS, Filters=named)["Groups"]
    assert one["GroupId"] == made[1], one
    api.proved("GetGroupId", "ListGroups")
    return made


def memberships(group, others, ada, many):
    member = {"GroupId": group, "MemberId": {"UserId": ada}}
    made = store.create_group_membership(**OURS, **member)
    which = {**OURS, "MembershipId": made["MembershipId"]}
    known = store.describe_group_membership(**which)
    assert known["GroupId"] == group and known["MemberId"] == {"UserId": ada}, known
    found = store.get_group_membership_id(**OURS, **member)
    assert found["MembershipId"] == made["MembershipId"], found
    refused("ConflictException", store.create_group_membership, **OURS, **member)
    for missing in ({"GroupId": NOBODY}, {"MemberId": {"UserId": NOBODY}}):
        attempt = {**OURS, **member, **missing}
        refused("ResourceNotFoundException", store.create_group_membership, **attempt)
    text = "Value null at 'memberId.userId'"
    attempt = {**OURS, "GroupId": group, "MemberId": {}}
    refused("ValidationException", store.create_group_membership, **attempt, message=text)
    ids = [made["MembershipId"]]
    for user in many:
        added = store.create_group_membership(**OURS, GroupId=group, MemberId={"UserId": user})
        ids.append(added["MembershipId"])
    listed = pages(store.list_group_memberships, "GroupMemberships", **OURS, GroupId=group, MaxResults=2)
    assert [entry["MembershipId"] for entry in listed] == ids, listed
    assert [entry["MemberId"]["UserId"] for entry in listed] == [ada, *many], listed
    refused("ResourceNotFoundException", store.list_group_memberships, **OURS, GroupId=NOBODY)
    store.create_group_membership(**OURS, GroupId=others[0], MemberId={"UserId": ada})
    of = {**OURS, "MemberId": {"UserId": ada}}
    listed = pages(store.list_group_memberships_for_member, "GroupMemberships", **of, MaxResults=1)
    assert [entry["GroupId"] for entry in listed] == [group, others[0]], listed
    results = store.is_member_in_groups(**of, GroupIds=[group, others[1]])["Results"]
    assert [result["MembershipExists"] for result in results] == [True, False], results
    refused("ValidationException", store.is_member_in_groups, **of, GroupIds=[])
    refused("ValidationException", store.is_member_in_groups, **of, GroupIds=["x"])
    api.proved("CreateGroupMembership", "DescribeGroupMembership", "GetGroupMembershipId")
    api.proved("ListGroupMemberships", "ListGroupMembershipsForMember", "IsMemberInGroups")
    store.delete_group_membership(**which)
    missing = refused("ResourceNotFoundException", store.describe_group_membership, **which)
    assert missing["ResourceType"] == "GROUP_MEMBERSHIP", missing
    refused("ResourceNotFoundException", store.get_group_membership_id, **OURS, **member)
    store.delete_group_membership(**which)
    api.proved("DeleteGroupMembership")


def the_end(group, others, ada, grace):
    store.delete_group(**OURS, GroupId=group)
    refused("ResourceNotFoundException", store.describe_group, **OURS, GroupId=group)
    of = {**OURS, "MemberId": {"UserId": ada}}
    (left,) = store.list_group_memberships_for_member(**of)["GroupMemberships"]
    assert left["GroupId"] == others[0], left
    store.delete_user(**OURS, UserId=ada)
    refused("ResourceNotFoundException", describe, user=ada)
    assert store.list_group_memberships(**OURS, GroupId=others[0])["GroupMemberships"] == []
    # What is not there need not be deleted.
    store.delete_user(**OURS, UserId=ada)
    store.delete_group(**OURS, GroupId=group)
    again = create("ada", Emails=[{"Value": "augusta@example.com", "Primary": True}])
    assert again != ada
    refused("ConflictException", store.delete_user, **OURS, UserId=grace, Revision="1")
    api.proved("DeleteGroup", "DeleteUser")


the_store()
ada = users()
refused_users()
grace = changed_users(ada)
found_users(ada)
many = listed_users(ada)
verbatim()
group = groups()
others = found_groups(group)
memberships(group, others, ada, many)
the_end(group, others, ada, grace)
refused("UnknownOperationException", store.update_identity_store, **OURS)
api.print()
