#!/usr/bin/env bash
# cloudpickle 3.1.3: whether a pickler's own dispatch_table is heeded.
#
# pickle documents that a pickler which is given an attribute dispatch_table reduces by it, and both of
# the standard library's picklers do. cloudpickle.Pickler is a subclass of one of them, and takes the
# attribute without a word, but goes on by its class's table: what was to be replaced in a pickle
# stands in it. To have it heeded the table has to be the attribute of a subclass.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check cloudpickle==3.1.3
cat > reduce.py <<'PY'
import collections, copyreg, io, pickle
import cloudpickle

class Handle: ...

TABLE = {**copyreg.dispatch_table, Handle: lambda handle: (str, ("replaced",))}

class Tabled(cloudpickle.Pickler):
    dispatch_table = collections.ChainMap(TABLE, cloudpickle.Pickler.dispatch_table)

for name, make in {"pickle, C": pickle.Pickler, "pickle, Python": pickle._Pickler,
                   "cloudpickle": cloudpickle.Pickler, "a subclass": Tabled}.items():
    file = io.BytesIO()
    pickler = make(file)
    if make is not Tabled:
        pickler.dispatch_table = TABLE
    pickler.dump(Handle())
    print(f"{name}: {'replaced' if pickle.loads(file.getvalue()) == 'replaced' else 'as it was'}")
PY
venv/bin/python -I reduce.py > seen.txt
printf '%s\n' "pickle, C: replaced" "pickle, Python: replaced" "cloudpickle: as it was" \
  "a subclass: replaced" > wanted.txt
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
