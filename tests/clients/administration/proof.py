"""What the proofs of the administrative APIs share.

A proof is run as `python NAME.py FACTS`: the file of facts of a running portal, with an
administrator's key in the environment. An operation is proved when it was called and its effect
read another way: through another operation, by the portal API, on a page. The proof prints the name
of each, one a line.
"""

import json
import sys
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# What boto3 would refuse by itself is for the portal to refuse.
CONFIG = Config(parameter_validation=False, retries={"max_attempts": 0})


def read_facts():
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def origin_of(facts):
    return facts["start_url"].removesuffix("/start")


def client(service, facts, **settings):
    """A client of the portal."""
    portal = {"endpoint_url": origin_of(facts), "region_name": facts["region"], "config": CONFIG}
    return boto3.client(service, **portal | settings)


class Api:
    """The API that is proved, by a client that notices which operations are called."""

    def __init__(self, service, facts):
        self.client = client(service, facts)
        self._service, self._proved, self._called = service, set(), set()
        self.client.meta.events.register("before-call", self._notice)

    def _notice(self, model, **_):
        self._called.add(model.name)

    def proved(self, *operations):
        """These were called and do what they answer."""
        missing = set(operations) - self._called
        assert not missing, f"not called: {missing}"
        self._proved.update(operations)

    @contextmanager
    def proves(self, *operations):
        """These are proved when the block ends well, if it called them."""
        self._called.clear()
        yield
        self.proved(*operations)

    def one_by_one(self, operation, key, **arguments):
        """Everything that `operation` lists, one entry a page. The size of a page has bounds, and a
        token works for this listing only."""
        call = getattr(self.client, operation)
        found = pages(call, key, MaxResults=1, **arguments)
        assert len(found) > 1, f"{operation} was to have several pages: {found}"
        token = call(MaxResults=1, **arguments)["NextToken"]
        altered = token[:-1] + ("A" if token[-1] != "A" else "B")
        refused("ValidationException", call, NextToken=altered, **arguments)
        for number in (0, 101):
            wrong = {**arguments, "MaxResults": number}
            refused("ValidationException", call, **wrong, message="maxResults")
        return found

    def print(self):
        """What was proved, an operation a line."""
        for operation in sorted(self._proved):
            print(f"{self._service} {operation}")


def pages(call, key, /, **arguments):
    """Everything that is listed on all pages, none of which is longer than asked for."""
    found, token = [], {}
    while True:
        page = call(**arguments, **token)
        assert len(page[key]) <= arguments.get("MaxResults", 100), page
        found += page[key]
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def refused(error, call, /, *positional, status=400, reason=None, message=None, **arguments):
    """Calls what must be refused: with this error and status and, where given, this reason and a
    message that holds this text. Returns the answer."""
    try:
        answer = call(*positional, **arguments)
    except ClientError as refusal:
        answer = refusal.response
        assert answer["Error"]["Code"] == error, answer
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, answer
        assert reason is None or answer.get("Reason") == reason, answer
        assert message is None or message in answer["Error"]["Message"], answer
        return answer
    raise AssertionError(f"{error} was to refuse it: {answer}")
