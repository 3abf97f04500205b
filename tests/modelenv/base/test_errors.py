"""Errors hold what their message is made of, also when they cross between processes."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import (
    ModelenvError,
    SiblingMissingError,
    SiblingOverwrittenError,
    WrongUseError,
)
from modelenv.environments.errors import (
    BuildFailedError,
    ManagerMissingError,
    NotReplicableError,
    NotUnpackedError,
    PythonMissingError,
)
from modelenv.folder.errors import (
    BadArtifactError,
    BadCodePathError,
    BadFolderError,
    ChangedContentError,
    CodeClashError,
    NotAModelError,
)
from modelenv.worker.errors import NotProvenError, RunFailedError, WrongInterpreterError
from modelenv.worker.verdict import Verdict

A, B = Path("/one"), Path("/two")
VERDICT = Verdict(status="fails", where="a replica", reason="ValueError: x", detail="Traceback")

# Each with its exit code and what its message has to name.
ERRORS = [
    (WrongUseError("no such file"), 2, ["no such file"]),
    (BadArgumentError("timeout", -1, "a number"), 2, ["timeout", "-1", "a number"]),
    (SiblingMissingError((A, B)), 3, ["/one", "1 more file", "pip install"]),
    (SiblingOverwrittenError({"other": ("a.py",)}), 3, ["other", "a.py", "pip uninstall other"]),
    (RunFailedError("a replica", "load", "why", saving=True, example=2), 1, ["a replica", "why"]),
    (NotProvenError(VERDICT, pins=2, hints=("hint",)), 1, ["2 pinned", "hint", "ValueError: x"]),
    (WrongInterpreterError(A, B, "/three"), 3, ["/one", "/two", "/three"]),
    (PythonMissingError("3.9.1", ("uv",), uv=True), 2, ["3.9.1", "uv python install 3.9"]),
    (ManagerMissingError("conda", ("conda", "mamba")), 2, ["conda", "mamba"]),
    (ManagerMissingError("uv", ("uv",)), 2, ["`pip install 'modelenv[uv]'`"]),
    (NotReplicableError("numpy", "2.0", "/info"), 1, ["numpy 2.0", "/info"]),
    (NotUnpackedError(A, "no zip"), 1, ["/one", "no zip"]),
    (BuildFailedError("uv", "uv pip", output="no such version"), 1, ["uv pip", "no such version"]),
    (NotAModelError(3), 2, ["builtins.int"]),
    (BadFolderError(A, "no MLmodel"), 2, ["/one", "no MLmodel"]),
    (BadArtifactError("weights", A, "missing"), 2, ["weights", "/one", "missing"]),
    (ChangedContentError(A, ("a",), (), ("b",)), 1, ["changed: a", "added: b"]),
    (CodeClashError("m.py", A, B), 2, ["m.py", "/one", "/two"]),
    (BadCodePathError(A, "missing"), 2, ["/one", "missing"]),
]


@pytest.mark.parametrize(("error", "code", "named"), ERRORS, ids=lambda each: type(each).__name__)
def test_an_error_says_what_it_is_about(error: ModelenvError, code: int, named: list[str]) -> None:
    assert error.exit_code == code
    assert [word for word in named if word not in str(error)] == []


@pytest.mark.parametrize("error", [each for each, _, _ in ERRORS], ids=lambda e: type(e).__name__)
def test_an_error_is_the_same_in_another_process(error: ModelenvError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_an_error_can_be_raised_with_its_cause_and_be_told_apart() -> None:
    first, second = BadFolderError(A, "x"), BadFolderError(A, "x")
    assert first != second
    assert len({first, second}) == 2
    with pytest.raises(BadFolderError) as caught:
        raise first from ValueError("y")
    assert isinstance(caught.value.__cause__, ValueError)
