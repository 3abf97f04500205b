"""An engine's process has one worker for a model: kept from task to task, and ended with it."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelenv.batch.node.calling.travelled import TravelledModel
from modelenv.batch.node.errors import BatchError, BatchFailedError
from modelenv.batch.node.kept.errors import FilesError
from modelenv.batch.node.kept.folders import laid_out

from ...environments.conftest import Wheelhouse
from .conftest import UV, Node, inline, model_of_wheels

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(UV is None or sys.platform != "linux", reason="by uv, on Linux")
TWICE = """
import os, pickle, sys
given = sys.stdin.buffer.read()
first, second = pickle.loads(given), pickle.loads(given)
print(first([1, 2]), second([5]), first(["who"]) == second(["who"]))
print(sorted({each.partition(".")[0] for each in sys.modules} & {"modelenv", "numpy", "pandas"}))
"""
THREADS = """
import pickle, sys
from concurrent.futures import ThreadPoolExecutor
model = pickle.load(sys.stdin.buffer)
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(lambda n: model([n]), range(40)))
print(answers == [[3 * n] for n in range(40)], model(["who"]) == model(["who"]))
"""
FORKED = """
import os, pickle, sys
model = pickle.load(sys.stdin.buffer)
own = model(["who"])[0]
child = os.fork()
if not child:
    try:
        assert model([2]) == [6] and model(["who"])[0] != own or model.job.seal != "off"
    finally:
        os._exit(0 if model([2]) == [6] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), model(["who"])[0] == own, model([1]))
"""
BUSY = """
import pickle, sys, threading, time
model = pickle.load(sys.stdin.buffer)
print(model(["who"])[0], flush=True)
if sys.argv[1:]:
    threading.Thread(target=lambda: model(["stop"]), daemon=True).start()
time.sleep(120)
"""
LEAVES = """
import os, pickle, sys
model = pickle.load(sys.stdin.buffer)
print(model(["who"])[0], flush=True)
os._exit(0)
"""
IDLE = """
import pickle, sys, time
from pathlib import Path
model = pickle.load(sys.stdin.buffer)
own = model(["who"])[0]
deadline = time.monotonic() + 30
while Path(f"/proc/{own}").exists() and time.monotonic() < deadline:
    time.sleep(0.05)
print(Path(f"/proc/{own}").exists(), model([1]), model(["who"])[0] != own)
"""
PLACE = """
import pickle, sys
model = pickle.load(sys.stdin.buffer)
try:
    print(model([4]))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TravelledModel:
    """One model for all, as it is in the environment of the node that all have."""
    house = Wheelhouse(tmp_path_factory.mktemp("wheels") / "wheelhouse")
    house.add("own", "1.0", source="FACTOR = 3\n")
    return model_of_wheels(house)


@pytest.fixture
def node(visited: Node) -> Node:
    """One node for all, which builds the environment for the first."""
    return visited


@pytest.fixture
def unsealed(model: TravelledModel) -> TravelledModel:
    """The model in no seal, whose processes have the numbers that are seen outside."""
    return TravelledModel(job=replace(model.job, seal="off"))


def test_it_predicts_where_nothing_is_installed(node: Node, model: TravelledModel) -> None:
    lines = node.run(TWICE, given=pickle.dumps(model)).splitlines()
    assert lines == ["[3, 6] [15] True", "[]"]


@pytest.mark.slow
def test_threads_share_it(node: Node, unsealed: TravelledModel) -> None:
    assert node.run(THREADS, given=pickle.dumps(unsealed)) == "True True\n"


def test_a_forked_child_has_its_own(node: Node, unsealed: TravelledModel) -> None:
    assert node.run(FORKED, given=pickle.dumps(unsealed)) == "0 True [3]\n"


_SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("how", "seal"),
    [
        ("predicts", "off"),
        ("waits", "auto"),
        pytest.param("predicts", "auto", marks=_SLOW),
        pytest.param("leaves", "auto", marks=_SLOW),
    ],
)
def test_it_ends_with_the_process(how: str, seal: str, node: Node, model: TravelledModel) -> None:
    """By kill -9 while it waits or predicts, and by ``os._exit``, as Spark's workers leave."""
    script = LEAVES if how == "leaves" else BUSY
    process = node.start(script, *(["busy"] if how == "predicts" else []))
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pickle.dumps(TravelledModel(job=replace(model.job, seal=seal))))
    process.stdin.flush()
    worker = int(process.stdout.readline())
    if how != "leaves":
        time.sleep(0.3)
        process.kill()
    process.communicate(timeout=60)
    deadline = time.monotonic() + 20
    if seal == "off":  # else it has its number in the seal alone
        while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not Path(f"/proc/{worker}").exists()
    temporary = Path(os.environ["TMPDIR"])
    while list(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(temporary.iterdir())


@pytest.mark.slow
def test_it_is_ended_when_nobody_asks(node: Node, unsealed: TravelledModel) -> None:
    idle = TravelledModel(job=replace(unsealed.job, idle=0.2))
    assert node.run(IDLE, given=pickle.dumps(idle)) == "False [3] True\n"


def at_path(model: TravelledModel, folder: Path) -> TravelledModel:
    """Return the model whose files stand in a folder."""
    assert model.job.files.contents is not None
    for name, content in model.job.files.contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return TravelledModel(job=model.job.at(folder))


def _changed(folder: Path) -> None:
    (folder / "model.txt").write_text("something")


def _gone(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _lacking(folder: Path) -> None:
    (folder / "model.txt").unlink()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_changed, "model.txt is not what it was when its driver read it"),
        (_gone, "there is no such folder"),
        (_lacking, "model.txt is not there"),
    ],
)
def test_a_folder_that_is_another(
    change: Callable[[Path], None], said: str, model: TravelledModel, tmp_path: Path
) -> None:
    travelled = at_path(model, tmp_path / "model")
    cache = tmp_path / "cache"
    assert laid_out(travelled.job.files, cache) == tmp_path / "model"
    change(tmp_path / "model")
    with pytest.raises(FilesError, match=said) as error:
        laid_out(travelled.job.files, cache)
    assert "on the node" in str(error.value)


def test_a_folder_is_read_once(model: TravelledModel, tmp_path: Path) -> None:
    """What was found of a file holds while its size, time and number stay."""
    travelled = at_path(model, tmp_path / "model")
    laid_out(travelled.job.files, tmp_path / "cache")
    (known,) = (tmp_path / "cache" / "models").iterdir()
    before = known.stat().st_mtime_ns
    laid_out(travelled.job.files, tmp_path / "cache")
    assert known.stat().st_mtime_ns == before


def test_a_model_by_path_predicts(node: Node, model: TravelledModel, tmp_path: Path) -> None:
    pickled = pickle.dumps(at_path(model, tmp_path / "model"))
    assert node.run(PLACE, given=pickled) == "[12]\n"
    (tmp_path / "model" / "model.txt").write_text("changed")
    assert node.run(PLACE, given=pickled).startswith("FilesError the model")


def test_what_is_inline_is_laid_out_once(tmp_path: Path) -> None:
    files = inline({"a/b.txt": "one", "c.txt": "two"})
    root = laid_out(files, tmp_path)
    assert (root / "a" / "b.txt").read_text() == "one"
    stood = root.stat().st_ino
    assert laid_out(files, tmp_path) == root
    assert root.stat().st_ino == stood
    (root / "c.txt").write_text("damaged")
    assert laid_out(files, tmp_path) == root
    assert (root / "c.txt").read_text() == "two"
    assert [*(tmp_path / "models").iterdir()] == [root]


def test_what_is_inline_is_held_to_its_hash(tmp_path: Path) -> None:
    files = inline({"a.txt": "one"})
    assert files.contents is not None
    other = replace(files, contents={"a.txt": b"two"})
    with pytest.raises(FilesError, match="damaged on its way"):
        laid_out(other, tmp_path)
    out = {"../a.txt": b"one"}
    digest = hashlib.sha256(b"one").hexdigest()
    with pytest.raises(FilesError, match="leads out of the model folder"):
        laid_out(replace(files, contents=out, digests={"../a.txt": digest}), tmp_path)
    assert not (tmp_path / "models" / "a.txt").exists()


FAILS = """
import pickle, sys
model = pickle.load(sys.stdin.buffer)
try:
    model([1, None, 3])
except Exception as error:
    sys.stdout.buffer.write(pickle.dumps(error))
"""
SAID = """
import pickle, sys
error = pickle.load(sys.stdin.buffer)
print(type(error).__name__, "TypeError" in str(error), "modelenv" in sys.modules)
"""


def test_an_error_is_our_own_where_it_arrives(node: Node, model: TravelledModel) -> None:
    process = node.start(FAILS)
    pickled, said = process.communicate(pickle.dumps(model), timeout=60)
    assert process.returncode == 0, said.decode()
    error = pickle.loads(pickled)
    assert isinstance(error, BatchError)
    assert isinstance(error.cause, BatchFailedError)
    assert error.cause.type == "TypeError"
    assert str(error).startswith("row 1 of the batch: TypeError: unsupported operand")
    assert node.run(SAID, given=pickled) == "RuntimeError True False\n"
