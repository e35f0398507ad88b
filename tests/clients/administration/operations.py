"""Prints every operation there is of one of AWS's services, one a line."""

import sys

import botocore.session

service = botocore.session.get_session().get_service_model(sys.argv[1])
print("\n".join(service.operation_names))
