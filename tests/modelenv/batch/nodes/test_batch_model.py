"""A BatchModel of a folder: what of it travels, and what is left here."""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.base.addresses.known_hosts import UnknownHostError
from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import WrongUseError
from modelenv.batch.making import job as jobs
from modelenv.batch.node.calling.travelled import TravelledModel
from modelenv.folder.errors import BadFolderError, ChangedContentError

from ...conftest import made_once

DOUBLING = """
class Doubling:
    def predict(self, data):
        return data["a"] * 2
"""
X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1, 0, 1, 0]})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder, which no test changes."""
    with made_once(tmp_path_factory) as project:
        project.write("doubling.py", DOUBLING)
        folder = project.root / "churn"
        doubling = importlib.import_module("doubling").Doubling()
        modelenv.save_model(doubling, folder, input_example=X[:2], prove=False)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    import shutil

    return Path(shutil.copytree(made, tmp_path / "churn"))


def test_what_travels_of_a_folder(made: Path) -> None:
    job = modelenv.BatchModel.of(made).job
    assert (job.name, job.data, job.loader) == ("churn", "model.pkl", f"code/{_loader(made)}")
    assert job.code == ("code",)
    assert job.files.kind == "inline"
    names = set(job.files.digests)
    assert {"MLmodel", "model.pkl", job.loader} <= names
    assert not names & {"trace.json", "requirements.txt", "input_example.json", "prediction.json"}
    environment = job.environment
    assert environment.kind == "built"
    assert environment.python == ".".join(map(str, sys.version_info[:3]))
    assert any(line.startswith("pandas==") for line in environment.lines)
    assert str(made.parent) not in repr(replace(job, files=replace(job.files, path="")))


def _loader(folder: Path) -> str:
    (file,) = (each for each in (folder / "code").glob("*.py") if each.stem != "doubling")
    return file.name


def test_a_large_model_is_read_at_its_path(folder: Path) -> None:
    (folder / "code" / "large.txt").write_bytes(b"x" * (jobs.INLINE + 1))
    of = modelenv.BatchModel.of
    assert of(folder).job.files.kind == "path"
    assert of(folder, ship="inline").job.files.kind == "inline"
    (folder / "code" / "large.txt").unlink()
    assert of(folder, ship="path").job.files.kind == "path"
    assert of(folder).job.files.kind == "inline"


def test_jobs_are_told_apart_by_what_they_are(made: Path, folder: Path) -> None:
    of = modelenv.BatchModel.of
    one = of(made).job
    assert of(made).job.key == one.key
    assert of(folder).job.key == one.key  # the same files elsewhere
    assert of(made, keep="b").job.key != one.key
    assert of(made, batch_timeout=1.0).job.key != one.key
    (folder / "code" / "more.py").write_text("x = 1\n")
    assert of(folder).job.key != one.key
    other = replace(one.environment, lines=(*one.environment.lines, "more==1"))
    assert replace(one, environment=other).key != one.key


def test_what_is_wrong_is_told_here(folder: Path, tmp_path: Path) -> None:
    of = modelenv.BatchModel.of
    with pytest.raises(BadFolderError):
        of(tmp_path / "none")
    with pytest.raises(BadArgumentError, match="ship"):
        of(folder, ship="mail")  # type: ignore[arg-type]
    with pytest.raises(WrongUseError, match="alpha"):
        of(folder, params={"alpha": 1})
    with pytest.raises(WrongUseError, match="there is no such file"):
        of(folder, environment=tmp_path / "none.tar.gz")
    (folder / "model.pkl").write_bytes(b"another")
    with pytest.raises(ChangedContentError):
        of(folder)
    assert of(folder, allow_changed=True).job.name == "churn"


def test_no_login_travels(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = folder / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text(f"--extra-index-url https://me:s3cr3tword@host.example/simple\n{text}")
    model = modelenv.BatchModel.of(folder)
    (option,) = model.job.environment.options
    assert "https://${HOST_EXAMPLE_USERNAME}:${HOST_EXAMPLE_PASSWORD}@host.example" in option
    assert b"s3cr3tword" not in pickle.dumps(model)
    requirements.write_text(f"--extra-index-url https://${{TOKEN}}@host.example/simple\n{text}")
    monkeypatch.setenv("TOKEN", "s3cr3tword")
    with pytest.raises(UnknownHostError):
        modelenv.BatchModel.of(folder)
    indexes = modelenv.Indexes(allow_variables=("TOKEN=https://host.example",))
    model = modelenv.BatchModel.of(folder, indexes=indexes)
    assert model.job.environment.options == (
        "--extra-index-url https://${TOKEN}@host.example/simple",
    )
    assert b"s3cr3tword" not in pickle.dumps(model)


def test_hashes_of_lines_travel(folder: Path) -> None:
    requirements = folder / "requirements.txt"
    lines = requirements.read_text().splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("numpy=="))
    pin = lines[place].split()[0]
    lines[place] = f"{pin} --hash=sha256:{'0' * 64}"
    requirements.write_text("\n".join([*lines, ""]))
    environment = modelenv.BatchModel.of(folder).job.environment
    assert environment.hashes == {pin: (f"sha256:{'0' * 64}",)}


def test_a_copy_is_itself(made: Path) -> None:
    model = modelenv.BatchModel.of(made)
    assert copy.copy(model) is model
    assert copy.deepcopy({"model": model})["model"] is model
    arrived = pickle.loads(pickle.dumps(model))
    assert arrived.job.key == model.job.key
    assert type(arrived).__module__.startswith("_modelenv_")
    errors = importlib.import_module(f"{type(arrived).__module__.partition('.')[0]}.base.errors")
    assert errors.WrongUseError("there").code == WrongUseError("here").code == "ME0002"


def test_schemas_are_those_of_the_recorded_prediction(made: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    model = modelenv.BatchModel.of(made, keep=["b"])
    assert model.schema("spark") == "`b` bigint, `prediction` double"
    wanted = pyarrow.schema([("b", pyarrow.int64()), ("prediction", pyarrow.float64())])
    assert model.schema("arrow") == wanted
    frame = model.schema("pandas")
    assert frame.dtypes.map(str).to_dict() == {"b": "int64", "prediction": "float64"}
    assert len(frame) == 0


def test_a_kept_column_that_the_example_has_not(made: Path) -> None:
    model = modelenv.BatchModel.of(made, keep=["id"])
    with pytest.raises(WrongUseError, match="like="):
        model.schema("spark")
    like = pd.DataFrame({"id": ["x"]})
    assert model.schema("spark", like=like) == "`id` string, `prediction` double"
    for other in (object(), {"id": str}, "id string"):
        with pytest.raises(BadArgumentError, match="like must be a frame of pandas'"):
            model.schema("spark", like=other)


def test_a_kept_time_is_one_of_a_zone_where_it_has_one(made: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    model = modelenv.BatchModel.of(made, keep=["at"])
    for zone, said in (("UTC", "timestamp"), (None, "timestamp_ntz")):
        schema = pyarrow.schema([("at", pyarrow.timestamp("us", zone))])
        for like in (schema, schema.empty_table()):
            assert model.schema("spark", like=like) == f"`at` {said}, `prediction` double"
    named = pyarrow.schema([("at", pyarrow.dictionary(pyarrow.int8(), pyarrow.string()))])
    assert model.schema("spark", like=named) == "`at` string, `prediction` double"


def test_arrow_is_as_spark_has_it() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from modelenv.batch.node.calling.engine_types import for_spark

    batch = pyarrow.RecordBatch.from_arrays(
        [
            pyarrow.array([1, 255], pyarrow.uint8()),
            pyarrow.array(["a", None]).dictionary_encode(),
            pyarrow.array([2**63 + 1, 0], pyarrow.uint64()),
            pyarrow.array([1.5, None], pyarrow.float16()),
            pyarrow.array([1_000_000_001, 2], pyarrow.timestamp("ns", "UTC")),
            pyarrow.array([1, 2], pyarrow.int64()),
        ],
        names=list("abcdef"),
    )
    made = for_spark(batch)
    types = ["int16", "string", "decimal128(20, 0)", "float", "timestamp[us, tz=UTC]", "int64"]
    assert [str(each) for each in made.schema.types] == types
    assert made.column("c")[0].as_py() == 2**63 + 1
    assert for_spark(made) is made


def test_batches_of_ray_may_be_arrays_by_name(made: Path) -> None:
    """Which are a table all the same; here the model answers in its stead."""

    class Doubling(TravelledModel):
        __slots__ = ()

        def __call__(self, table: pd.DataFrame) -> pd.DataFrame:
            assert list(table.columns) == ["a", "b"]
            return pd.DataFrame({"prediction": table["a"] * 2})

    model = Doubling(job=modelenv.BatchModel.of(made).job)
    batch = {"a": np.array([1.0, 2.0]), "b": np.array([[1, 2], [3, 4]])}
    predicted = model.of_ray(batch)
    assert list(predicted) == ["prediction"]
    assert predicted["prediction"].tolist() == [2.0, 4.0]
