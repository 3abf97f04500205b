"""What a model's file holds is told before anything runs, and nothing of it is unpickled."""

from __future__ import annotations

import gzip
import io
import pickle
import shlex
import subprocess
import sys
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.folder.errors import NotAModelError
from modelenv.folder.loader import Context, Model
from modelenv.save.request.model import GivenModel, read_pickle
from modelenv.save.request.model_file import check_pickle, check_pickled_model

LONG = b"x" * (1 << 20)


class Own:
    def predict(self, data: Any) -> Any:
        return data


class Armed:
    """It ends the process that unpickles it."""

    def __reduce__(self) -> Any:
        return exit, (3,)


def zipped() -> bytes:
    with zipfile.ZipFile(data := io.BytesIO(), "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    return data.getvalue()


def told_type(file: Path) -> str:
    """Return the type that a refusal of a pickle names; empty if it is not refused."""
    try:
        check_pickled_model(file)
    except NotAModelError as error:
        return error.pickled
    return ""


PLAIN = [
    *(3, 2.5, None, True, "churn", b"churn", {"a": 1}, {}, [Own()], [], (), (1,), (1, 2, 3, 4)),
    *({"model": Own(), "data": LONG}, [LONG, Own()], {1}, frozenset({1}), {"a": Armed()}),
]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_builtin_value_is_told_by_its_type(protocol: int, tmp_path: Path) -> None:
    for number, value in enumerate(PLAIN):
        file = tmp_path / f"{number}.pkl"
        file.write_bytes(pickle.dumps(value, protocol))
        told = told_type(file)
        assert told in ("", type(value).__name__), (value, told)
        if protocol == pickle.HIGHEST_PROTOCOL:
            assert told, value


@pytest.mark.parametrize(
    "value",
    [Own(), Armed(), len, OrderedDict(a=1), 2j, [Own()].append, (Own(), LONG), bytearray(LONG)],
    ids=lambda value: type(value).__name__,
)
def test_what_only_loading_can_tell_is_not_guessed(value: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.pkl"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        file.write_bytes(pickle.dumps(value, protocol))
        check_pickled_model(file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no pickle: it is empty"),
        (b"age,visits\n1,2\n", "is no pickle: it is text"),
        (b'{"instances": [1]}', "is no pickle: it is text"),
        (b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull` fetches it"),
        (pickle.dumps(Own())[:-4], "is no pickle: it is cut off or damaged"),
        (zipped(), "is no pickle, but a zip archive, as torch and Keras write one: load it"),
        (gzip.compress(pickle.dumps(1)), "is compressed by gzip, .* python -c .*joblib.load"),
        (zlib.compress(pickle.dumps(1)), "is compressed by zlib"),
        (b"\x89HDF\r\n\x1a\n", "but an HDF5 file, as Keras writes one"),
        (b"PAR1", "but a Parquet table"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_a_file_that_is_no_pickle_is_told_as_what_it_is(
    content: bytes, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "model.pkl"
    file.write_bytes(content)
    for take in (GivenModel.of, read_pickle):
        with pytest.raises(WrongUseError, match=told):
            take(file)


def test_what_joblib_writes_with_arrays_is_told_with_the_command_that_mends_it(
    tmp_path: Path,
) -> None:
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    file = tmp_path / "model.joblib"
    joblib.dump({"a": numpy.ones(3)}, file)
    with pytest.raises(WrongUseError, match=r"of joblib, .*joblib\.load\('.*joblib'\)") as caught:
        GivenModel.of(file)
    command = shlex.split(str(caught.value).partition(": ")[2])
    subprocess.run([sys.executable, *command[1:]], check=True, cwd=tmp_path.parent)
    assert list(read_pickle(tmp_path / "model-plain.pkl")) == ["a"]
    joblib.dump(Own(), file)  # without arrays it is a plain pickle
    check_pickle(file)
    assert isinstance(GivenModel.of(file).value(), Own)


class Modèle(Own):  # noqa: PLC2401  # names of classes may be such
    """A class whose name not every release of pickletools reads."""


def test_what_pickle_reads_and_pickletools_does_not_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "model.pkl"
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        file.write_bytes(pickle.dumps(Modèle(), protocol))
        assert isinstance(GivenModel.of(file).value(), Modèle)
    file.write_bytes(pickle.dumps(["joblib.numpy_pickle", Own()]) + b"more")
    assert len(read_pickle(file)) == 2
    file.write_bytes(b"\x80\x04.")
    with pytest.raises(WrongUseError, match="cannot be unpickled here"):
        GivenModel.of(file).value()


def test_a_file_without_a_model_is_told_with_what_would_do(tmp_path: Path) -> None:
    for value, told in (
        (3, "of the type int: pickle an object with"),
        ({}, "the model that is in"),
    ):
        (tmp_path / "model.pkl").write_bytes(pickle.dumps(value))
        with pytest.raises(NotAModelError, match=told):
            GivenModel.of(tmp_path / "model.pkl")
    with pytest.raises(NotAModelError, match=r"there is no such file\. Did you mean model\.pkl\?"):
        GivenModel.of(tmp_path / "modle.pkl")
    with pytest.raises(NotAModelError, match="it is a folder, not a file"):
        GivenModel.of(tmp_path)
    (tmp_path / "model.sav").write_bytes(pickle.dumps(Own()))
    with pytest.raises(NotAModelError, match=r"may be a pickle: give it the ending \.pkl then"):
        GivenModel.of(tmp_path / "model.sav")
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(NotAModelError, match="load it in a script that assigns the model"):
        GivenModel.of(tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"features": ["a"], "model": Own()}, "what is in it at 'model' can predict"),
        (("a", len), "what is in it at 1 can predict"),
        ([3], r"of the type list$"),
        (bytearray(b"a"), "of the type bytearray"),
    ],
)
def test_the_loader_tells_what_in_a_value_can_predict(value: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        Model(value, Context({}))
