#!/usr/bin/env bash
# filelock 4.2.11, scikit-learn 1.9.1, cyclonedx-python-lib 11.12.0: bills that wheels carry (PEP 770).
#
# A bill that its own schema finds valid should be one that CycloneDX's library reads and writes again, and
# one would merge several by it. filelock's has a graph of the tools that built the wheel, which stand among
# its metadata and not its components: the library reads it and then refuses to write it. scikit-learn's,
# made by auditwheel, names the wheel among its own components, by a purl that is not the one of the
# distribution: with an underscore and the name of the file. Who joins bills by purl has it twice.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0'
tools/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --python-version 3.11 --platform manylinux_2_28_x86_64 filelock==4.2.11 scikit-learn==1.9.1
cat > look.py <<'PY'
import json, sys, warnings, zipfile
from glob import glob

warnings.simplefilter("ignore")
from cyclonedx.exception.model import UnknownComponentDependencyException
from cyclonedx.model.bom import Bom
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

(wheel,) = glob(f"{sys.argv[1]}-*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = (each for each in archive.namelist() if "/sboms/" in each and each.endswith(".json"))
    text = archive.read(name).decode()
document = json.loads(text)
schema = next(each for each in SchemaVersion if each.to_version() == document["specVersion"])
print("valid" if JsonStrictValidator(schema).validate_str(text) is None else "invalid")
try:
    JsonV1Dot6(Bom.from_json(document)).output_as_string()
    print("written")
except UnknownComponentDependencyException:
    print("refused")
print(*(each["purl"].partition("?")[0] for each in document["components"] if "pypi" in each["purl"]))
PY
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
expect "filelock's is valid, is read, and is not written again" "valid refused " \
  "$(tools/bin/python look.py filelock | tr '\n' ' ' | sed 's/  *$/ /')"
expect "auditwheel's has the wheel as a part of itself, by another name" \
  "valid written pkg:pypi/scikit_learn@1.9.1 " "$(tools/bin/python look.py scikit_learn | tr '\n' ' ')"
