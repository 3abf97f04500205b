"""Without a trace, why something is there is said by requirements and metadata, and it says so."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.siblings import resolver
from modelenv.repair.why import why

LOADED = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
SKOPS = "  sklearn:\n    pickled_model: model.skops\n    serialization_format: skops\n"
NOTHING = resolver.Installed((), resolver.Target.current())


def folder_of(place: Path, requirements: str, python: str = "3.10.1") -> Path:
    """Write a folder as MLflow does, without a trace."""
    place.mkdir()
    (place / "MLmodel").write_text(f"{LOADED}    python_version: {python}\n")
    (place / "requirements.txt").write_text(requirements)
    return place


PARTED = """\
kiln==1.0
grinder==1.26.4; python_full_version < "3.11"
grinder==1.26.9; python_full_version >= "3.11" and python_full_version < "3.12"
grinder==2.5.2; python_full_version >= "3.12"
"""


@pytest.mark.parametrize(
    ("python", "line"),
    [("3.10.1", "grinder==1.26.4"), ("3.11.7", "grinder==1.26.9"), ("3.13.0", "grinder==2.5.2")],
)
def test_of_several_lines_the_one_for_the_models_python_is_meant(
    python: str, line: str, tmp_path: Path
) -> None:
    found = why(folder_of(tmp_path / "m", PARTED, python), "grinder", installed=NOTHING)
    assert found.about.startswith(f"{line};")
    assert "no trace is there" in str(found)
    assert not found.traced
    assert [str(chain) for chain in found.chains] == [
        "the model -> grinder (its requirements list it)"
    ]


def test_a_line_that_holds_for_another_python_alone_is_still_told(tmp_path: Path) -> None:
    lines = 'grinder==2.5.2; python_full_version >= "3.12"\n'
    assert why(folder_of(tmp_path / "m", lines), "grinder", installed=NOTHING).about == lines[:-1]


@pytest.fixture
def site(installed_site: Any) -> Any:
    installed_site("kiln", "1.0", "lathe>=2", 'orchard; extra == "fruit"')
    installed_site("lathe", "2.1", "bolts")
    installed_site("bolts", "0.3")
    return installed_site


@pytest.mark.parametrize(
    ("target", "chain"),
    [
        ("lathe", "the model -> kiln (its requirements list it) -> lathe (requires lathe>=2)"),
        (
            "bolts",
            "the model -> kiln (its requirements list it) -> lathe (requires lathe>=2)"
            " -> bolts (requires bolts)",
        ),
    ],
)
def test_what_no_line_names_is_there_by_metadata(
    target: str, chain: str, site: Any, tmp_path: Path
) -> None:
    found = why(folder_of(tmp_path / "m", "kiln==1.0\n"), target)
    assert "is no line of the requirements, and is required by others" in found.about
    assert [str(each) for each in found.chains] == [chain]
    assert found.to_json()["traced"] is False


def test_the_chain_of_a_line_that_others_require_too_is_told(site: Any, tmp_path: Path) -> None:
    found = why(folder_of(tmp_path / "m", "kiln==1.0\nlathe\n"), "lathe")
    assert len(found.chains) == 2


def test_a_module_is_answered_for_by_whose_it_is(site: Any, tmp_path: Path) -> None:
    found = why(folder_of(tmp_path / "m", "kiln==1.0\n"), "kiln.core")
    assert found.about == "kiln.core belongs to kiln: kiln==1.0"


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        ("kiln==1.0\n", "none of its requirements needs it"),
        ("kiln==2.0\npress\n", r"\(not installed here as it is required: kiln, press\)"),
    ],
)
def test_what_nothing_leads_to_is_refused_without_speaking_of_a_trace(
    requirements: str, said: str, site: Any, tmp_path: Path
) -> None:
    with pytest.raises(WrongUseError, match=said) as caught:
        why(folder_of(tmp_path / "m", requirements), "orchard")
    assert "which has no trace" in str(caught.value)
    assert "did not see" not in str(caught.value)


SCRIPT = "import mlflow\n\ndef load():\n    import yaml\n    import own, json\n"


def test_what_the_script_of_a_model_imports_is_told_with_its_line(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "m", "mlflow==3.18.0\nkiln==1.0\n")
    (place / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.loaders.code_model\n"
        "    code: code\n    python_version: 3.10.1\n    model_code_path: /author/agent.py\n"
    )
    (place / "agent.py").write_text(SCRIPT)
    (place / "code").mkdir()
    (place / "code" / "own.py").write_text("from sklearn import base\n")
    listed, unlisted = (why(place, name, installed=NOTHING) for name in ("mlflow", "yaml"))
    assert str(listed.chains[0]) == "the model -> mlflow (agent.py:1 imports mlflow)"
    assert "is no line of the requirements, and the model's own files name it" in unlisted.about
    assert [str(each) for each in unlisted.chains] == [
        "the model -> pyyaml (agent.py:4 imports yaml)"
    ]
    (chain,) = why(place, "scikit-learn", installed=NOTHING).chains
    assert str(chain).endswith("(code/own.py:1 imports sklearn)")


def test_what_skops_wrote_is_told_by_its_types(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "m", "scikit-learn==1.9.1\nskops==0.16.0\n")
    (place / "MLmodel").write_text(f"{LOADED}    python_version: 3.10.1\n{SKOPS}")
    tree = {"__module__": "sklearn.linear_model._base", "__class__": "LinearRegression"}
    with zipfile.ZipFile(place / "model.skops", "w") as archive:
        archive.writestr("schema.json", json.dumps({**tree, "_skops_version": "0.16.0"}))
    (first, _) = why(place, "scikit-learn", installed=NOTHING).chains
    named = "model.skops names sklearn.linear_model._base.LinearRegression"
    assert str(first) == f"the model -> scikit-learn ({named})"
    (first, _) = why(place, "skops", installed=NOTHING).chains
    assert str(first) == "the model -> skops (model.skops is loaded by skops)"
