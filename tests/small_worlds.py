"""Small worlds: installed distributions, wheels in folders and behind HTTP, model folders."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile
import threading
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import Entry, EnvSpec, write_files
from modelenv.folder.documents.trace_file import TraceFile
from tracer import Trace

WHEEL = ("Generator: tests", "Root-Is-Purelib: true", "Tag: py3-none-any")
PYTHON = ".".join(map(str, sys.version_info[:3]))


def plain_trace(folder: Path) -> dict[str, Any]:
    """Return what a folder's trace says as schema 1 has it, for a test to change and write."""
    said = TraceFile.read(folder)
    listed = {"imports": [*said.imports], "touches": [*said.touches]}
    return {"schema": 1, "python": said.python, "markers": said.markers, **listed}


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    requires: Iterable[str] = (),
    *,
    modules: Mapping[str, str] | None = None,
) -> Path:
    """Write a wheel that pip and uv install: a package that says its version, and `modules`."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    header = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    header += [f"Requires-Dist: {line}" for line in requires]
    files = {
        f"{name}/__init__.py": f"version = {version!r}\n",
        **(modules or {}),
        f"{info}/METADATA": "\n".join([*header, ""]),
        f"{info}/WHEEL": "\n".join(["Wheel-Version: 1.0", *WHEEL, ""]),
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return file


# Builds a wheel of what stands beside it, and needs nothing for that.
_BACKEND = """
import os, sys
sys.path.insert(0, os.path.dirname(__file__))
import small_wheel

def build_wheel(folder, config_settings=None, metadata_directory=None):
    if "fail" in open("PKG-INFO").read():
        sys.exit("it cannot be built here")
    told = [f"# {key}={value}" for key, value in (config_settings or {}).items()]
    return small_wheel.write(folder, NAME, VERSION, REQUIRES, "\\n".join(told))
"""
_SMALL_WHEEL = """
import os, zipfile

def write(folder, name, version, requires, text):
    info = f"{name}-{version}.dist-info"
    header = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    header += [f"Requires-Dist: {line}" for line in requires]
    files = {
        f"{name}/__init__.py": text,
        f"{info}/METADATA": "\\n".join(header) + "\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/RECORD": "",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in files)
    file = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, file), "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return file
"""


def write_source(
    folder: Path, name: str, version: str, requires: Iterable[str] = (), *, fails: bool = False
) -> Path:
    """Write a source distribution that does not say what it requires, and builds offline."""
    folder.mkdir(parents=True, exist_ok=True)
    said = "\nSummary: fail" if fails else ""
    head = f"NAME, VERSION, REQUIRES = {name!r}, {version!r}, {list(requires)!r}\n"
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}{said}\n",
        "pyproject.toml": '[build-system]\nrequires=[]\nbuild-backend="back"\nbackend-path=["."]\n',
        "back.py": head + _BACKEND,
        "small_wheel.py": _SMALL_WHEEL,
    }
    file = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for path, text in files.items():
            about = tarfile.TarInfo(f"{name}-{version}/{path}")
            about.size = len(text.encode())
            archive.addfile(about, io.BytesIO(text.encode()))
    return file


def on_disk(root: Path, apart: str = "", **files: str) -> str:
    """Write an index as PEP 503 has it, its files beside the pages or `apart` from them."""
    for name, version in files.items():
        page = root / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        file = write_wheel(root / apart if apart else page.parent, name, version)
        link = os.path.relpath(file, page.parent).replace(os.sep, "/")
        page.write_text(f'<a href="{link}">{file.name}</a>')
    return (root / "simple").as_uri()


@pytest.fixture
def installed_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install distributions, as (name, version, *requires), for this interpreter to see."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))

    def install(name: str, version: str, *requires: str) -> None:
        with zipfile.ZipFile(write_wheel(tmp_path / "made", name, version, requires)) as archive:
            archive.extractall(place)

    return install


def add_flavor(folder: Path, name: str, data: bytes, said: Mapping[str, str]) -> None:
    """Let a model folder have a flavor of MLflow's, whose file has this content."""
    (folder / "model.native").write_bytes(data)
    document = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    document["flavors"][name] = {"data": "model.native", **said}
    (folder / "MLmodel").write_text(yaml.safe_dump(document), "utf-8")


