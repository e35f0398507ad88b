"""The part of sso-admin that is about applications: see ssoadmin.py."""

import uuid

from proof import refused
from world import PROVIDER

WELL_KNOWN = [
    "Box", "Datadog", "GitHub", "GitLab", "Grafana", "Jenkins", "Jira", "Microsoft365",
    "Salesforce", "Slack",
]  # fmt: skip
FAMILIES = ["providers", "applications", "assignments", "settings", "grants", "issuers"]


def starting_at(url):
    return {"SignInOptions": {"Origin": "APPLICATION", "ApplicationUrl": url}}


def providers(world):
    sso = world.sso
    with world.api.proves("ListApplicationProviders", "DescribeApplicationProvider"):
        listed = world.api.one_by_one("list_application_providers", "ApplicationProviders")
        found = {
            provider["ApplicationProviderArn"].removeprefix(PROVIDER): provider
            for provider in listed
        }
        assert found["custom"]["FederationProtocol"] == "OAUTH"
        assert found["custom-saml"]["FederationProtocol"] == "SAML"
        for name in WELL_KNOWN:
            provider = found[f"catalog/{name}"]
            arn = provider["ApplicationProviderArn"]
            described = sso.describe_application_provider(ApplicationProviderArn=arn)
            assert described["DisplayData"] == provider["DisplayData"], described
        call = sso.describe_application_provider
        unknown = PROVIDER + "catalog/Nothing"
        refused("ResourceNotFoundException", call, ApplicationProviderArn=unknown)


def shown(application):
    return tuple(application[name] for name in ("Name", "Description", "Status"))


def applications(world):
    sso, arn = world.sso, world.arn
    with world.api.proves(
        "CreateApplication",
        "DescribeApplication",
        "ListApplications",
        "UpdateApplication",
        "DeleteApplication",
    ):
        options = starting_at("https://wiki.example.com/?a=b")
        token = {"ClientToken": "first"}
        wiki = world.application("Wiki", Description="Pages", PortalOptions=options, **token)
        assert world.application("Wiki", **token) == wiki
        again = sso.create_application
        other = {"ApplicationProviderArn": PROVIDER + "custom", "Name": "Other", **token}
        refused("ConflictException", again, InstanceArn=arn, **other)
        box = world.application("Our Box", "catalog/Box", Status="DISABLED")
        found = sso.describe_application(ApplicationArn=wiki)
        assert shown(found) == ("Wiki", "Pages", "ENABLED"), found
        assert found["PortalOptions"] == {**options, "Visibility": "ENABLED"}, found
        assert found["ApplicationAccount"] == world.instance["OwnerAccountId"]
        listed = world.api.one_by_one("list_applications", "Applications", InstanceArn=arn)
        del found["ResponseMetadata"]
        assert found in listed and len(listed) == 2
        boxes = {"ApplicationProvider": PROVIDER + "catalog/Box"}
        (only,) = sso.list_applications(InstanceArn=arn, Filter=boxes)["Applications"]
        assert only["ApplicationArn"] == box and only["Status"] == "DISABLED"
        nobody = {"ApplicationAccount": "000000000000"}
        assert sso.list_applications(InstanceArn=arn, Filter=nobody)["Applications"] == []
        sso.update_application(ApplicationArn=wiki, Name="Handbook", Status="DISABLED")
        found = sso.describe_application(ApplicationArn=wiki)
        assert shown(found) == ("Handbook", "Pages", "DISABLED"), found
        assert found["PortalOptions"]["SignInOptions"] == options["SignInOptions"]
        for application in (wiki, box):
            gone = {"ApplicationArn": application}
            sso.delete_application(**gone)
            refused("ResourceNotFoundException", sso.describe_application, **gone)
        assert sso.list_applications(InstanceArn=arn)["Applications"] == []
        refused("ResourceNotFoundException", sso.delete_application, ApplicationArn=wiki)
    for wrong in (
        {"Name": ""},
        {"Name": "x" * 101},
        {"Name": "ok", "Status": "MAYBE"},
        {"Name": "ok", "PortalOptions": starting_at("javascript:alert(1)")},
        {"Name": "ok", "PortalOptions": {"SignInOptions": {"Origin": "APPLICATION"}}},
        {"Name": "ok", "Description": ""},
    ):
        call = world.sso.create_application
        provider = {"ApplicationProviderArn": PROVIDER + "custom"}
        refused("ValidationException", call, InstanceArn=arn, **provider, **wrong)
    unknown = {"ApplicationProviderArn": PROVIDER + "catalog/Nothing", "Name": "x"}
    refused("ResourceNotFoundException", sso.create_application, InstanceArn=arn, **unknown)


