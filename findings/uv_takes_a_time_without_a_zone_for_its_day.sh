#!/usr/bin/env bash
# uv 0.13.9, pip 26.3: what they take as of "2024-03-01T10:00:00", a time without a zone.
#
# An index got a 1.0 on the day before, 2.0 at 09:00, 3.0 at 11:00 and 4.0 at 23:00 of that day, in
# UTC, and says so (PEP 700). To pip (`--uploaded-prior-to`) the time is one of this machine's zone: in
# UTC it takes 2.0, in New York 3.0, in Tokyo 1.0. uv (`--exclude-newer`) drops the time and takes the
# whole day, of this machine's zone as well: 4.0 in UTC. So what is copied from an account without its
# zone ("utc_time_created: 2024-03-01 10:00:00") lets in what came thirteen hours later. With a Z both
# take 2.0, everywhere. And a plain date is that day's end to uv, and its beginning to pip.
#
# A page that `--find-links` names may say the same times: uv passes over them there, and takes 4.0.
set -euo pipefail
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 pip==26.3
cat > serve.py <<'PY'
import io, json, sys, zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TIMES = {"1.0": "2024-02-29T12", "2.0": "2024-03-01T09", "3.0": "2024-03-01T11", "4.0": "2024-03-01T23"}
JSON = "application/vnd.pypi.simple.v1+json"

def wheel(version):
    out, info = io.BytesIO(), f"a-{version}.dist-info"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: a\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\n"
                         "Root-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return out.getvalue()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        place = self.path.strip("/").split("/")
        files = {f"a-{each}-py3-none-any.whl": f"{when}:00:00Z" for each, when in TIMES.items()}
        if place[0] == "files":
            body, kind = wheel(place[1].split("-")[1]), "application/zip"
        elif place[0] == "links":
            rows = (f'<a href="/files/{f}" data-upload-time="{t}">{f}</a>' for f, t in files.items())
            body, kind = ("<!DOCTYPE html>" + "".join(rows)).encode(), "text/html"
        else:
            rows = [{"filename": f, "url": f"/files/{f}", "hashes": {}, "upload-time": t}
                    for f, t in files.items()]
            page = {"meta": {"api-version": "1.1"}, "name": "a", "files": rows, "versions": [*TIMES]}
            body, kind = json.dumps(page).encode(), JSON
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
venv/bin/python serve.py > port &
server=$!
until [ -s port ]; do sleep 0.1; done
host=http://127.0.0.1:$(cat port)
unset "${!UV_@}" "${!PIP_@}"
export PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 UV_NO_CACHE=1

uv() {  # ZONE MOMENT OPTIONS
  echo a | TZ=$1 venv/bin/uv pip compile -q --no-header --no-annotate --exclude-newer "$2" "${@:3}" -
}
pip() {  # ZONE MOMENT
  TZ=$1 venv/bin/python -m pip install -q --no-cache-dir --disable-pip-version-check --dry-run \
    --ignore-installed --index-url "$host/simple" --uploaded-prior-to "$2" --report report.json a
  venv/bin/python -c 'import json; (a,) = json.load(open("report.json"))["install"]
print("a==" + a["metadata"]["version"])'
}
{
  for moment in 2024-03-01T10:00:00 2024-03-01T10:00:00Z 2024-03-01; do
    for zone in UTC America/New_York Asia/Tokyo; do
      echo "$moment $zone: uv $(uv "$zone" "$moment" --index-url "$host/simple"), pip $(pip "$zone" "$moment")"
    done
  done
  echo "links 2024-03-01T10:00:00Z: uv $(uv UTC 2024-03-01T10:00:00Z --no-index --find-links "$host/links/")"
} > seen.txt
cat > wanted.txt <<'TXT'
2024-03-01T10:00:00 UTC: uv a==4.0, pip a==2.0
2024-03-01T10:00:00 America/New_York: uv a==4.0, pip a==3.0
2024-03-01T10:00:00 Asia/Tokyo: uv a==3.0, pip a==1.0
2024-03-01T10:00:00Z UTC: uv a==2.0, pip a==2.0
2024-03-01T10:00:00Z America/New_York: uv a==2.0, pip a==2.0
2024-03-01T10:00:00Z Asia/Tokyo: uv a==2.0, pip a==2.0
2024-03-01 UTC: uv a==4.0, pip a==1.0
2024-03-01 America/New_York: uv a==4.0, pip a==1.0
2024-03-01 Asia/Tokyo: uv a==3.0, pip a==1.0
links 2024-03-01T10:00:00Z: uv a==4.0
TXT
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
