#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: a project that its index has in quarantine, as harmful (PEP 792).
#
# One would guess that installers refuse it, or warn at least, as the PEP suggests, and that an audit
# which tells of it fails. They take its files without a word; `uv audit` (experimental) tells of it,
# and of archived and deprecated projects, with the reasons, and exits with 0, as if all were well.
# The same index says that a version was withdrawn (yanked): of that both warn, with the reason.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
cat > serve.py <<'PY'
import hashlib, io, json, zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUSES = {"shut": ("archived", "take over"), "old": ("deprecated", "outdated"),
            "thief": ("quarantined", "it steals")}

def wheel(name):
    out, info = io.BytesIO(), f"{name}-1.0.dist-info"
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
    return out.getvalue()

WHEELS = {name: wheel(name) for name in (*STATUSES, "gone")}

class Handler(BaseHTTPRequestHandler):
    def do_GET(self, status=200):
        folder, _, name = self.path.strip("/").partition("/")
        name, kind = name.partition("-1.0")[0], "application/octet-stream"
        data = WHEELS.get(name, b"")
        if folder == "simple" and data:
            file = f"{name}-1.0-py3-none-any.whl"
            row = {"filename": file, "url": f"/files/{file}", "yanked": name == "gone" and "loses rows",
                   "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
            page = {"meta": {"api-version": "1.4"}, "name": name, "files": [row]}
            if name in STATUSES:
                page["project-status"] = dict(zip(("status", "reason"), STATUSES[name]))
            data, kind = json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json"
        self.send(200 if data else 404, data, kind)
    def do_HEAD(self):
        self.send(405, b"", "text/plain")
    def do_POST(self):  # the service that an audit asks: it knows nothing against any
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"results": [{} for _ in asked["queries"]]}
        self.send(200, json.dumps(answer).encode(), "application/json")
    def send(self, status, data, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *about):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
v/bin/python serve.py > port &
server=$!
until [ -s port ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)
printf '%s\n' shut==1.0 old==1.0 thief==1.0 gone==1.0 > requirements.txt
printf '[project]\nname = "own"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["shut", "old", "thief", "gone==1.0"]\n' > pyproject.toml
alone() { # alone COMMAND: with that index and no configuration
  env -u UV_INDEX -u UV_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS -u PIP_NO_INDEX \
    -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_PYTHON PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 \
    UV_CACHE_DIR="$work/cache" PIP_INDEX_URL="$url/simple" UV_DEFAULT_INDEX="$url/simple" "$@" 2>&1
}
expect() { # expect WHAT YES|NO TEXT SAID: whether TEXT stands in what was said
  local seen=no
  grep -qiE "$3" <<<"$4" && seen=yes
  [ "$2" = "$seen" ] || { echo "changed: $1: $4"; exit 1; }
  echo "as seen: $1"
}

status='archived|deprecated|quarantine'
said=$(alone v/bin/python -m pip install --disable-pip-version-check --no-cache-dir --target pip -r requirements.txt)
expect "pip installs it" yes "Successfully installed.*thief-1.0" "$said"
expect "pip says nothing of any status" no "$status" "$said"
expect "pip warns of the one that was withdrawn" yes "loses rows" "$said"
said=$(alone v/bin/uv pip install --target uv -r requirements.txt)
expect "uv installs it" yes "thief==1.0" "$said"
expect "uv says nothing of any status" no "$status" "$said"
expect "uv warns of the one that was withdrawn" yes "loses rows" "$said"
said=$(alone v/bin/uv lock)
expect "uv locks it, and says nothing" no "$status" "$said"
said=$(alone v/bin/uv audit --service-url "$url/")
expect "uv audit tells of it with the reason, and exits with 0" yes "thief is quarantined: it steals" "$said"
