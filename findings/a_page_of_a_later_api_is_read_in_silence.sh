#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: what they make of an index whose pages say that they are of version 2.0.
#
# One would guess that both refuse such a page, and say why: a page states the version of its API
# (`meta.api-version` in JSON, <meta name="pypi:repository-version"> in HTML) so that a client fails,
# with a message, where the major one is greater than what it knows (PEP 629, and PEP 691 for JSON).
# What looks like a file and its hash may mean something else by then.
#   - pip installs from a page that says 2.0, JSON or HTML, and prints what it prints of one of 1.0;
#   - so does uv.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
cat > serve.py <<'PY'
import hashlib
import io
import json
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

FILE, INFO = "thing-1.0-py3-none-any.whl", "thing-1.0.dist-info"
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as wheel:
    wheel.writestr("thing.py", "")
    wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    names = ("thing.py", f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/RECORD")
    wheel.writestr(f"{INFO}/RECORD", "".join(f"{name},,\n" for name in names))
DATA = packed.getvalue()
DIGEST = hashlib.sha256(DATA).hexdigest()


def page(form, version):
    if form == "json":
        row = {"filename": FILE, "url": f"/{FILE}", "hashes": {"sha256": DIGEST}}
        said = {"meta": {"api-version": version}, "name": "thing", "files": [row]}
        return "application/vnd.pypi.simple.v1+json", json.dumps(said).encode()
    meta = f'<meta name="pypi:repository-version" content="{version}">'
    link = f'<a href="/{FILE}#sha256={DIGEST}">{FILE}</a>'
    text = f"<!DOCTYPE html><html><head>{meta}</head><body>{link}</body></html>"
    return "text/html", text.encode()


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        form, *rest = self.path.strip("/").split("/")  # FORM/VERSION/thing, or the file
        kind, self.body = page(form, rest[0]) if rest else ("application/octet-stream", DATA)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(self.body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
v/bin/python serve.py > port &
server=$!
for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
index=http://127.0.0.1:$(cat port)
alone() { # alone COMMAND: with no index and no configuration but what is given here
  env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS \
    -u PIP_NO_INDEX PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 "$@" 2>&1
}
by_pip() { # by_pip FORM VERSION: what pip says while it installs from such a page
  alone v/bin/python -m pip install --disable-pip-version-check --no-cache-dir --target "pip-$1-$2" \
    --index-url "$index/$1/$2" thing || echo failed
}
by_uv() { # the same of uv
  alone v/bin/uv pip install --no-cache --python v/bin/python --target "uv-$1-$2" \
    --default-index "$index/$1/$2" thing || echo failed
}
plain() { sed -E "s,/(json|html)/[0-9.]+,,; s/[0-9.]+ ?m?s\b/TIME/"; } # without what differs anyway
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1:"; echo "$3"; exit 1; }
  echo "as seen: $1"
}

for tool in pip uv; do
  for form in json html; do
    known=$("by_$tool" $form 1.0 | plain)
    later=$("by_$tool" $form 2.0 | plain)
    expect "$tool installs from $form that says 2.0" here "$(test -f "$tool-$form-2.0/thing.py" && echo here)"
    expect "$tool says what it says of 1.0" "$known" "$later"
  done
done
