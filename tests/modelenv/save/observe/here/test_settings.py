"""A setting that a program made for its own process is told of, since no other process has it."""

from __future__ import annotations

import decimal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.save.observe.here.settings import settings_hints, settings_notes
from modelenv.worker.errors import RunFailedError
from modelenv.worker.report.library_settings import library_settings

LIST = {"type": "list"}
SHARES = "import decimal\nreturn [str(decimal.Decimal(1) / decimal.Decimal(each)) for each in data]"


def test_a_setting_of_this_process_alone_is_told_with_what_holds_elsewhere(
    project: Any, tmp_path: Path
) -> None:
    model = project.model(SHARES)
    with decimal.localcontext() as context:
        context.prec = 5
        assert model.predict([3]) == ["0.33333"]
        saved = modelenv.save_model(model, tmp_path / "model", input_example=[3])
    (note,) = (each for each in saved.notes if each.startswith("set in this process alone"))
    assert "decimal.getcontext().prec = 5 (else 28)" in note
    assert "rounding" not in note
    assert len(modelenv.predict(tmp_path / "model")[0]) == 30


def test_what_the_models_own_code_sets_holds_everywhere(project: Any, tmp_path: Path) -> None:
    model = project.model(f"import decimal\ndecimal.getcontext().prec = 5\n{SHARES}")
    with decimal.localcontext():
        assert model.predict([3]) == ["0.33333"]
        saved = modelenv.save_model(model, tmp_path / "model", input_example=[3])
    assert not [each for each in saved.notes if "in this process alone" in each]
    assert modelenv.predict(tmp_path / "model") == ["0.33333"]


def test_options_of_pandas_are_read_as_each_release_has_them() -> None:
    pandas = pytest.importorskip("pandas")
    before = library_settings()
    with pandas.option_context("mode.string_storage", "pyarrow"):
        (note,) = settings_notes(before, LIST)
    assert "pandas.set_option('mode.string_storage', 'pyarrow') (else '" in note
    assert list(settings_notes(before, LIST)) == []


def test_what_the_model_sets_where_it_runs_is_no_setting_of_this_process() -> None:
    with decimal.localcontext() as context:
        context.prec = 5
        there = library_settings()
    assert list(settings_notes(there, LIST)) == []


@pytest.mark.slow
def test_what_a_fresh_process_has_is_known_for_each_library() -> None:
    loaded = ["pandas", "sklearn", "torch", "xarray", "jax", "keras"]
    asked = "".join(f"with suppress(ImportError):\n    import {each}\n" for each in loaded)
    code = (
        "import decimal\nfrom contextlib import suppress\n"
        f"{asked}"
        "from modelenv.worker.report.library_settings import changed_settings\n"
        "print(changed_settings())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip().endswith("{}")


@pytest.mark.slow
def test_a_configuration_of_scikit_learn_that_the_model_was_fitted_with_is_told(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pandas")
    sklearn = pytest.importorskip("sklearn")
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit([[1.0, 2.0], [3.0, 5.0]])
    with sklearn.config_context(transform_output="pandas"):
        saved = modelenv.save_model(
            scaler.transform, tmp_path / "model", input_example=[[1.0, 2.0]]
        )
    (note,) = (each for each in saved.notes if each.startswith("set in this process alone"))
    assert "sklearn.set_config(transform_output='pandas') (else 'default')" in note


@pytest.mark.slow
def test_the_container_of_transformers_is_no_matter_of_values(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    sklearn = pytest.importorskip("sklearn")
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    table = pandas.DataFrame({"a": [1.0, 3.0], "b": [2.0, 5.0]})
    later = make_column_transformer((MinMaxScaler(), ["a"]))
    with sklearn.config_context(transform_output="pandas"):
        plain = make_pipeline(StandardScaler(), LinearRegression()).fit(table, [1, 2])
        saved = modelenv.save_model(plain, tmp_path / "plain", input_example=table)
        needing = make_pipeline(StandardScaler(), later, LinearRegression()).fit(table, [1, 2])
        with pytest.raises(RunFailedError) as caught:
            modelenv.save_model(needing, tmp_path / "needing", input_example=table)
    assert not [each for each in saved.notes if "in this process alone" in each]
    assert "This process has sklearn.set_config(transform_output='pandas');" in str(caught.value)


def test_only_settings_of_libraries_in_the_traceback_are_told_of_a_failure() -> None:
    with decimal.localcontext() as context:
        context.prec = 5
        (hint,) = settings_hints('File "/lib/python3.11/_pydecimal.py", line 3, in quantize')
        assert hint.startswith("This process has decimal.getcontext().prec = 5; a fresh one has")
        assert list(settings_hints('File "model.py", line 3, in predict')) == []


def test_a_library_that_the_model_does_not_load_is_passed_over() -> None:
    with decimal.localcontext() as context:
        context.prec = 5
        assert list(settings_notes({}, LIST)) == []


def test_a_module_that_only_has_the_name_of_a_library_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", type(sys)("sklearn"))
    assert not [each for each in library_settings() if each.startswith("sklearn")]
