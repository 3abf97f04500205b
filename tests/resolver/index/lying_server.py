"""A server that answers anything, and the lies that an index may tell."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import ssl
import threading
import time
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from resolver.index.simple_api import JSON

PAGE = "/simple/a/"


class LyingServer(ThreadingHTTPServer):
    """Answers by `answers`, which map a path to a function of the handler."""

    daemon_threads = True
    scheme = "http"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), LyingHandler)
        self.answers = {}
        self.asked = []
        self.headers = []

    @property
    def logins(self):
        return [own for _, own in self.headers]

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


@contextmanager
def served(certificate=None):
    """Run such a server; by https with a certificate."""
    with LyingServer() as made:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            made.socket = context.wrap_socket(made.socket, server_side=True)
            made.scheme = "https"
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


class LyingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    server: Any

    def do_GET(self):
        self.server.asked.append(self.path)
        told = self.headers.get
        self.server.headers.append((told("Proxy-Authorization"), told("Authorization")))
        answer = self.server.answers.get(self.path, says(b"", status=404))
        try:
            answer(self)
            self.wfile.flush()
        except OSError:  # who asked has enough
            self.close_connection = True

    def begin(self, status, kind, headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *args):
        """Be silent."""


# What is said


def says(body, kind="application/octet-stream", status=200, **headers):
    """Answer with a body, whose length may be said to be another."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(handler):
        handler.begin(status, kind, {"Content-Length": str(len(body)), **named})
        handler.wfile.write(body)
        if "Content-Length" in named:
            handler.close_connection = True

    return answer


def pours(part, *, pause=0.0, times=10_000, head=True):
    """Answer with a part again and again, and no end."""

    def answer(handler):
        handler.close_connection = True
        if head:
            handler.begin(200, "text/html", {})
        for _ in range(times):
            handler.wfile.write(part)
            time.sleep(pause)

    return answer


def chunk(framed):
    """Answer with a body in chunks, whose first is framed so."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    return pours(head + framed, head=False, times=1)


def in_turn(*answers):
    """Answer the first time by the first, then by the next; by the last for ever."""
    left = list(answers)

    def answer(handler):
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


# What a page names


def row(file, data=b"", **changed):
    digest = hashlib.sha256(data).hexdigest()
    told = {"filename": file, "url": f"/files/{file}", "hashes": {"sha256": digest}}
    return {**told, "size": len(data), **changed}


def page(*files, **changed):
    said = {"meta": {"api-version": "1.0"}, "name": "a", "files": list(files), **changed}
    return says(json.dumps(said).encode(), JSON)


def html(text, **headers):
    return says(text.encode(), "text/html", **headers)


# What is in files


def metadata(name="a", version="1.0", *lines):
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, ""])


def wheel(version="1.0", members=None, packing=zipfile.ZIP_DEFLATED):
    """Build a wheel of `a`, or a zip with these members, of any path as often as they name it."""
    out = io.BytesIO()
    members = members or [(f"a-{version}.dist-info/METADATA", metadata("a", version))]
    with zipfile.ZipFile(out, "w", packing) as archive:
        for path, text in members:
            archive.writestr(path, text)
    return out.getvalue()


def sent(data):
    """Serve a file by parts, as it is."""

    def answer(handler):
        asked = handler.headers.get("Range", "").removeprefix("bytes=")
        if not asked:
            return says(data)(handler)
        first, _, last = asked.partition("-")
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(len(data), int(last) + 1) if first and last else len(data)
        span = f"bytes {start}-{end - 1}/{len(data)}"
        return says(data[start:end], status=206, Content_Range=span)(handler)

    return answer


OLD = wheel("0.9")
NEW = wheel("1.0")
OLD_ROW = row("a-0.9-py3-none-any.whl", OLD)
NEW_ROW = row("a-1.0-py3-none-any.whl", NEW)


def index_of(new, data=NEW, **beside):
    """Return answers with an honest a 0.9, and what `new` says of a 1.0."""
    return {
        PAGE: page(OLD_ROW, new),
        "/files/a-0.9-py3-none-any.whl": sent(OLD),
        "/files/a-1.0-py3-none-any.whl": data if callable(data) else sent(data),
        "/files/a-1.0.tar.gz": data if callable(data) else sent(data),
        **{f"/files/{file}": answer for file, answer in beside.items()},
    }


def packed(data, times=1):
    for _ in range(times):
        data = gzip.compress(data, 9)
    return data
