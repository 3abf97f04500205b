"""A node makes the environment of a model once, whoever asks, and whoever is killed meanwhile."""

from __future__ import annotations

import os
import pickle
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from modelenv.batch.node.calling.travelled import TravelledModel
from modelenv.batch.node.job import NodeEnvironment
from modelenv.environments.cache import EnvironmentCache

from ....small_worlds import write_source
from ....stories.test_disks import can_mount
from ...environments.conftest import Wheelhouse
from .conftest import OPEN, UV, Node, model_of_wheels, python_of

uv = pytest.mark.skipif(UV is None, reason="no uv is here")
USE = (
    OPEN
    + """
import subprocess
with opened() as root:
    told = environments.described(root)
    print(subprocess.run([told.executable, "-c", "import own; print(own.FACTOR)"],
        stdout=subprocess.PIPE, check=True, text=True).stdout.strip(), root)
"""
)
WAIT = (
    OPEN
    + """
with opened() as root:
    print(root, flush=True)
    sys.stdin.buffer.read()
    time.sleep(60)
"""
)
REFUSED = (
    OPEN
    + """
try:
    with opened():
        pass
except Exception as error:
    print(type(error).__name__, error)
"""
)
COST = (
    OPEN
    + """
def cpu():
    times = os.times()
    return sum(times[:4])
before = cpu()
with opened() as root:
    load("batch.node.calling.process_model").interpreter_of(model.job, root)
print(cpu(), cpu() - before)
"""
)


def kept(node: Node) -> EnvironmentCache:
    return EnvironmentCache(node.cache / "environments")


@uv
def test_it_is_built_once_and_listed(node: Node, model: TravelledModel) -> None:
    pickled = pickle.dumps(model)
    first = node.run(USE, given=pickled).split("\n")
    assert first[0] == "said building the environment of the model on this node"
    assert first[1].startswith("3 ")
    assert node.run(USE, given=pickled).split("\n") == first[1:]
    (entry,) = kept(node).entries()
    assert entry.complete
    assert not entry.in_use
    assert entry.manager == "uv"
    assert entry.requirements == ("own==1.0",)
    assert entry.bytes > 0
    assert kept(node).remove() == (entry,)
    assert node.run(USE, given=pickled).split("\n")[0] == first[0]


@pytest.mark.slow
@uv
def test_two_at_once_build_it_once(node: Node, model: TravelledModel) -> None:
    processes = [node.start(USE) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(pickle.dumps(model))
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    printed = "".join(out.decode() for out, _ in said)
    assert printed.count("said building") == 1
    assert len({line for line in printed.splitlines() if line.startswith("3 ")}) == 1


@pytest.mark.slow
@uv
def test_what_is_used_is_not_removed(node: Node, model: TravelledModel) -> None:
    process = node.start(WAIT)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pickle.dumps(model))
    process.stdin.flush()
    assert b"said" in process.stdout.readline()
    root = Path(process.stdout.readline().decode().strip())
    assert kept(node).entries()[0].in_use
    assert kept(node).remove() == ()
    process.kill()
    process.communicate()
    assert not kept(node).entries()[0].in_use
    assert root.exists()


