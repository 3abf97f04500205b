"""A package index's JSON interface on this machine, for a tool that asks one for versions.

So that nobody's index is asked for a benchmark's names, and that the answers are of the day of the
source environments: kinder to the tool than an index of today is.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.utils import NormalizedName
    from packaging.version import Version


@contextmanager
def serve(pins: Mapping[NormalizedName, Version]) -> Iterator[str]:
    """Answer ``GET /<name>/json`` with the one version of each name; give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").partition("/")[0]
            version = pins.get(canonicalize_name(name))
            if version is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            info = {"name": name, "version": str(version), "package_url": "", "project_url": ""}
            body = json.dumps({"info": info, "releases": {str(version): []}}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
