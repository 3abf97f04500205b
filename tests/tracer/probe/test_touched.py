from __future__ import annotations

import ctypes
import importlib.metadata
import mmap
import os
import py_compile
import site
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Touch, Trace, probe_folder, read_spool, trace

World = Callable[[Mapping[str, str]], Path]


def touching(world: World, files: Mapping[str, str], action: Callable[[], object]) -> Trace:
    world(files)
    with trace(touched=True, executed=False, children=False) as seen:
        action()
    return seen.trace


def test_a_data_file_that_is_read_is_seen(world: World) -> None:
    seen = touching(world, {"words.txt": "a"}, Path("words.txt").read_text)
    assert seen.touched("file") == (str(Path("words.txt").absolute()),)


def test_a_file_that_is_not_there_is_not_seen(world: World) -> None:
    def look() -> None:
        with pytest.raises(FileNotFoundError):
            Path("absent.txt").read_text()

    assert touching(world, {}, look).touched("file") == ()


def test_a_file_that_the_block_wrote_itself_is_no_data_of_the_model(world: World) -> None:
    def cache() -> None:
        Path("cache.txt").write_text("x")
        Path("cache.txt").read_text()

    assert touching(world, {}, cache).touched("file") == ()


def test_modules_and_the_interpreters_own_files_are_no_data(world: World) -> None:
    def load() -> None:
        import plain  # type: ignore[import-not-found] # noqa: F401

        Path(subprocess.__file__).read_text()
        with Path(sys.executable).open("rb") as file:
            file.read(1)

    assert touching(world, {"plain.py": ""}, load).touched("file") == ()


GRADES = "site-packages/tables/grades.json"
READERS = {
    "open": "with open(file) as opened: opened.read()",
    "pathlib": "import pathlib; pathlib.Path(file).resolve().read_bytes()",
    "os": "os.close(os.open(file, os.O_RDONLY))",
    "io": "import io; io.FileIO(file).close()",
    "pkgutil": "import pkgutil; pkgutil.get_data('tables', 'grades.json')",
    "importlib": "import tables; tables.__loader__.get_data(file)",
    "resources": (
        "import importlib.resources as r; r.files('tables').joinpath('grades.json').read_text()"
    ),
    "sqlite": "import sqlite3; sqlite3.connect('file:' + file + '?mode=ro', uri=True).close()",
}


@pytest.mark.parametrize("way", READERS)
def test_a_file_of_an_installed_distribution_is_seen_with_who_asked(world: World, way: str) -> None:
    orchard = (
        f"import os\ndef grade():\n    file = os.path.abspath({GRADES!r})\n    {READERS[way]}\n"
    )
    files = {
        "site-packages/orchard.py": orchard,
        "site-packages/tables/__init__.py": "",
        GRADES: "{}",
    }
    folder = world(files)
    sys.path.insert(0, str(folder / "site-packages"))
    try:
        import orchard as module  # type: ignore[import-not-found]

        with trace(touched=True, executed=False, children=False) as seen:
            module.grade()
    finally:
        sys.path.remove(str(folder / "site-packages"))
    file = str(folder / "site-packages" / "orchard.py")
    assert [each for each in seen.trace.touches if each.kind == "file"] == [
        Touch("file", str(folder / GRADES), "", "orchard", file, 4)
    ]


RUNNERS = {
    "runpy": "import runpy; runpy.run_path('helper.py')",
    "by its path": (
        "from importlib import util; spec = util.spec_from_file_location('another', 'helper.py');"
        " spec.loader.exec_module(util.module_from_spec(spec))"
    ),
    "exec": "exec(Path('helper.py').read_text())",
    "bytecode": "import runpy; runpy.run_path('helper.bin')",
    "suffix": "exec(compile(Path('helper.rules').read_text(), 'helper.rules', 'exec'))",
    "package": "import runpy; runpy.run_module('tool')",
}


@pytest.mark.parametrize(
    ("way", "file"),
    [
        ("runpy", "helper.py"),
        ("by its path", "helper.py"),
        ("exec", "helper.py"),
        ("bytecode", "helper.bin"),
        ("suffix", "helper.rules"),
        ("package", "site-packages/tool.py"),
    ],
)
def test_code_that_runs_without_being_imported_is_a_file_that_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str, file: str
) -> None:
    folder = world({"helper.py": "", "helper.rules": "", "site-packages/tool.py": ""})
    py_compile.compile(str(folder / "helper.py"), cfile=str(folder / "helper.bin"))
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    for _ in ("compiled", "from the cache"):
        seen = touching(world, {}, lambda: exec(RUNNERS[way]))
        assert seen.touched("file") == (str(folder / file),)


