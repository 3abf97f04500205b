from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Trace, probe_folder, read_spool, trace

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


def test_programs_are_seen(world: World) -> None:
    seen = touching(world, {}, lambda: subprocess.check_output(["uname"]))
    assert seen.touched("program") == ("uname",)


def test_outside_a_trace_the_hook_is_asleep(world: World) -> None:
    from tracer.probe.audit import AUDIT

    seen = touching(world, {"words.txt": "a"}, lambda: None)
    Path("words.txt").read_text()
    assert seen.touched("file") == ()
    assert AUDIT._listeners == ()


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