@uv
def test_a_build_that_is_killed_leaves_nothing(node: Node, tmp_path: Path) -> None:
    """Neither a process nor a file: what it began is removed by who comes next."""
    house = Wheelhouse(tmp_path / "wheelhouse")
    source = write_source(house.folder, "own", "1.0")
    slow = _slow(source, tmp_path)
    pickled = pickle.dumps(model_of_wheels(house))
    process = node.start(USE)
    assert process.stdin is not None
    process.stdin.write(pickled)
    process.stdin.flush()
    began = slow / "began"
    deadline = time.monotonic() + 60
    while not (began.exists() and began.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    builder = int(began.read_text())
    process.kill()
    process.communicate()
    while time.monotonic() < deadline and Path(f"/proc/{builder}").exists():
        time.sleep(0.02)
    assert not Path(f"/proc/{builder}").exists()
    (left,) = (path for path in (node.cache / "environments").iterdir() if path.name != "locks")
    (slow / "go").touch()
    assert node.run(USE, given=pickled).split("\n")[1].startswith("3 ")
    (now,) = (path for path in (node.cache / "environments").iterdir() if path.name != "locks")
    assert now == left
    roots = {path.name for path in now.iterdir()} - {"environment.json", "leases"}
    assert len(roots) == 1


def _slow(source: Path, tmp_path: Path) -> Path:
    """Have a source distribution be built for as long as nobody says "go", and then give 3."""
    import tarfile

    folder, marks = tmp_path / "unpacked", tmp_path / "marks"
    marks.mkdir()
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    back = folder / "own-1.0" / "back.py"
    text = back.read_text().replace(
        "    told = [",
        f"    import time\n    open({str(marks / 'began')!r}, 'w').write(str(os.getpid()))\n"
        f"    while not os.path.exists({str(marks / 'go')!r}): time.sleep(0.02)\n    told = [",
    )
    back.write_text(text.replace('"\\n".join(told)', '"FACTOR = 3"'))
    with tarfile.open(source, "w:gz") as archive:
        archive.add(folder / "own-1.0", "own-1.0")
    return marks


def test_a_python_that_is_not_there(node: Node, model: TravelledModel) -> None:
    changed = replace(model.job.environment, python="3.99.1")
    said = node.run(REFUSED, given=pickle.dumps(_with(model, changed)))
    assert said.startswith("said building")
    assert "NodeError on the node" in said
    assert "the model needs Python 3.99, and there is none" in said
    assert "tried the engine's own Python:" in said
    assert "modelenv pack" in said
    assert not list((node.cache / "environments").glob("*/environment.json"))


@uv
def test_what_cannot_be_had_is_told_with_what_was_tried(node: Node, tmp_path: Path) -> None:
    house = Wheelhouse(tmp_path / "wheelhouse")
    said = node.run(REFUSED, given=pickle.dumps(model_of_wheels(house)))
    assert "the environment of the model cannot be built with" in said
    assert "uv pip install" in said
    assert "own==1.0" in said
    assert "way out: " in said
    assert [each.name for each in (node.cache / "environments").iterdir()] == ["locks"]


@uv
@pytest.mark.parametrize("where", [pytest.param("hashes", marks=pytest.mark.slow), "locked"])
def test_a_file_with_another_hash_is_refused(where: str, node: Node, tmp_path: Path) -> None:
    house = Wheelhouse(tmp_path / "wheelhouse")
    house.add("own", "1.0", source="FACTOR = 3\n")
    other = {where: {"own==1.0": (f"sha256:{'0' * 64}",)}}
    said = node.run(REFUSED, given=pickle.dumps(model_of_wheels(house, **other)))
    assert "ash" in said
    assert "cannot be built" in said


@pytest.mark.slow
@uv
def test_a_lock_of_another_platform_is_none_here(node: Node, tmp_path: Path) -> None:
    house = Wheelhouse(tmp_path / "wheelhouse")
    house.add("own", "1.0", source="FACTOR = 3\n")
    locked = {"own==1.0": (f"sha256:{'0' * 64}",)}
    environment = {"locked": locked, "locked_for": {"sys_platform": "plan9"}}
    assert "\n3 " in node.run(USE, given=pickle.dumps(model_of_wheels(house, **environment)))


@pytest.mark.slow
@uv
def test_an_interpreter_that_is_gone_has_it_built_anew(node: Node, model: TravelledModel) -> None:
    pickled = pickle.dumps(model)
    node.run(USE, given=pickled)
    (python,) = (node.cache / "environments").glob("*/*/bin/python")
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert node.run(USE, given=pickled).startswith("said building")


def test_a_cache_that_cannot_be_written_to(node: Node, model: TravelledModel) -> None:
    node.run("pass")
    script = REFUSED.replace('cache / "environments"', 'Path("/proc/none/environments")')
    said = node.run(script, given=pickle.dumps(model))
    assert "NodeError on the node" in said
    assert "the environment cannot be made: " in said
    assert "way out: set MODELENV_CACHE_DIR" in said


@pytest.mark.slow
def test_a_node_without_uv(node: Node, model: TravelledModel) -> None:
    bare = Node(node.home, node.python, {"PATH": "/usr/bin:/bin"})
    said = bare.run(USE, given=pickle.dumps(model))
    if kept(bare).entries()[0].manager != "virtualenv":
        pytest.skip("uv stands beside this Python")
    assert "\n3 " in said


@pytest.mark.slow
@uv
@pytest.mark.parametrize("minor", ["3.10", "3.12", "3.13"])
def test_another_python_than_the_engines(minor: str, node: Node, model: TravelledModel) -> None:
    python_of(minor)
    changed = replace(model.job.environment, python=minor)
    said = node.run(USE, given=pickle.dumps(_with(model, changed)))
    (entry,) = kept(node).entries()
    assert f" {minor}." in entry.python
    assert "\n3 " in said


@pytest.mark.slow
@uv
def test_the_second_use_of_a_node_costs_little(node: Node, model: TravelledModel) -> None:
    """In seconds of CPU, of this process and of those that it starts."""
    pickled = pickle.dumps(model)
    node.run(USE, given=pickled)
    node.run(COST, given=pickled)
    whole, opening = map(float, node.run(COST, given=pickled).split())
    assert opening < 0.5
    assert whole < 1.0


def _with(model: TravelledModel, environment: NodeEnvironment) -> TravelledModel:
    return TravelledModel(job=replace(model.job, environment=environment))


SMALL = """
mkdir -p "$1"
mount -t tmpfs -o size=$2 none "$1"
exec "$3" -S -s -c "$4"
"""


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="no mounts without rights")
@uv
@pytest.mark.parametrize(("size", "said"), [("300k", "its code"), ("3m", "environment cannot be")])
def test_a_disk_that_is_full(size: str, said: str, node: Node, tmp_path: Path) -> None:
    """It is told with the place and a way out, whether our code or the environment has no room."""
    house = Wheelhouse(tmp_path / "wheelhouse")
    house.add("own", "1.0", source=f"FACTOR = 3\nTEXT = {os.urandom(3_000_000).hex()!r}\n")
    shell = ["unshare", "-rm", "sh", "-ec", SMALL, "sh", str(node.cache), size, node.python]
    ended = subprocess.run(
        [*shell, REFUSED],
        input=pickle.dumps(model_of_wheels(house)),
        capture_output=True,
        env=node.environment,
        check=False,
    )
    told = (ended.stdout + ended.stderr).decode()
    assert "on the node" in told
    assert said in told
    assert "No space left on device" in told
    assert "MODELENV_CACHE_DIR" in told
