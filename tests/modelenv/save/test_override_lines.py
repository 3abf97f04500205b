"""Overrides and exclusions of a save: what they change is proven and told."""

from __future__ import annotations

import pytest

import modelenv
from modelenv.worker.errors import NotProvenError


@pytest.fixture
def model(own_site, project):
    """Return a model that needs `host`, which declares `unused` and `used` and imports one."""
    own_site.install("used")
    own_site.install("unused")
    own_site.install("host", {"host.py": "import used\n"}, requires=["used", "unused<1"])
    return project.model("import host\nreturn data")


def test_an_excluded_name_and_who_declared_it_are_told(model, tmp_path):
    account = modelenv.save_model(model, tmp_path / "out", input_example=1, exclude=["Unused"])
    assert account.verdict is not None
    assert account.verdict.good
    assert account.pins == ("host==1.0", "used==1.0")
    assert "exclude[0]: Unused drops: host 1.0 requires unused<1" in account.resolution.notes


def test_excluding_what_the_prediction_needs_fails_the_proof(model, tmp_path):
    with pytest.raises(NotProvenError):
        modelenv.save_model(model, tmp_path / "out", input_example=1, exclude=["used"])
    assert not (tmp_path / "out").exists()


def test_an_override_replaces_what_a_distribution_declares(model, tmp_path):
    account = modelenv.save_model(
        model, tmp_path / "out", input_example=1, overrides=["unused==1.0"], prove=False
    )
    assert account.pins == ("host==1.0", "unused==1.0", "used==1.0")
    (note,) = account.resolution.notes
    assert note == "overrides[0]: unused==1.0 replaces: host 1.0 requires unused<1"
