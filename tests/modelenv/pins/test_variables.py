"""A save writes the names of variables, and not what they stand for."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import read_folder

SECRET = "s3cr3t-word"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *about: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """Serve a folder whose name is a secret, and give its address with the variable's name."""
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    folder = tmp_path / "served" / SECRET
    folder.mkdir(parents=True)
    handler = partial(_Quiet, directory=str(folder.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/${{OUR_TOKEN}}", folder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_wheel(folder: Path) -> Path:
    file = folder / "own-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("own.py", "")
        metadata = "Metadata-Version: 2.1\nName: own\nVersion: 1.0\n"
        archive.writestr("own-1.0.dist-info/METADATA", metadata)
        archive.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("own-1.0.dist-info/RECORD", "")
    return file


def holds_secret(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_a_reference_and_a_constraint_are_written_as_they_were_given(
    project: Any, served: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = served
    file = write_wheel(folder)
    line = f"own @ {url}/{file.name}"
    limit = f"nobody @ {url}/nobody-1.zip"
    account = modelenv.save_model(
        project.model("return 1"),
        tmp_path / "model",
        input_example=1,
        extra_pip_requirements=[line],
        constraints=[limit],
        prove=False,
    )
    spec = read_folder(tmp_path / "model")
    assert line in [each.requirement for each in spec.requirements]
    assert spec.constraints == (limit,)
    assert holds_secret(tmp_path / "model") == []
    assert SECRET not in str(account)


def test_a_lock_of_a_save_names_the_variable_of_an_index(
    project: Any,
    served: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("packaging.pylock")
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    url, folder = served
    file = write_wheel(folder)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / "own").mkdir()
    (folder / "own" / "index.html").write_text(
        f'<a href="../{file.name}#sha256={digest}">{file.name}</a>'
    )
    modelenv.save_model(
        project.model("return 1"),
        tmp_path / "model",
        input_example=1,
        pip_requirements=[f"--index-url {url}", "own"],
        prove=False,
    )
    assert holds_secret(tmp_path / "model") == []
    lock = (tmp_path / "model" / "pylock.toml").read_text()
    assert f"{url}/{file.name}" in lock
