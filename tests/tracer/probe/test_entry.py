"""The entry copy for children lies with the records, whole, and goes with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import tracer
from tracer import read_spool, trace, trace_program
from tracer.probe.children import PATH, SPOOL, Children
from tracer.probe.entering import EntryCopy

World = Callable[[Mapping[str, str]], Path]
PROBE = Path(tracer.__file__).parent / "probe"
FIRST = "sitecustomize.py"


def entry() -> Path:
    """Return the folder that leads children in."""
    return Path(os.environ[PATH].split(os.pathsep)[0])


def test_what_enters_children_lies_with_the_records_and_goes_with_them(world: World) -> None:
    world({})
    with trace():
        spool = Path(os.environ[SPOOL])
        assert spool in entry().parents
        assert (entry() / FIRST).read_bytes() == (PROBE / "entry" / FIRST).read_bytes()
        with ZipFile(spool / "probe.zip") as copied:
            assert copied.testzip() is None
            sources = {name for name in copied.namelist() if name.endswith(".py")}
            assert sources == {path.name for path in PROBE.glob("*.py")}
            assert copied.read("start.py") == (PROBE / "start.py").read_bytes()
        subprocess.run([sys.executable, "-c", "import colorsys"], check=True)
    assert not spool.exists()
    assert PATH not in os.environ or str(spool) not in os.environ[PATH]


def test_children_enter_although_the_tracer_is_elsewhere_by_then(
    world: World, python: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(PROBE.parent, tmp_path / "there" / "tracer")
    text = (
        "import os, subprocess, sys\n"
        "from tracer import trace\n"
        "with trace() as seen:\n"
        f"    os.rename({str(moved)!r}, {str(moved) + '-moved'!r})\n"
        "    subprocess.run([sys.argv[1], 'script.py'], cwd=sys.argv[2], check=True)\n"
        f"    os.rename({str(moved) + '-moved'!r}, {str(moved)!r})\n"
        "print(*seen.modules, *seen.trace.notes)\n"
    )
    folder = world({"script.py": "import plum", "plum.py": ""})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", text, str(python), str(folder)],
        cwd=elsewhere,
        env={"PYTHONPATH": str(tmp_path / "there"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "plum" in ended.stdout or f"another Python ran as a child, {python}" in ended.stdout
    assert ended.stderr == ""
    assert not list(tmp_path.glob("tracer-*"))


def test_a_process_that_is_traced_as_a_whole_copies_what_enters_its_children(
    run: Callable[..., subprocess.CompletedProcess[str]], python: Path
) -> None:
    text = (
        "import os, subprocess, sys\n"
        f"package = type(sys)('_modelenv_probe'); package.__path__ = [{str(PROBE)!r}]\n"
        "sys.modules['_modelenv_probe'] = package\n"
        "from _modelenv_probe.start import start\n"
        "recorder = start('spool')\n"
        "os.mkdir('below')\n"
        "os.chdir('below')\n"
        "subprocess.run([sys.executable, '-c', 'import plum'], cwd='..', check=True)\n"
        "if os.fork() == 0:\n"
        "    import pear\n"
        "    recorder.stop()\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "recorder.stop()\n"
    )
    assert run(text, python, plum="", pear="").stderr == ""
    spool = Path("spool")
    assert (spool / "entry" / FIRST).exists()
    assert (spool / "probe.zip").exists()
    seen = read_spool(spool)
    assert {"plum", "pear"} <= set(seen.modules)
    assert not [each.name for each in seen.records if each.name.startswith("_modelenv")]


def test_no_child_writes_into_the_folder_of_the_tracer(tmp_path: Path, python: Path) -> None:
    """In one of its own: other tests, which run meanwhile, compile what is in the tracer's."""
    ours = tmp_path / "tracer"
    shutil.copytree(PROBE.parent, ours, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(ours.rglob("*"))
    code = """
    import subprocess, sys, tracer
    with tracer.trace():
        subprocess.run([sys.argv[1], "-c", "import colorsys"], check=True)
    """
    environment = {key: value for key, value in os.environ.items() if "BYTECODE" not in key}
    command = [sys.executable, "-B", "-c", textwrap.dedent(code), str(python)]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment)
    assert sorted(ours.rglob("*")) == before


def test_children_need_not_compile_what_was_compiled(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(PROBE)], check=True)
    entry = EntryCopy().folder_in(str(tmp_path))
    text = "import sys; print(sys.modules['_modelenv_probe.start'].enter.__code__.co_filename)"
    environment = {**os.environ, PATH: entry, SPOOL: str(tmp_path)}
    command = [sys.executable, "-c", text]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    # Compiled in the child, it would bear the name that it has in the archive.
    assert ended.stdout.strip() == str(PROBE / "start.py")


def test_the_program_that_is_traced_by_itself_enters_from_there(world: World) -> None:
    folder = world({"plum.py": ""})
    text = "import os, plum; print(os.environ['PYTHONPATH'])"
    code, seen = trace_program(["-c", text])
    assert code == 0
    assert str(folder / "plum.py") in seen.files
    assert PATH not in os.environ or str(PROBE) not in os.environ[PATH]


def test_where_nothing_can_be_copied_the_tracers_own_folder_serves(
    world: World, tmp_path: Path
) -> None:
    world({})
    (tmp_path / "no-folder").touch()
    children = Children(str(tmp_path / "no-folder"))
    children.begin()
    try:
        assert entry() == PROBE / "entry"
    finally:
        children.end()


def test_a_copy_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    made = Path(EntryCopy().folder_in(str(tmp_path)))
    (made / FIRST).unlink()
    (tmp_path / "probe.zip").write_text("half of it")
    assert Path(EntryCopy().folder_in(str(tmp_path))) == made
    with ZipFile(tmp_path / "probe.zip") as copied:
        assert copied.read("start.py") == (PROBE / "start.py").read_bytes()


def test_a_child_that_begins_while_the_copy_is_removed_hears_nothing_of_it(
    world: World, python: Path, tmp_path: Path
) -> None:
    world({})
    children = Children(str(tmp_path))
    (tmp_path / "probe.zip").unlink()
    children.begin()
    try:
        command = [str(python), "-c", "print('well')"]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        children.end()
    assert (ended.stdout, ended.stderr) == ("well\n", "")