def assignments(world):
    sso, arn = world.sso, world.arn
    finance, auditor = world.person("finance"), world.person("auditor")
    books = world.application("Books <b>", PortalOptions=starting_at("https://books.example.com/"))
    office = world.application("Office", "catalog/Microsoft365")
    hidden = world.application("Hidden", PortalOptions={"Visibility": "DISABLED"})
    user = {"PrincipalType": "USER", "PrincipalId": world.user_id("finance")}
    group = {"PrincipalType": "GROUP", "PrincipalId": world.group_id("Finance")}
    with world.api.proves(
        "CreateApplicationAssignment",
        "DescribeApplicationAssignment",
        "ListApplicationAssignments",
        "ListApplicationAssignmentsForPrincipal",
        "DeleteApplicationAssignment",
    ):
        assert finance.applications() == {}
        assert "Applications" not in finance.page("/start")
        assign = sso.create_application_assignment
        assign(ApplicationArn=books, **user)
        for application in (books, office, hidden):
            assign(ApplicationArn=application, **group)
        refused("ConflictException", assign, ApplicationArn=books, **user)
        described = sso.describe_application_assignment(ApplicationArn=books, **group)
        assert described["PrincipalId"] == group["PrincipalId"]
        found = finance.applications()
        names = [application["name"] for application in found.values()]
        assert names == ["Books <b>", "Office"], names
        page = finance.page("/start")
        assert "Books &#60;b&#62;" in page or "Books &lt;b&gt;" in page, page
        identifier = books.rsplit("/", 1)[1]
        assert f"/start/application?id={identifier}" in page
        assert found[identifier]["startUrl"].endswith(f"/start/application?id={identifier}")
        assert auditor.applications() == {}
        assert auditor.status(f"/start/application?id={identifier}") == 403
        listed = world.api.one_by_one(
            "list_application_assignments", "ApplicationAssignments", ApplicationArn=books
        )
        of_books = {"ApplicationArn": books}
        assert listed == [{**of_books, **group}, {**of_books, **user}], listed
        mine = world.api.one_by_one(
            "list_application_assignments_for_principal", "ApplicationAssignments",
            InstanceArn=arn, **user,
        )  # fmt: skip
        assert len(mine) == 4, mine
        only = sso.list_application_assignments_for_principal(
            InstanceArn=arn, Filter={"ApplicationArn": office}, **user
        )["ApplicationAssignments"]
        assert only == [{"ApplicationArn": office, **group}], only
        sso.delete_application_assignment(ApplicationArn=books, **group)
        assert identifier in finance.applications(), "still directly"
        sso.delete_application_assignment(ApplicationArn=books, **user)
        assert identifier not in finance.applications()
        gone = {"ApplicationArn": books, **user}
        refused("ResourceNotFoundException", sso.delete_application_assignment, **gone)
        refused("ResourceNotFoundException", sso.describe_application_assignment, **gone)
        nobody = {"PrincipalType": "USER", "PrincipalId": str(uuid.uuid4())}
        refused("ResourceNotFoundException", assign, ApplicationArn=books, **nobody)
    assignment_required(world, auditor, books, identifier)
    for application in (books, office, hidden):
        sso.delete_application(ApplicationArn=application)
    assert finance.applications() == {}


