"""What the proofs of the administrative APIs share.

A proof is run as `python NAME.py FACTS`: the file of facts of a running portal, with an
administrator's key in the environment. An operation is proved when its effect was read through
another operation, or was seen by a user. The proof prints the name of each, one a line.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

with open(sys.argv[1], encoding="utf-8") as file:
    facts = json.load(file)

origin = facts["start_url"].removesuffix("/start")
_proved = {}
_service = None


def client(service, **settings):
    """A client of the portal. The first one is of the API that is proved."""
    global _service
    _service = _service or service
    # What boto3 would refuse by itself is for the portal to refuse.
    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    settings = {"endpoint_url": origin, "region_name": facts["region"], "config": config} | settings
    return boto3.client(service, **settings)


def proved(*operations):
    """These operations do what they answer."""
    _proved.update(dict.fromkeys(operations))


def refused(error, call, /, *positional, reason=None, message=None, **arguments):
    """Calls what must be refused: with this error and, where given, this reason and a message that
    holds this text. Returns the answer."""
    try:
        answer = call(*positional, **arguments)
    except ClientError as refusal:
        answer = refusal.response
        assert answer["Error"]["Code"] == error, answer
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400, answer
        assert reason is None or answer.get("Reason") == reason, answer
        assert message is None or message in answer["Error"]["Message"], answer
        return answer
    raise AssertionError(f"{error} was to refuse it: {answer}")


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


def report():
    """Prints what was proved."""
    for operation in sorted(_proved):
        print(f"{_service} {operation}")
