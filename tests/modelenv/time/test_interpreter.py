"""The Python of an old model: for bytecode in its pickle only one will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.named_python import NamedPython
from modelenv.time.errors import BytecodeError, NoPythonError
from modelenv.time.revival.choosing.interpreter import PythonChoice
from modelenv.time.revival.choosing.pinning import OldPins
from tests.small_worlds import PYTHON

NOTHING = OldPins(resolution=resolver.Resolution(()))


def choice(stated: str, bytecode: Path | None = Path("model.pkl")) -> PythonChoice:
    return PythonChoice(
        stated=stated,
        here=Python.current(),
        settings=Settings.from_environment(),
        report=lambda _: None,
        bytecode=bytecode,
    )


def test_bytecode_gets_the_python_that_compiled_it() -> None:
    found = choice(PYTHON).chosen(lambda _: NOTHING, None)
    assert found.version == PYTHON
    asked = NamedPython.stated(PYTHON)
    assert choice("").chosen(lambda _: NOTHING, asked).version == PYTHON


def test_a_reason_against_several_pythons_is_told_once() -> None:
    against = (
        ("3.13.0", "no wheel of a"),
        ("3.12.1", "no wheel of b"),
        ("3.11.7", "no wheel of a"),
    )
    lines = str(NoPythonError("", against)).splitlines()
    assert lines[1:] == ["  Python 3.13.0, 3.11.7: no wheel of a", "  Python 3.12.1: no wheel of b"]


@pytest.mark.parametrize(
    ("stated", "asked", "said"),
    [
        ("", None, r"nothing says which: say it, as python='3\.8'"),
        ("3.7.16", None, r"Python 3\.7, older than any .* pickle it anew"),
        ("3.99.1", None, r"Python 3\.99, which is not here: `uv python install 3\.99`"),
        ("3.8.1", "3.12.1", r"Python 3\.8, not 3\.12\.1: take that \(python='3\.8'\)"),
    ],
)
def test_another_python_does_not_run_it(stated: str, asked: str | None, said: str) -> None:
    named = None if asked is None else NamedPython.stated(asked)
    with pytest.raises(BytecodeError, match=said):
        choice(stated).chosen(lambda _: NOTHING, named)


def test_one_that_is_too_old_is_refused_before_anything_is_resolved() -> None:
    with pytest.raises(PythonMissingError, match="older than any"):
        choice("3.7.16", None).chosen(_never, NamedPython.stated("3.7"))


def _never(_: resolver.Target) -> OldPins:
    raise AssertionError