def assignment_required(world, auditor, books, identifier):
    sso = world.sso
    with world.api.proves(
        "PutApplicationAssignmentConfiguration", "GetApplicationAssignmentConfiguration"
    ):
        named = {"ApplicationArn": books}
        assert sso.get_application_assignment_configuration(**named)["AssignmentRequired"] is True
        sso.put_application_assignment_configuration(**named, AssignmentRequired=False)
        assert sso.get_application_assignment_configuration(**named)["AssignmentRequired"] is False
        assert identifier in auditor.applications(), "everybody has it now"
        sso.put_application_assignment_configuration(**named, AssignmentRequired=True)
        assert identifier not in auditor.applications()
        loose = world.sso.put_application_assignment_configuration
        refused("ValidationException", loose, **named)


def settings(world):
    sso, arn = world.sso, world.arn
    application = world.application("Settings")
    named = {"ApplicationArn": application}
    unknown = {"ApplicationArn": application[:-16] + "0" * 16}
    with world.api.proves(
        "PutApplicationAccessScope",
        "GetApplicationAccessScope",
        "ListApplicationAccessScopes",
        "DeleteApplicationAccessScope",
    ):
        put, get = sso.put_application_access_scope, sso.get_application_access_scope
        put(**named, Scope="sso:account:access", AuthorizedTargets=[arn])
        put(**named, Scope="q:read")
        found = get(**named, Scope="sso:account:access")
        assert found["AuthorizedTargets"] == [arn]
        assert "AuthorizedTargets" not in get(**named, Scope="q:read")
        listed, token = [], {}
        for _ in range(2):
            page = sso.list_application_access_scopes(**named, MaxResults=1, **token)
            listed += [scope["Scope"] for scope in page["Scopes"]]
            token = {"NextToken": page.get("NextToken")}
        assert listed == ["q:read", "sso:account:access"] and token["NextToken"] is None
        sso.delete_application_access_scope(**named, Scope="q:read")
        for call in (get, sso.delete_application_access_scope):
            refused("ResourceNotFoundException", call, **named, Scope="q:read")
        refused("ResourceNotFoundException", put, **unknown, Scope="q:read")
        refused("ValidationException", put, **named, Scope="not a scope")
        refused("ValidationException", put, **named, Scope="q:read", AuthorizedTargets=["x"])
    with world.api.proves(
        "PutApplicationAuthenticationMethod",
        "GetApplicationAuthenticationMethod",
        "ListApplicationAuthenticationMethods",
        "DeleteApplicationAuthenticationMethod",
    ):
        iam = {**named, "AuthenticationMethodType": "IAM"}
        get = sso.get_application_authentication_method
        refused("ResourceNotFoundException", get, **iam)
        statement = {"Effect": "Allow", "Action": "sso-oauth:*", "Resource": "*"}
        method = {"Iam": {"ActorPolicy": {"Version": "2012-10-17", "Statement": [statement]}}}
        sso.put_application_authentication_method(**iam, AuthenticationMethod=method)
        assert get(**iam)["AuthenticationMethod"] == method
        (listed,) = sso.list_application_authentication_methods(**named)["AuthenticationMethods"]
        assert listed == {"AuthenticationMethodType": "IAM", "AuthenticationMethod": method}
        call, wrong = sso.put_application_authentication_method, {"Iam": {"ActorPolicy": {}}}
        refused("ValidationException", call, **iam, AuthenticationMethod=wrong)
        sso.delete_application_authentication_method(**iam)
        refused("ResourceNotFoundException", sso.delete_application_authentication_method, **iam)
        assert sso.list_application_authentication_methods(**named)["AuthenticationMethods"] == []
    with world.api.proves(
        "PutApplicationSessionConfiguration", "GetApplicationSessionConfiguration"
    ):
        name = "UserBackgroundSessionApplicationStatus"
        get = sso.get_application_session_configuration
        for status in ("DISABLED", "ENABLED"):
            sso.put_application_session_configuration(**named, **{name: status})
            assert get(**named)[name] == status
        refused("ResourceNotFoundException", get, **unknown)
    sso.delete_application(**named)