class Links:
    """A folder of wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, version: str, *requires: str, **modules: str) -> Path:
        files = {f"{name}/{module}.py": code for module, code in modules.items()}
        return write_wheel(self.folder, name, version, requires, modules=files)

    def beside(self, name: str) -> Links:
        """Return another folder, of which pip knows nothing."""
        return Links(self.folder.parent / name)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Links:
    """A folder of wheels that pip is configured with, and no index."""
    folder = tmp_path / "links"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Links(folder)


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Path]:
    """Write a model folder with its pins, each a line and its reason."""

    def write(
        pins: dict[str, str], *, ours: bool = True, name: str = "model", python: str = PYTHON
    ) -> Path:
        folder = tmp_path / name
        (folder / "code").mkdir(parents=True)
        (folder / "code" / "own.py").write_text("x = 1\n")
        (folder / "trace.json").write_text('{"the": "evidence"}\n')
        entries = tuple(Entry(line, reason) for line, reason in pins.items())
        spec = EnvSpec(python=python, requirements=entries, build_dependencies=("pip==1",))
        for file, text in write_files(spec).items():
            (folder / file).write_text(text)
        flavors = "flavors:\n"
        if ours:
            flavors += (
                "  modelenv:\n    format: 1\n    left_out: {gamma: lib.py:3}\n"
                "    proof: {status: reproduces}\n    theirs: [kept]\n"
            )
        flavors += "  python_function:\n    loader_module: own\n    code: code\n"
        (folder / "MLmodel").write_text(flavors + "unknown: {key: 1}\n")
        return folder

    return write


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, bytes]]:
    """Return all files below a folder with their bytes."""

    def look(folder: Path) -> dict[str, bytes]:
        paths = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}

    return look


class Index:
    """A simple index over HTTP (PEP 691): files, and what its pages say of them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.uploaded: dict[str, str] = {}
        """When it received a file, by its name, where it says so."""
        self.yanked: dict[str, str | bool] = {}
        """Why it withdrew a file, by its name."""
        self.statuses: dict[str, dict[str, str]] = {}
        """How a project stands, by its name (PEP 792)."""
        self.says_hashes = True
        self.login = ""
        """``user:password``, without which nothing is answered; empty: anybody is."""
        self.url = ""
        self.asked: list[str] = []

    def add(self, file: Path, uploaded: str = "") -> None:
        self.files[file.name] = file.read_bytes()
        if uploaded:
            self.uploaded[file.name] = uploaded

    def answer(self, path: str) -> tuple[str, bytes] | None:
        self.asked.append(path)
        kind, _, name = path.strip("/").partition("/")
        if kind == "files" and name in self.files:
            return "application/octet-stream", self.files[name]
        found = [each for each in self.files if each.split("-")[0].replace("_", "-") == name]
        if kind != "simple" or not found:
            return None
        rows = [
            {
                "filename": file,
                "url": f"/files/{file}",
                "size": len(self.files[file]),
                "hashes": {"sha256": hashlib.sha256(self.files[file]).hexdigest()}
                if self.says_hashes
                else {},
                **({"upload-time": self.uploaded[file]} if file in self.uploaded else {}),
                **({"yanked": self.yanked[file]} if file in self.yanked else {}),
            }
            for file in found
        ]
        page = {"meta": {"api-version": "1.4"}, "name": name, "files": rows}
        page |= {"project-status": self.statuses[name]} if name in self.statuses else {}
        return "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()


@pytest.fixture
def index() -> Iterator[Index]:
    """An index that listens on this machine."""
    served = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.is_known():
                return
            answer = served.answer(self.path)
            self.send_response(200 if answer else 404)
            kind, body = answer or ("text/plain", b"")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            if not self.is_known():
                return
            answer = served.answer(self.path)
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", answer[0] if answer else "text/plain")
            self.send_header("Content-Length", str(len(answer[1]) if answer else 0))
            self.end_headers()

        def is_known(self) -> bool:
            expected = f"Basic {b64encode(served.login.encode()).decode()}"
            known = not served.login or self.headers["Authorization"] == expected
            if not known:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.send_header("Content-Length", "0")
                self.end_headers()
            return known

        def log_message(self, *about: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def notes_of(trace: Trace) -> list[str]:
    """Return the notes of a trace but on processes that were there before, as of earlier tests."""
    return [note for note in trace.notes if not note.endswith("was started before the block")]
