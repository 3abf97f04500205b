"""The models that arguments lead to: each once; anything else is reported."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.fleet.places.find import find_models

if TYPE_CHECKING:
    from .conftest import Fleet

# As MLflow 3.17 writes them, what matters here alone.
RUN = "artifact_uri: {place}\nrun_id: 0a1b\n"
LOGGED = "artifact_location: {place}\nmodel_id: m-0a1b\n"
VERSION = "name: churn\nversion: 1\nsource: {source}\nstorage_location: {place}\n"


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_folder_a_tree_a_glob_and_a_list_lead_to_each_model_once(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [fleet.add("a"), fleet.add("deep/er/b"), fleet.add("c")]
    listed = write(tmp_path / "list.txt", f"\n# mine\n{models[1]}\n  {fleet.root}/c\n")
    (fleet.root / "latest").symlink_to(models[0])
    (fleet.root / "round").symlink_to(fleet.root)
    fleet.add(".trash/gone")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{models[0]}\n"))
    words = [fleet.root, f"{fleet.root}/*", f"@{listed}", models[0] / "MLmodel", "@-"]
    words += [models[0].as_uri(), fleet.root / "latest"]
    found = find_models([*map(str, words)])
    assert list(found.models) == sorted(models)
    assert find_models(fleet.root).models == found.models
    assert [each.reason for each in found.skipped] == []


def test_what_is_no_model_is_told_with_the_reason(fleet: Fleet) -> None:
    fleet.add("a")
    write(fleet.root / "README.md")
    write(fleet.root / "models.txt", "a\n")
    write(fleet.root / "broken/model.pkl")
    (fleet.root / "away").symlink_to(fleet.root / "nowhere")
    found = find_models(f"{fleet.root}/*")
    told = {Path(each.place).name: (each.reason, each.grave) for each in found.skipped}
    assert told.keys() == {"README.md", "models.txt", "broken", "away"}
    assert told["broken"] == ("holds no model: no MLmodel stands in it, nor below", True)
    assert "@" in told["models.txt"][0]
    assert told["away"][0] == "is a link that leads nowhere"
    assert [name for name, (_, grave) in told.items() if grave] == ["broken"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("absent", "there is no such file or folder"),
        ("absent/*", "nothing matches"),
        ("@absent.txt", "there is no list absent.txt"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db is a tracking database, which is not read"),
        ("postgresql+psycopg2://h/db", "is a tracking database"),
        ("http://tracking:5000", "is no folder of this machine"),
        ("models:/churn/1", "mlflow artifacts download"),
        ("", "models"),
    ],
)
def test_a_word_that_leads_nowhere_is_refused_before_any_work(word: str, said: str) -> None:
    with pytest.raises(WrongUseError) as refused:
        modelenv.inspect_fleet(word)
    assert said in str(refused.value)


def test_nothing_at_all_is_wrong_use(fleet: Fleet) -> None:
    with pytest.raises(WrongUseError):
        modelenv.inspect_fleet([])
    report = modelenv.inspect_fleet(fleet.root)
    assert not report
    assert report.total == 0


def test_a_folder_that_may_not_be_read_is_told(fleet: Fleet) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    fleet.add("a/b")
    (fleet.root / "a").chmod(0)
    try:
        found = find_models(fleet.root)
    finally:
        (fleet.root / "a").chmod(0o700)
    assert [each.grave for each in found.skipped] == [True]


def test_the_models_of_a_tracking_folder_are_found(fleet: Fleet, tmp_path: Path) -> None:
    root = fleet.root
    write(root / "1/meta.yaml", "artifact_location: here\nexperiment_id: '1'\n")
    write(root / "1/0a1b/meta.yaml", RUN.format(place=root / "1/0a1b/artifacts"))
    write(root / "1/0a1b/metrics/MLmodel/score", "a metric may be called so")
    run = fleet.add("1/0a1b/artifacts/clf")
    logged = fleet.add("1/models/m-0a1b/artifacts")
    write(logged.parent / "meta.yaml", LOGGED.format(place=logged))
    write(
        root / "models/churn/version-1/meta.yaml",
        VERSION.format(source="models:/m-0a1b", place=logged),
    )
    away = fleet.add("../elsewhere/m-2")
    away = away.resolve()
    write(root / "1/models/m-2/meta.yaml", LOGGED.format(place=away.as_uri()))
    found = find_models(root)
    assert sorted(each.resolve() for each in found.models) == sorted([run, logged, away])
    assert found.skipped == ()


def test_artifacts_in_a_store_or_gone_are_told(fleet: Fleet) -> None:
    root = fleet.root
    fleet.add("a")
    write(root / "1/models/m-1/meta.yaml", LOGGED.format(place="s3://bucket/1/models/m-1"))
    write(root / "1/models/m-2/meta.yaml", LOGGED.format(place="/no/such/place"))
    write(root / "1/0a1b/meta.yaml", RUN.format(place="s3://bucket/1/0a1b"))
    write(root / "1/0a1c/meta.yaml", "a: [")
    found = find_models(root)
    assert len(found.models) == 1
    told = {Path(each.place).name: each for each in found.skipped}
    assert told.keys() == {"m-1", "m-2", "0a1b"}
    assert "mlflow artifacts download --artifact-uri s3://bucket/1/models/m-1" in told["m-1"].reason
    assert "/no/such/place" in told["m-2"].reason
    assert [name for name, each in told.items() if not each.grave] == ["0a1b"]


def test_a_tracking_folder_that_was_moved_is_read_where_it_stands(fleet: Fleet) -> None:
    model = fleet.add("1/models/m-1/artifacts")
    write(model.parent / "meta.yaml", LOGGED.format(place="/old/mlruns/1/models/m-1/artifacts"))
    place = "/old/mlruns/1/models/m-1/artifacts"
    write(
        fleet.root / "models/churn/version-1/meta.yaml", VERSION.format(source=place, place=place)
    )
    found = find_models(fleet.root)
    assert found.models == (model,)
    assert found.skipped == ()


def test_a_database_is_named_and_not_read(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("mlruns/1/models/m-1/artifacts")
    sqlite3.connect(fleet.root / "mlflow.db").close()
    write(fleet.root / "mlflow.db")
    found = find_models(fleet.root)
    assert len(found.models) == 1
    assert [Path(each.place).name for each in found.skipped] == ["mlflow.db"]
    (told,) = find_models([fleet.root / "mlruns", fleet.root / "mlflow.db"]).skipped
    assert "the folder of its artifacts" in told.reason
