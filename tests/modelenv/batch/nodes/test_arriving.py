"""A value of ours arrives in a Python that has nothing of ours, whoever pickled it."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cloudpickle
import pytest

from modelenv.batch.travel import entry
from modelenv.batch.travel.payload import payload

from .conftest import EVERY_MODULE, Node, empty_model, modules

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelenv.batch.node.calling.travelled import TravelledModel

ARRIVED = """
import pickle, sys
while sys.stdin.buffer.peek(1):
    model = pickle.load(sys.stdin.buffer)
    model = getattr(model, "model", model)
    print(type(model).__module__, model.job.name, model.job.files.contents["a"])
    print(sorted({each.partition(".")[0] for each in sys.modules} & {"modelenv", "cloudpickle"}))
    print(sys.modules[type(model).__module__].__file__)
"""
# A model is asked for and goes on to another process from here.
CARRIED_ON = """
import pickle, sys
model = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps(model))
"""


def pickled_in_python(value: object) -> bytes:
    stream = io.BytesIO()
    pickle._Pickler(stream).dump(value)
    return stream.getvalue()


PICKLERS: dict[str, Callable[[object], bytes]] = {
    "pickle": pickle.dumps,
    "pickle 2": lambda value: pickle.dumps(value, 2),
    "pickle in Python": pickled_in_python,
    "cloudpickle": cloudpickle.dumps,
}
CALLS: dict[str, Callable[[TravelledModel], object]] = {
    "the model": lambda model: model,
    "in_pandas": lambda model: model.in_pandas,
    "in_arrow": lambda model: model.in_arrow,
    "on_ray": lambda model: model.on_ray(),
}


def test_a_model_arrives_whoever_pickles_it(node: Node) -> None:
    calls = [call(empty_model()) for call in CALLS.values()]
    pickles = [dumps(each) for each in calls for dumps in PICKLERS.values()]
    printed = node.run(ARRIVED, given=b"".join(pickles)).splitlines()
    assert len(printed) == 3 * len(pickles)
    for place in range(0, len(printed), 3):
        module, *rest = printed[place].split()
        assert module.startswith("_modelenv_")
        assert rest == ["churn", "b'bytes'"]
        assert printed[place + 1] == "[]"
        assert printed[place + 2].startswith(str(node.cache / "travel"))


def test_a_function_that_holds_a_model_arrives_with_it() -> None:
    model = empty_model()
    made = cloudpickle.loads(cloudpickle.dumps(lambda: model.job.name))
    assert made() == "churn"


@pytest.mark.slow
def test_a_model_arrives_in_each_python(any_node: Node) -> None:
    printed = any_node.run(EVERY_MODULE, *modules(), given=pickle.dumps(empty_model()))
    assert int(printed) == len(modules())


def test_a_pickle_names_builtins_alone() -> None:
    names = set()
    for dumps in PICKLERS.values():
        strings: list[str] = []
        for opcode, argument, _ in pickletools.genops(dumps(empty_model().in_pandas)):
            if opcode.name == "GLOBAL":
                names.add(str(argument).split()[0])
            elif opcode.name == "STACK_GLOBAL":
                names.add(strings[-2])
            elif isinstance(argument, str):
                strings.append(argument)
    assert names <= {"builtins", "__builtin__", "_codecs"}  # the last: of protocol 2


def test_it_is_carried_on_from_a_node(node: Node, tmp_path: Path) -> None:
    process = node.start(CARRIED_ON)
    carried, said = process.communicate(pickle.dumps(empty_model()), timeout=60)
    assert process.returncode == 0, said.decode()
    (tmp_path / "other").mkdir()
    other = Node(tmp_path / "other", node.python)
    assert "churn" in other.run(ARRIVED, given=carried)


def test_what_arrives_is_the_same_job() -> None:
    model = empty_model(params={"a": [1, 2.5]}, keep=("id",), variables={"TZ": "UTC"})
    arrived = pickle.loads(pickle.dumps(model))
    assert arrived.job.to_plain() == model.job.to_plain()
    assert arrived.job.key == model.job.key


def test_two_at_once_lay_the_code_out_once(cold: Node) -> None:
    processes = [cold.start(ARRIVED) for _ in range(4)]
    pickled = pickle.dumps(empty_model())
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(pickled)
    for process in processes:
        printed, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
        assert b"churn" in printed
    (root,) = (cold.cache / "travel").iterdir()
    assert root.name == payload().digest[:16]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file is gone": lambda root: (root / "modelenv/base/text.py").unlink(),
    "a file is short": lambda root: (root / "modelenv/base/text.py").write_text("no"),
    "the mark is gone": lambda root: (root / "listed").unlink(),
    "code was added to": lambda root: (root / "modelenv/base/text.py").write_text("x" * 9999),
}


def test_damaged_code_is_laid_out_anew(cold: Node) -> None:
    pickled = pickle.dumps(empty_model())
    cold.run(ARRIVED, given=pickled)
    (root,) = (cold.cache / "travel").iterdir()
    for damage in DAMAGES.values():
        damage(root)
        assert "churn" in cold.run(ARRIVED, given=pickled)
        assert [*(cold.cache / "travel").iterdir()] == [root]


def test_what_a_killed_process_left_goes(cold: Node) -> None:
    left = cold.cache / "travel" / ".making-killed"
    left.mkdir(parents=True)
    recent = cold.cache / "travel" / ".making-now"
    recent.mkdir()
    os.utime(left, (time.time() - 7200,) * 2)
    cold.run(ARRIVED, given=pickle.dumps(empty_model()))
    assert not left.exists()
    assert recent.exists()


def test_a_node_whose_home_cannot_be_written_to(cold: Node, tmp_path: Path) -> None:
    """As in many containers, whose user has none."""
    script = "import os; os.environ.pop('MODELENV_CACHE_DIR')\n" + ARRIVED
    temporary = tmp_path / "of the node"
    temporary.mkdir()
    lost = Node(cold.home, cold.python, {"HOME": "/proc/nobody", "TMPDIR": str(temporary)})
    printed = lost.run(script, given=pickle.dumps(empty_model()))
    assert str(temporary / f"modelenv-{os.getuid()}") in printed


def test_a_folder_of_somebody_else_is_not_trusted(cold: Node, tmp_path: Path) -> None:
    script = "import os; os.environ.pop('MODELENV_CACHE_DIR')\n" + ARRIVED
    temporary = tmp_path / "of the node"
    (temporary / f"modelenv-{os.getuid()}").mkdir(parents=True)
    (temporary / f"modelenv-{os.getuid()}").chmod(0o777)
    lost = Node(cold.home, cold.python, {"HOME": "/proc/nobody", "TMPDIR": str(temporary)})
    process = lost.start(script)
    _, said = process.communicate(pickle.dumps(empty_model()), timeout=60)
    assert b"Set MODELENV_CACHE_DIR" in said
    assert b"on the node" in said


def test_damage_on_the_way_is_told() -> None:
    code = payload()
    with pytest.raises(RuntimeError, match="has been damaged"):
        entry.arrive(code.carried, "0" * 64, "batch.node.calling.travelled", "travelled", {})
