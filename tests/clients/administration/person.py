"""A person at the portal: signs in through its pages, and through its APIs as programs do."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore
from botocore.config import Config

UNSIGNED = Config(signature_version=botocore.UNSIGNED)


class Person:
    """Someone with a name and a password, and no second factor."""

    def __init__(self, origin, region, name, password):
        self.origin, self.region, self.name = origin, region, name
        jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
        )
        page = self.page("/signin")
        page = self.submit(page, "/signin", username=name, password=password, return_to="/start")
        assert "Sign out" in page, page
        self.token = self._token()

    def page(self, path, fields=None):
        """The text of a page, after all redirects."""
        data = fields and urllib.parse.urlencode(fields).encode()
        url = urllib.parse.urljoin(self.origin, path)
        with self.browser.open(urllib.request.Request(url, data)) as answer:
            return answer.read().decode()

    def status(self, path):
        """The status of a page."""
        try:
            self.page(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def submit(self, page, path, **fields):
        """Sends a form of this page."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        return self.page(path, {"csrf": csrf, **fields})

    def console(self, account, role):
        """What the console's page says of the session in this role, by the id of the element."""
        query = urllib.parse.urlencode({"account_id": account, "role_name": role})
        page = self.page(f"/start/console?{query}")
        found = dict(re.findall(r'id="([a-z-]+)"[^>]*>([^<]+)<', page))
        for name in ("policies", "session-tags"):
            block = re.search(rf'id="{name}">(.*?)</ul>', page)
            found[name] = re.findall(r"<li>(.*?)</li>", block[1]) if block else []
        return found

    def accounts(self):
        """What the portal API lists: account id to role names."""
        sso = self._client("sso")
        return {
            account["accountId"]: [
                role["roleName"]
                for page in sso.get_paginator("list_account_roles").paginate(
                    accessToken=self.token, accountId=account["accountId"]
                )
                for role in page["roleList"]
            ]
            for page in sso.get_paginator("list_accounts").paginate(accessToken=self.token)
            for account in page["accountList"]
        }

    def credentials(self, account, role):
        """GetRoleCredentials."""
        return self._client("sso").get_role_credentials(
            accessToken=self.token, accountId=account, roleName=role
        )["roleCredentials"]

    def applications(self):
        """What the portal API lists as applications, by id."""
        url = f"{self.origin}/instance/appinstances"
        request = urllib.request.Request(url, headers={"x-amz-sso_bearer_token": self.token})
        with self.browser.open(request) as answer:
            return {found["id"]: found for found in json.load(answer)["result"]}

    def _client(self, service):
        return boto3.client(
            service, endpoint_url=self.origin, region_name=self.region, config=UNSIGNED
        )

    def _token(self):
        oidc = self._client("sso-oidc")
        client = oidc.register_client(
            clientName="a test", clientType="public", scopes=["sso:account:access"]
        )
        known = {name: client[name] for name in ("clientId", "clientSecret")}
        started = oidc.start_device_authorization(startUrl=f"{self.origin}/start", **known)
        code = started["userCode"]
        page = self.page(f"/device?user_code={code}")
        self.submit(page, "/device", user_code=code, decision="allow")
        return oidc.create_token(
            grantType="urn:ietf:params:oauth:grant-type:device_code",
            deviceCode=started["deviceCode"],
            **known,
        )["accessToken"]
