"""The real pip-audit, in an environment of its own, with a service on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv.audit.errors import PipAuditFailedError
from modelenv.base.settings import Settings

from .worlds import advisory, below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Pinned

pytestmark = pytest.mark.slow
UV = Settings.from_environment().uv
KNOWN = {
    "numpy": [
        advisory(below("1.22.0"), aliases=["CVE-1"], summary="bad"),
        advisory(below("1.22.0"), id="PYSEC-1", withdrawn="2026-01-01T00:00:00Z"),
    ]
}


@pytest.fixture(scope="module", params=["2.10.1"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a release of pip-audit; return the folder of its program."""
    if UV is None:
        pytest.skip("uv is not here")
    root = tmp_path_factory.mktemp("tool") / "venv"
    release = f"pip-audit=={request.param}"
    for words in (["venv", "-q", root], ["pip", "install", "-q", "--python", root, release]):
        subprocess.run([UV, *map(str, words)], check=True)
    return root / ("bin" if os.name == "posix" else "Scripts")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A service as OSV has it, on this machine; return what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(question)
            found = KNOWN.get(question["package"]["name"])
            self.answer({"vulns": found} if found else {})

        def answer(self, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}/v1/query")
        yield asked
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(pinned: Pinned, program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(program), prepend=os.pathsep)
    return pinned({"numpy==1.21.0": "", "torch==2.5.1+cu121": "", "scikit-learn==1.5.2": ""})


def test_what_it_knows_is_told(folder: Path, service: list[dict[str, Any]]) -> None:
    audit = modelenv.audit_model(folder)
    assert {each["package"]["name"]: each["version"] for each in service} == {
        "numpy": "1.21.0",
        "torch": "2.5.1",
        "scikit-learn": "1.5.2",
    }
    (found,) = audit.vulnerable
    assert {*found.ids} == {"GHSA-1", "CVE-1"}
    assert (found.fixed, found.summary) == (("1.22.0",), "bad")
    assert audit.undecided == ()


def test_a_service_that_is_not_there_is_told(
    folder: Path, service: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", "http://127.0.0.1:9/v1/query")
    with pytest.raises(PipAuditFailedError, match=r"refused|Could not connect"):
        modelenv.audit_model(folder)


def test_its_report_counts_as_advisories(
    folder: Path, program: Path, service: list[dict[str, Any]], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    words = [program / "pip-audit", "--no-deps", "--disable-pip", "-r", folder / "requirements.txt"]
    words += ["--format", "json", "--output", report]
    subprocess.run([*map(str, words)], check=False, capture_output=True)
    audit = modelenv.audit_model(folder, advisories=report)
    (found,) = audit.vulnerable
    assert ({*found.ids}, found.fixed, found.summary) == ({"GHSA-1", "CVE-1"}, ("1.22.0",), "bad")
    assert audit.undecided == ()