def test_code_that_is_imported_or_shown_is_no_file_that_is_read(world: World) -> None:
    def show() -> None:
        import inspect
        import traceback

        import plain
        import shown  # type: ignore[import-not-found]

        with pytest.raises(ImportError):
            import broken  # type: ignore[import-not-found]  # noqa: F401
        inspect.getsource(plain.make)
        try:
            shown.fail()
        except ValueError:
            traceback.format_exc()

    files = {
        "plain.py": "def make():\n    pass\n",
        "shown.py": "def fail():\n    raise ValueError\n",
        "broken.py": "import absent\n",
    }
    assert touching(world, files, show).touched("file") == ()
    assert touching(world, files, show).touched("file") == ()


def test_a_scan_over_what_is_installed_is_no_reading(world: World) -> None:
    def scan() -> None:
        for distribution in importlib.metadata.distributions():
            distribution.read_text("RECORD")
        site.addsitedir(str(Path("site-packages").absolute()))

    files = {
        "site-packages/knife-1.0.dist-info/METADATA": "Name: knife\n",
        "site-packages/knife-1.0.dist-info/RECORD": "",
        "site-packages/spoon.egg-info": "Name: spoon\n",
        "site-packages/fork.pth": "nowhere\n",
    }
    before = list(sys.path)
    assert touching(world, files, scan).touches == ()
    sys.path[:] = before


def test_a_file_that_took_the_place_of_another_is_the_blocks_own(world: World) -> None:
    def cache() -> None:
        Path("cache.part").write_text("x")
        Path("cache.part").replace("cache.txt")
        Path("cache.txt").read_text()
        sqlite3.connect("new.db").close()
        sqlite3.connect("new.db").close()
        with Path("old.txt").open("w+") as file:
            file.read()

    assert touching(world, {"old.txt": "x"}, cache).touched("file") == ()


@pytest.mark.skipif(sys.platform != "linux", reason="what is mapped is seen in /proc")
def test_a_file_that_is_mapped_without_an_event_is_seen(world: World) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)

    def read() -> None:
        descriptor = libc.open(b"weights.bin", os.O_RDONLY)
        libc.mmap(None, 4, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
        libc.close(descriptor)

    seen = touching(world, {"weights.bin": "1234"}, read)
    assert seen.touched("file") == (str(Path("weights.bin").absolute()),)


EVERYTHING = """
import sys
sys.path.insert(0, sys.argv[1])
from _modelenv_probe.start import start
probe = start(sys.argv[2], everything=True)
import colorsys, socket, subprocess
open("words.txt", "w").write("x")
try:
    socket.socket(socket.AF_UNIX).connect("nobody")
except OSError:
    pass
open(sys.argv[3]).close()
subprocess.run([sys.executable, "-c", "import chunkless"], env=None)
probe.stop()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are seen in /proc")
def test_everything_that_is_touched_is_recorded_where_it_is_asked(
    world: World, tmp_path: Path
) -> None:
    world({"chunkless.py": ""})
    (tmp_path / "_modelenv_probe").symlink_to(probe_folder(), target_is_directory=True)
    (tmp_path / "tempfile").write_text("")
    command = [sys.executable, "-c", EVERYTHING, str(tmp_path), str(tmp_path / "spool")]
    subprocess.run([*command, str(tmp_path / "tempfile")], check=True)
    seen = read_spool(tmp_path / "spool")
    files = (*seen.touched("file"), *seen.files)
    names = {Path(name).name.partition(".")[0] for name in files}
    assert {"colorsys", "words", "nobody", "tempfile", "chunkless"} <= names
    assert any("/libc" in name for name in seen.touched("library"))


def test_a_database_is_a_data_file(world: World) -> None:
    world({})
    with sqlite3.connect("facts.db") as database:
        database.execute("create table fact (name)")
    database.close()

    def query() -> None:
        again = sqlite3.connect("facts.db")
        again.execute("select * from fact")
        again.close()

    assert touching(world, {}, query).touched("file") == (str(Path("facts.db").absolute()),)


def test_hosts_are_seen_by_name_and_address(world: World) -> None:
    def contact() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("localhost", port), timeout=10):
                pass

    hosts = touching(world, {}, contact).touched("host")
    assert any(host.startswith("localhost:") for host in hosts)
    assert any(host.startswith("127.0.0.1:") for host in hosts)


def test_a_host_that_could_not_be_found_is_seen_as_well(world: World) -> None:
    def contact() -> None:
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("host.invalid", 443)

    assert touching(world, {}, contact).touched("host") == ("host.invalid:443",)


def test_outside_a_trace_the_hook_is_asleep(world: World) -> None:
    from tracer.probe.audit import AUDIT

    seen = touching(world, {"words.txt": "a"}, lambda: None)
    Path("words.txt").read_text()
    assert seen.touched("file") == ()
    assert AUDIT._handlers == {}


def test_without_touched_nothing_is_heard(world: World) -> None:
    world({"words.txt": "a"})
    with trace() as seen:
        Path("words.txt").read_text()
    assert seen.trace.touches == ()


def test_in_a_child_what_it_touches_is_always_seen(world: World) -> None:
    folder = world({"words.txt": "a"})
    program = "open('words.txt').read()"
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert seen.trace.touched("file") == (str(folder / "words.txt"),)
