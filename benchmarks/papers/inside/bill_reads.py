"""Check a bill against the schema of CycloneDX, strictly, and print the pins that it names."""

import json
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1]) as file:
    text = file.read()
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if fault:
    sys.exit(str(fault))
bill = Bom.from_json(json.loads(text))
for each in bill.components:
    if each.purl and each.purl.type == "pypi":
        print(f"{each.purl.name}=={each.purl.version}")
