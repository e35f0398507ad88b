"""Prints the ARN that STS sees for the profile in AWS_PROFILE, by boto3.

With a number: every second for as many seconds, with one client, or with a new one each time
where the word `anew` follows.
"""

import sys
import time

import boto3


def client():
    return boto3.Session().client("sts")


def main(seconds=0, how="once"):
    end = time.monotonic() + float(seconds)
    sts = client()
    while True:
        print(sts.get_caller_identity()["Arn"], flush=True)
        if time.monotonic() >= end:
            break
        time.sleep(1)
        if how == "anew":
            sts = client()


main(*sys.argv[1:])
