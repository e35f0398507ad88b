"""Reads AWS config files with botocore: names of files on stdin, one JSON document a line out.

`null` stands for a file that botocore refuses.
"""

import json
import sys

from botocore.configloader import load_config
from botocore.exceptions import ConfigParseError

for name in sys.stdin.read().splitlines():
    try:
        config = load_config(name)
    except ConfigParseError:
        config = None
    print(json.dumps(config))
