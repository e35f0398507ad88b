"""Which operations of an API were proved: called, and their effect read another way."""

from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


class Api:
    """A client of boto3 that notices which operations are called."""

    def __init__(self, service, **settings):
        self.service, self.proved, self._called = service, set(), set()
        self.client = boto3.client(service, **settings)
        # What the real client would not even send.
        loose = Config(parameter_validation=False)
        self.loose = boto3.client(service, config=loose, **settings)
        for client in (self.client, self.loose):
            client.meta.events.register("before-call", self._notice)

    def _notice(self, model, **_):
        self._called.add(model.name)

    @contextmanager
    def proves(self, *operations):
        """These are proved when the block ends well, if it called them."""
        self._called.clear()
        yield
        missing = set(operations) - self._called
        assert not missing, f"not called: {missing}"
        self.proved.update(operations)

    def pages(self, operation, key, **arguments):
        """Everything that `operation` lists, one entry a page. A token works for this listing
        only."""
        call = getattr(self.client, operation)
        found, token, tokens = [], {}, []
        while True:
            page = call(MaxResults=1, **arguments, **token)
            assert len(page[key]) <= 1, page
            found += page[key]
            if "NextToken" not in page:
                break
            tokens.append(page["NextToken"])
            token = {"NextToken": page["NextToken"]}
        assert tokens, f"{operation} was to have several pages: {found}"
        altered = tokens[0][:-1] + ("A" if tokens[0][-1] != "A" else "B")
        refused("ValidationException", call, NextToken=altered, **arguments)
        loose = getattr(self.loose, operation)
        for number in (0, 101):
            text = refused("ValidationException", loose, MaxResults=number, **arguments)
            assert "maxResults" in text, text
        return found

    def print(self):
        """What was proved, an operation a line."""
        for operation in sorted(self.proved):
            print(f"{self.service} {operation}")


def refused(code, call, **arguments):
    """Calls what must be refused with this error, and returns its message."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was to be refused: {answer}")