def grants(world):
    sso = world.sso
    application = world.application("Grants")
    issuer = world.token_issuer("grants")
    named = {"ApplicationArn": application}
    bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    wanted = {
        "authorization_code": {"AuthorizationCode": {"RedirectUris": ["https://a.example.com/"]}},
        "refresh_token": {"RefreshToken": {}},
        bearer: {
            "JwtBearer": {
                "AuthorizedTokenIssuers": [
                    {"TrustedTokenIssuerArn": issuer, "AuthorizedAudiences": ["wiki"]}
                ]
            }
        },
        "urn:ietf:params:oauth:grant-type:token-exchange": {"TokenExchange": {}},
    }
    with world.api.proves(
        "PutApplicationGrant",
        "GetApplicationGrant",
        "ListApplicationGrants",
        "DeleteApplicationGrant",
    ):
        for kind, grant in wanted.items():
            sso.put_application_grant(**named, GrantType=kind, Grant=grant)
            assert sso.get_application_grant(**named, GrantType=kind)["Grant"] == grant
        listed = sso.list_application_grants(**named)["Grants"]
        assert {grant["GrantType"]: grant["Grant"] for grant in listed} == wanted
        put = sso.put_application_grant
        mixed = {"GrantType": "refresh_token", "Grant": {"TokenExchange": {}}}
        refused("ValidationException", put, **named, **mixed)
        stranger = issuer[:-12] + "0" * 12
        entry = {"TrustedTokenIssuerArn": stranger, "AuthorizedAudiences": ["wiki"]}
        grant = {"JwtBearer": {"AuthorizedTokenIssuers": [entry]}}
        refused("ResourceNotFoundException", put, **named, GrantType=bearer, Grant=grant)
        sso.delete_application_grant(**named, GrantType=bearer)
        for call in (sso.get_application_grant, sso.delete_application_grant):
            refused("ResourceNotFoundException", call, **named, GrantType=bearer)
    sso.delete_application(**named)
    sso.delete_trusted_token_issuer(TrustedTokenIssuerArn=issuer)


def issuers(world):
    sso, arn = world.sso, world.arn
    with world.api.proves(
        "CreateTrustedTokenIssuer",
        "DescribeTrustedTokenIssuer",
        "ListTrustedTokenIssuers",
        "UpdateTrustedTokenIssuer",
        "DeleteTrustedTokenIssuer",
    ):
        first, second = world.token_issuer("first"), world.token_issuer("second")
        refused("ConflictException", world.token_issuer, name="first")
        listed = world.api.one_by_one(
            "list_trusted_token_issuers", "TrustedTokenIssuers", InstanceArn=arn
        )
        names = {issuer["TrustedTokenIssuerArn"]: issuer["Name"] for issuer in listed}
        assert names == {first: "first", second: "second"}
        named = {"TrustedTokenIssuerArn": first}
        change = {"OidcJwtConfiguration": {"ClaimAttributePath": "sub"}}
        update = sso.update_trusted_token_issuer
        update(**named, Name="renamed", TrustedTokenIssuerConfiguration=change)
        found = sso.describe_trusted_token_issuer(**named)
        assert (found["Name"], found["TrustedTokenIssuerType"]) == ("renamed", "OIDC_JWT")
        assert found["TrustedTokenIssuerConfiguration"]["OidcJwtConfiguration"] == {
            "IssuerUrl": "https://first.example.com",
            "ClaimAttributePath": "sub",
            "IdentityStoreAttributePath": "emails.value",
            "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
        }
        wrong = {"OidcJwtConfiguration": {"ClaimAttributePath": "1"}}
        refused("ValidationException", update, **named, TrustedTokenIssuerConfiguration=wrong)
        for issuer in (first, second):
            sso.delete_trusted_token_issuer(TrustedTokenIssuerArn=issuer)
        refused("ResourceNotFoundException", sso.describe_trusted_token_issuer, **named)
        refused("ResourceNotFoundException", sso.delete_trusted_token_issuer, **named)
        assert sso.list_trusted_token_issuers(InstanceArn=arn)["TrustedTokenIssuers"] == []
