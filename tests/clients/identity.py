"""Prints the ARN that STS sees for the profile in AWS_PROFILE, by boto3."""

import boto3

print(boto3.client("sts").get_caller_identity()["Arn"])
