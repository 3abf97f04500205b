#!/usr/bin/env bash
# distributed 2026.8.0: what arrives of an exception whose class the driver cannot import.
#
# An exception that a task raises is raised again by the client, of its class and with its words. One
# whose class only the worker can import arrives as `Exception`, and its words are the bytes of a
# pickle: what was raised stands neither in its type nor, to be read, in its message. That an import
# failed on the way is logged at the level INFO alone.
set -euo pipefail
work=$(mktemp -d)
scheduler='' worker=''
trap 'kill $worker $scheduler 2> /dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check distributed==2026.8.0
mkdir only
cat > only/refused.py <<'PY'
class Refused(Exception): ...

def refuse():
    raise Refused("the third row is no number")
PY
cat > ask.py <<'PY'
from distributed import Client

def known():
    raise LookupError("the third row is no number")

def unknown():
    import refused
    refused.refuse()

with Client(scheduler_file="scheduler.json", timeout=60) as client:
    for function in (known, unknown):
        error = client.submit(function, pure=False).exception(timeout=60)
        said = "pickled bytes" if str(error).startswith("b'\\x80") else str(error)
        print(f"{function.__name__}: {type(error).__name__}: {said}")
PY
told=(--no-dashboard --scheduler-file scheduler.json)
venv/bin/dask scheduler --host 127.0.0.1 --port 0 "${told[@]}" 2> scheduler.txt &
scheduler=$!
PYTHONPATH="$work/only" venv/bin/dask worker --nthreads 1 --no-nanny "${told[@]}" 2> worker.txt &
worker=$!
venv/bin/python -I ask.py 2> said.txt | grep known: > seen.txt
printf '%s\n' "known: LookupError: the third row is no number" \
  "unknown: Exception: pickled bytes" > wanted.txt
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
