"""A simple index on this machine, and the files that it serves."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from resolver import merge, resolve
from resolver.index.simple_api import JSON

FILLING = 200_000


def wheel(name, version, *, requires=(), requires_python="", extras=(), filling=FILLING):
    """Build a wheel that is much larger than what must be read of it."""
    info = f"{name}-{version}.dist-info"
    header = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    header += [f"Requires-Python: {requires_python}"] if requires_python else []
    header += [f"Provides-Extra: {extra}" for extra in extras]
    header += [f"Requires-Dist: {line}" for line in requires]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{info}/METADATA", "\n".join([*header, "", "words"]))
        archive.writestr(f"{name}/data.bin", b"\0" * filling)
        archive.writestr(f"{info}/RECORD", "")
    return out.getvalue()


def sdist(name, version, *lines, dynamic=(), form="2.2", first=(), **files):
    """Build a source distribution with this PKG-INFO, behind the files that stand first."""
    header = [f"Metadata-Version: {form}", f"Name: {name}", f"Version: {version}"]
    header += [f"Dynamic: {field}" for field in dynamic]
    header += [f"Requires-Dist: {line}" for line in lines]
    members = {**dict(first), "PKG-INFO": "\n".join([*header, ""]).encode(), **files}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in members.items():
            about = tarfile.TarInfo(f"{name}-{version}/{path}")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return out.getvalue()


class Index:
    """A simple index: files with their attributes, and what it can do."""

    def __init__(self):
        self.url = ""
        self.files = {}
        self.rows = {}
        self.json = True
        self.ranges = True
        self.broken = set()
        self.failures = 0
        self.hashes = False
        self.page_headers = {}
        self.status = {}
        self.asked = []
        self.sent = 0
        self.headers = []

    def add(self, name, version, *, tag="py3-none-any", offered=False, file=None, **about):
        page = {key: about.pop(key) for key in ("yanked", "python", "uploaded") if key in about}
        file = file or f"{name}-{version}-{tag}.whl"
        data = wheel(name, version, **about) if file.endswith(".whl") else b"source"
        self.files[file] = data
        if offered and file.endswith(".whl"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.files[f"{file}.metadata"] = archive.read(
                    f"{name}-{version}.dist-info/METADATA"
                )
        self.rows.setdefault(name, []).append((file, page, offered is not False))

    def add_source(self, name, version, *lines, offered=False, uploaded="", **about):
        file = f"{name}-{version}.tar.gz"
        when = {"uploaded": uploaded} if uploaded else {}
        self.add(name, version, file=file, offered=offered, **when)
        self.files[file] = sdist(name, version, *lines, **about)

    def page(self, name):
        if self.json:
            rows = [
                {
                    "filename": file,
                    "url": f"../../files/{file}",
                    "hashes": {"sha256": sha256(self.files[file]).hexdigest()}
                    if self.hashes and file in self.files
                    else {},
                    "requires-python": page.get("python"),
                    "yanked": page.get("yanked", False),
                    "core-metadata": offered,
                    **({"upload-time": page["uploaded"]} if "uploaded" in page else {}),
                }
                for file, page, offered in self.rows[name]
            ]
            status = {"project-status": self.status} if self.status else {}
            about = {"meta": {"api-version": "1.4"}, "name": name, **status}
            return JSON, json.dumps({**about, "files": rows})
        named = {"": self.status.get("status"), "-reason": self.status.get("reason")}
        metas = "".join(
            f'<meta name="pypi:project-status{part}" content="{said}">'
            for part, said in named.items()
            if said
        )
        return "text/html; charset=utf-8", metas + "".join(map(self._anchor, self.rows[name]))

    @staticmethod
    def _anchor(row):
        file, page, offered = row
        python = page.get("python", "").replace(">", "&gt;")
        attributes = f' data-requires-python="{python}"' if python else ""
        attributes += f' data-yanked="{page["yanked"]}"' if "yanked" in page else ""
        attributes += f' data-upload-time="{page["uploaded"]}"' if "uploaded" in page else ""
        attributes += ' data-dist-info-metadata="true"' if offered else ""
        return f'<a href="../../files/{file}#sha256={64 * "0"}"{attributes}>{file}</a><br>\n'


class Server(ThreadingHTTPServer):
    index: Index


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        index = self.server.index
        index.asked.append(self.path)
        index.headers.append(self.headers)
        *_, folder, name = self.path.rstrip("/").split("/")
        if index.failures:
            index.failures -= 1
            self.answer(503, b"")
        elif self.path in index.broken:
            self.answer(500, b"")
        elif folder == "simple" and name in index.rows:
            kind, text = index.page(name)
            if self.headers.get("If-None-Match") in {*index.page_headers.values()}:
                self.answer(304, b"", kind, index.page_headers)
            else:
                self.answer(200, text.encode(), kind, index.page_headers)
        elif folder == "files" and name in index.files:
            self.send_file(index.files[name])
        else:
            self.answer(404, b"")

    def send_file(self, data):
        asked = self.headers.get("Range", "") if self.server.index.ranges else ""
        if not asked:
            return self.answer(200, data)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(len(data), int(last) + 1) if first and last else len(data)
        span = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
        return self.answer(206, data[start:end], "application/octet-stream", span)

    def answer(self, status, body, kind="text/plain", headers=None):
        self.server.index.sent += len(body)
        self.send_response(status)
        for key, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:  # who asked has enough
            self.close_connection = True

    def log_message(self, *args):
        """Be silent."""


def answer(world, sources, *lines):
    installed = world.installed()
    requirements = merge([], pip_requirements=list(lines), target=installed.target)
    return resolve(requirements, installed, sources=sources, index="never")


def pins(resolution):
    return [str(pin.requirement) for pin in resolution.pins]
