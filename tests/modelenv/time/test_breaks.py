"""Known breaks of pickles that a later version of a library reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

import modelenv
from modelenv.folder.model_folder import ModelFolder
from modelenv.time.breaks.breaks import PickleBreak, foreseen_breaks, pickle_breaks
from modelenv.time.breaks.written import WrittenPickles

from ...small_worlds import add_flavor
from ..conftest import Project

FOREST = ["sklearn.ensemble._forest.RandomForestClassifier", "sklearn.tree._tree.Tree"]
TREE = ["sklearn.tree._classes.DecisionTreeClassifier", "sklearn.tree._tree.Tree"]
LOGISTIC = ["sklearn.linear_model._logistic.LogisticRegression"]


def foreseen(named: list[str], before: str, after: str) -> tuple[PickleBreak, ...]:
    """Return what is foreseen where one distribution moves."""
    (name, old), (_, new) = before.split("=="), after.split("==")
    return foreseen_breaks(named, {name: Version(old)}, {name: Version(new)})


@pytest.mark.parametrize("each", pickle_breaks(), ids=lambda each: each.because)
def test_a_break_lies_between_two_versions_and_is_told_in_a_sentence(each: PickleBreak) -> None:
    bounds = {Version(bound.version) for bound in (*each.written, *each.read)}
    assert not any(bound in each.written and bound in each.read for bound in bounds)
    assert any(bound in each.read for bound in bounds)
    assert each.because[-1] != "."
    assert all("." in name for name in each.names)
    assert each.effect in ("load", "predict", "differs")
    assert not each.says or each.effect != "differs"


def test_what_moves_over_a_break_is_foreseen_to_fail() -> None:
    assert foreseen(FOREST, "scikit-learn==1.2.2", "scikit-learn==1.2.2") == ()
    assert foreseen(FOREST, "scikit-learn==1.3.0", "scikit-learn==1.9.1") == ()
    (found,) = foreseen(FOREST, "scikit-learn==1.2.2", "scikit-learn==1.3.0")
    assert "node array" in found.says
    assert found.effect == "load"


def test_another_model_moves_over_it() -> None:
    assert foreseen(LOGISTIC, "scikit-learn==0.24.2", "scikit-learn==1.9.1") == ()


def test_a_break_that_a_later_version_mended_is_none_for_that_version() -> None:
    model = ["xgboost.sklearn.XGBRegressor"]
    assert [each.effect for each in foreseen(model, "xgboost==1.5.2", "xgboost==1.7.6")]
    assert foreseen(model, "xgboost==1.5.2", "xgboost==2.1.4") == ()


def test_a_prediction_that_changes_in_silence_is_foreseen_too() -> None:
    (fails,) = foreseen(TREE, "scikit-learn==1.3.2", "scikit-learn==1.8.0")
    (differs,) = foreseen(TREE, "scikit-learn==1.3.2", "scikit-learn==1.9.1")
    assert (fails.effect, differs.effect) == ("predict", "differs")


def test_an_expression_of_polars_is_foreseen_to_be_another_in_each_later_version() -> None:
    model = ["polars.expr.expr.Expr"]
    assert foreseen(model, "polars==1.39.3", "polars==1.40.1") == ()
    for before, after in (("1.36.1", "1.37.1"), ("1.36.1", "2.1.0"), ("2.0.0", "2.1.0")):
        (found,) = foreseen(model, f"polars=={before}", f"polars=={after}")
        assert found.effect == "differs"


def test_a_spline_that_fails_otherwise_in_each_version_is_foreseen_by_what_that_one_says() -> None:
    model = ["scipy.interpolate._bsplines.BSpline"]
    said = {
        ("1.16.3", "1.17.1"): "object has no attribute '_t'",
        ("1.16.3", "1.18.1"): "too many values to unpack",
        ("1.17.1", "1.18.1"): "No module named 'scipy._lib.array_api_compat'",
    }
    for (before, after), says in said.items():
        (found,) = foreseen(model, f"scipy=={before}", f"scipy=={after}")
        assert found.says == says


def test_a_star_stands_for_what_a_name_goes_on_with() -> None:
    names = ["sklearn._loss._loss.__pyx_unpickle_CyHalfPinballLoss"]
    assert foreseen(names, "scikit-learn==1.4.2", "scikit-learn==1.6.1")


def test_what_has_no_version_or_goes_is_no_break() -> None:
    assert foreseen_breaks(FOREST, {}, {"scikit-learn": Version("1.9")}) == ()
    assert foreseen_breaks(FOREST, {"scikit-learn": Version("1.0")}, {}) == ()


def test_what_changes_in_silence_is_told_of_the_version_that_wrote_the_pickle(
    tmp_path: Path, project: Project
) -> None:
    """The pickle's own word counts more than a pin, which may have moved since."""
    with pytest.warns(UserWarning, match="no input_example"):
        modelenv.save_model(project.model("return data"), tmp_path / "model")
    said = "csklearn.tree._classes\nDecisionTreeClassifier\nV_sklearn_version\nV1.3.2\n"
    (tmp_path / "model" / "model.pkl").write_text(f"({said}t.")
    old, new = ({"scikit-learn": Version(each)} for each in ("1.8.0", "1.9.1"))

    written = WrittenPickles.of(ModelFolder.open(tmp_path / "model"), old)

    assert written.versions == {"scikit-learn": Version("1.3.2")}
    (found,) = written.silent_changes(old, new)
    assert "hands them out as probabilities" in found.because
    assert found.avoided == "scikit-learn<1.9"
    assert written.silent_changes(new, new) == ()


@pytest.mark.parametrize(
    ("flavor", "key", "data", "named"),
    [
        ("xgboost", "xgb_version", b"binf\0\0", "xgboost.core.Booster.load_model.binary"),
        ("xgboost", "xgb_version", b'{"learner": 1}', "xgboost.core.Booster.load_model"),
        ("lightgbm", "lgb_version", b"tree\n", "lightgbm.basic.Booster"),
        ("catboost", "catboost_version", b"CBM1", "catboost.core.CatBoost.load_model"),
    ],
)
def test_a_file_of_a_librarys_own_format_counts_as_a_pickle(
    tmp_path: Path, project: Project, flavor: str, key: str, data: bytes, named: str
) -> None:
    with pytest.warns(UserWarning, match="no input_example"):
        modelenv.save_model(project.model("return data"), tmp_path / "model")
    before = WrittenPickles.of(ModelFolder.open(tmp_path / "model"), {})
    add_flavor(tmp_path / "model", flavor, data, {key: "1.5.2"})

    written = WrittenPickles.of(ModelFolder.open(tmp_path / "model"), {flavor: Version("1.9")})

    assert written.named == (*before.named, named)
    assert written.versions[flavor] == Version("1.5.2")
    known = [each.because for each in written.breaks({flavor: Version("3.1")})]
    assert bool(known) == named.endswith(".binary")


def test_the_page_says_how_many_are_known() -> None:
    page = (Path(__file__).parents[3] / "docs" / "time.md").read_text("utf-8")
    assert f"know {len(pickle_breaks())} breaks of" in page
