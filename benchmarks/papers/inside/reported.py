"""Print the pins in a report of pip's (`pip install --report`), read from standard input."""

import json
import sys

for each in json.load(sys.stdin)["install"]:
    print(f"{each['metadata']['name']}=={each['metadata']['version']}")
