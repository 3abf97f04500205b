"""Origins that an installer may lack are reported, with a way to let them travel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelenv.pins.origins import origin_notes
from resolver import Installed, Lines, Resolution, Target, merge, resolve


@pytest.fixture
def notes(site: Any) -> Any:
    """Return a function that gives the notes on all that is installed in the site."""

    def told(pins: Resolution | None = None) -> list[str]:
        installed = Installed([str(site.root)], Target.current())
        merged = merge(list(installed), target=installed.target)
        found = pins or resolve(merged, installed, index="never")
        return list(origin_notes(found.pins, installed, Lines(), ask=False))

    return told


@pytest.fixture(autouse=True)
def _nobody_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))


def test_of_what_pip_installed_nothing_is_known(site: Any, notes: Any) -> None:
    (site.install("alpha") / "INSTALLER").write_text("pip\n")
    site.install("beta")
    assert notes() == []


def test_what_uv_had_from_a_folder_of_wheels_is_told(site: Any, notes: Any) -> None:
    alpha, beta = site.install("alpha"), site.install("beta")
    for info in (alpha, beta):
        (info / "INSTALLER").write_text("uv")
        (info / "uv_cache.json").write_text("{}")
    (beta / "direct_url.json").write_text(json.dumps({"url": "https://host/beta-1.0.tar.gz"}))
    assert notes() == [
        "installed from a file of this machine, maybe of no index: alpha 1.0 (by uv); made into"
        " wheels they travel with bundle='alpha'"
    ]


@pytest.mark.parametrize("installer", ["rpm", "conda"])
def test_what_the_system_installed_is_told(site: Any, notes: Any, installer: str) -> None:
    for name in ("alpha", "beta"):
        (site.install(name) / "INSTALLER").write_text(installer)
    assert notes() == [
        f"installed by the system, so an index may have another build: alpha 1.0 (by {installer}),"
        f" beta 1.0 (by {installer}); made into wheels they travel with bundle=['alpha', 'beta']"
    ]


def test_condas_own_list_names_the_package(site: Any, notes: Any) -> None:
    info = site.install("alpha")
    meta = site.root.parents[2] / "conda-meta/py-alpha-1.0-h12_0.json"
    meta.parent.mkdir()
    listed = info.relative_to(meta.parents[1]).as_posix()
    meta.write_text(json.dumps({"files": [f"{listed}/METADATA"]}))
    (note,) = notes()
    assert "alpha 1.0 (by conda's py-alpha)" in note


def test_nothing_is_told_of_what_was_moved_or_is_a_url(site: Any, notes: Any) -> None:
    for name in ("alpha", "beta"):
        (site.install(name) / "INSTALLER").write_text("rpm")
    direct = {"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}
    (site.root / "alpha-1.0.dist-info/direct_url.json").write_text(json.dumps(direct))
    (note,) = notes()
    assert "alpha" not in note
    assert notes(Resolution(())) == []
