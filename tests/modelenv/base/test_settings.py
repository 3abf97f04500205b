"""uv is found where it is: beside the interpreter, on PATH, or where its distribution put it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings, find_uv

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are scripts of a shell")


def program(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "uv"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def _no_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no distribution uv on the path."""
    standard = [entry for entry in sys.path if not Path(entry).name.endswith("-packages")]
    monkeypatch.setattr(sys, "path", standard)


@pytest.mark.usefixtures("_no_uv")
def test_the_one_beside_the_interpreter_comes_before_that_on_path(tmp_path: Path) -> None:
    path = program(tmp_path / "programs")
    prefix = str(tmp_path / "prefix")
    assert find_uv(str(path.parent), prefix) == path
    beside = program(tmp_path / "prefix" / "bin")
    assert find_uv(str(path.parent), prefix) == beside


@pytest.mark.usefixtures("_no_uv")
def test_where_there_is_none_none_is_found(tmp_path: Path) -> None:
    assert find_uv(str(tmp_path), str(tmp_path)) is None


@pytest.mark.usefixtures("_no_uv")
def test_an_installed_one_is_found_by_its_record(tmp_path: Path, own_site: Any) -> None:
    own_site.install("uv", {"uv/__init__.py": "", "../programs/uv": "#!/bin/sh"})
    (own_site.root / "../programs/uv").chmod(0o755)
    found = find_uv(str(tmp_path), str(tmp_path))
    assert found is not None
    assert found.resolve() == tmp_path / "programs" / "uv"


@pytest.mark.parametrize(("value", "colours"), [(None, True), ("", True), ("1", False)])
def test_no_color_is_heeded(
    value: str | None, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    assert Settings.from_environment().colours is colours


def test_one_variable_moves_all_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path))
    from modelenv.environments.cached import default_cache
    from resolver.settings import IndexSettings

    assert IndexSettings.from_environment().cache == tmp_path / "index"
    assert default_cache(Settings.from_environment()).folder == tmp_path / "environments"


def test_one_is_looked_for_where_none_is_said_and_that_is_wanted(tmp_path: Path) -> None:
    there = program(tmp_path / "bin")
    on_path = {"PATH": str(there.parent)}
    assert Settings(on_path, None).uv is None
    assert Settings(on_path, Path("/nowhere/uv")).uv == Path("/nowhere/uv")
    assert Settings(on_path, Path("/nowhere/uv"), looks_for_uv=True).uv == Path("/nowhere/uv")
    assert Settings(on_path, None, looks_for_uv=True).uv == find_uv(on_path["PATH"])
    assert Settings.from_environment().uv == find_uv(os.environ.get("PATH"))
