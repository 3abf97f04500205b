"""A model that lives in a process of its own."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.worker.errors import RunFailedError, UntypedPredictionError
from modelenv.worker.resident.model import ResidentModel

SCRIPT = """
import os, time

class Model:
    def predict(self, data):
        if data == "die":
            os._exit(7)
        if data == "leave":
            os.closerange(3, 100)
            time.sleep(600)
        if data == "sleep":
            time.sleep(600)
        if data == "fork":
            os.fork()
        if data == "answer twice":
            import gc
            from multiprocessing.connection import Connection
            ours = next(each for each in gc.get_objects() if isinstance(each, Connection))
            ours.send_bytes(b'{"kind": "loaded", "question": 1}')
        if data == "raise":
            raise ValueError("no such thing")
        if data == "generate":
            return (each for each in "ab")
        if data == "seed":
            return os.environ["PYTHONHASHSEED"], hash("alpha")
        import helper
        return [helper.NAME, data, os.getpid()]

model = Model()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a model that is a script, and its first-party code."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "helper.py").write_text("NAME = 'mine'")
    (tmp_path / "model.py").write_text(SCRIPT)
    return tmp_path


@pytest.fixture
def resident(folder: Path) -> Iterator[ResidentModel]:
    """Return that model in a process of its own."""
    model = ResidentModel(folder / "model.py", LOADER_SOURCE, (folder / "code",))
    yield model
    model.close()


def test_its_process_has_the_variables_of_the_model(folder: Path) -> None:
    found = []
    for seed in ("7", "7", "8"):
        variables = {"PYTHONHASHSEED": seed}
        model = ResidentModel(folder / "model.py", LOADER_SOURCE, (), variables)
        found.append(model.predict("seed"))
        model.close()
    assert found[0] == found[1]
    assert [seed for seed, _ in found] == ["7", "7", "8"]
    assert found[0][1] != found[2][1]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_predicts_elsewhere_with_its_own_code(resident: ResidentModel) -> None:
    name, data, pid = resident.predict({"a": 1})
    assert (name, data) == ("mine", {"a": 1})
    assert pid != os.getpid()


def test_what_it_raises_is_told_in_words_and_it_goes_on(resident: ResidentModel) -> None:
    with pytest.raises(RunFailedError, match="ValueError: no such thing"):
        resident.predict("raise")
    assert resident.predict(1)[1] == 1


def test_its_death_is_an_error_that_names_the_exit_code(resident: ResidentModel) -> None:
    with pytest.raises(RunFailedError, match="exit code 7"):
        resident.predict("die")


@pytest.mark.slow
def test_who_leaves_the_connection_and_lives_on_is_ended(resident: ResidentModel) -> None:
    pid = resident.predict(0)[2]
    with pytest.raises(RunFailedError, match="was ended"):
        resident.predict("leave")
    assert not alive(pid)


@pytest.mark.skipif(os.name != "posix", reason="a timer interrupts only there")
def test_no_question_gets_the_answer_of_one_that_was_interrupted(resident: ResidentModel) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            resident.predict("sleep")
    finally:
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(RunFailedError, match="ended with exit code"):
        resident.predict(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only there a model can fork")
def test_no_question_gets_the_answer_of_a_child_that_the_model_forked(
    resident: ResidentModel,
) -> None:
    for question in ("fork", 1, "fork", 2, "fork", 3):
        assert resident.predict(question)[1] == question


def test_an_answer_to_another_question_is_none(resident: ResidentModel) -> None:
    """Whoever answers besides the model's process has that one ended."""
    with pytest.raises(RunFailedError, match="answered another question"):
        resident.predict("answer twice")
    with pytest.raises(RunFailedError):
        resident.predict(1)


def test_a_model_that_cannot_be_loaded_is_an_error(folder: Path) -> None:
    with pytest.raises(RunFailedError, match=r"loading the model.*FileNotFoundError"):
        ResidentModel(folder / "absent.pkl", LOADER_SOURCE, ())


def test_the_process_ends_with_the_object(folder: Path) -> None:
    model = ResidentModel(folder / "model.py", LOADER_SOURCE, (folder / "code",))
    pid = model.predict(0)[2]
    assert alive(pid)
    del model
    gc.collect()
    for _ in range(1200):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)


def test_what_cannot_be_handed_over_ends_nothing(resident: ResidentModel) -> None:
    with pytest.raises(UntypedPredictionError, match=r"class builtins.generator, .* unpickle=True"):
        resident.predict("generate")
    with pytest.raises(TypeError, match="pickle"):
        resident.predict(each for each in "ab")
    assert resident.predict(1)[:2] == ["mine", 1]
