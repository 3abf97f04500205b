"""With `mlflow=True` the pins hold what MLflow runs in an environment that it restores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.siblings import resolver
from modelenv.pins.conda_env import CondaEnv
from modelenv.save.inputs import UserRequirements

from ...small_worlds import write_wheel

Site = Callable[..., None]
HERE = resolver.Target.current()


def roots(requirements: UserRequirements) -> list[str]:
    """Return what is asked for where MLflow restores it, too."""
    merged = requirements.for_mlflow(resolver.Installed.current()).merge((), HERE)
    return sorted(str(root.requirement) for root in merged.roots)


@pytest.mark.parametrize(
    ("given", "also"),
    [
        ({}, []),
        ({"extra_pip_requirements": ["six"]}, ["six"]),
        ({"pip_requirements": ["six"]}, ["six"]),
        ({"conda": CondaEnv.of({"dependencies": ["pip", {"pip": ["six"]}]})}, ["six"]),
        ({"pip_requirements": ["mlflow-skinny<3"]}, []),
    ],
    ids=["traced", "added", "own list", "conda", "narrowed"],
)
def test_it_is_added_to_whatever_list_counts(
    given: dict[str, Any], also: list[str], installed_site: Site
) -> None:
    installed_site("mlflow-skinny", "3.17.2")
    narrowed = "<3" if given.get("pip_requirements") == ["mlflow-skinny<3"] else ""
    expected = sorted([f"mlflow-skinny{narrowed}", "pandas", *also])
    assert roots(UserRequirements.read(**given)) == expected


def test_beside_an_mlflow_of_old_it_is_of_the_same_version(installed_site: Site) -> None:
    installed_site("mlflow", "2.9.2")
    assert roots(UserRequirements.read()) == ["mlflow-skinny==2.9.2", "pandas"]


def test_the_pins_of_a_save_hold_it(tmp_path: Path, installed_site: Site) -> None:
    installed_site("mlflow-skinny", "3.17.2", "spoke>=1")
    installed_site("spoke", "1.5")
    installed_site("pandas", "3.1")
    account = modelenv.save_model(
        len, tmp_path / "model", input_example=[7], mlflow=True, prove=False
    )
    assert {"mlflow-skinny==3.17.2", "pandas==3.1", "spoke==1.5"} <= set(account.pins)
    text = (tmp_path / "model" / "requirements.txt").read_text()
    assert "mlflow-skinny==3.17.2  # via mlflow=True" in text


def test_no_list_leads_to_wheels_that_do_not_travel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uv refuses a list that leads to a folder which is not there."""
    write_wheel(tmp_path / "links", "own_spoke", "1.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    folder = tmp_path / "model"
    modelenv.save_model(
        len, folder, input_example=[7], extra_pip_requirements=["own-spoke"], prove=False
    )
    text = (folder / "requirements.txt").read_text()
    assert "own-spoke==1.0" in text
    assert ("--find-links wheels" in text) is (folder / "wheels").is_dir()
