"""As few paths as hold what is pinned, and nothing of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelenv.seal.distributions import SiteFiles

if TYPE_CHECKING:
    from collections.abc import Iterable


def lay_out(root: Path, files: Iterable[str]) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def visible(root: Path, *pinned: Iterable[str], foreign: Iterable[str] = ()) -> list[str]:
    site = root / "lib" / "site"
    lay_out(site, [*(file for each in pinned for file in each), *foreign])
    found = SiteFiles(str(site), tuple(map(tuple, pinned)), tuple(foreign)).visible()
    return [str(Path(path).relative_to(root)) for path in found]


def test_a_folder_of_its_own_is_one_path(tmp_path: Path) -> None:
    files = ["own/__init__.py", "own/deep/a.py", "own-1.dist-info/METADATA", "single.py"]
    found = visible(tmp_path, files)
    assert found == ["lib/site/own", "lib/site/own-1.dist-info", "lib/site/single.py"]


def test_a_shared_folder_is_filled(tmp_path: Path) -> None:
    own = ["group/near/a.py", "group/near/b.py", "group/single.py"]
    found = visible(tmp_path, own, foreign=["group/far/c.py"])
    assert found == ["lib/site/group/near", "lib/site/group/single.py"]


def test_a_folder_that_pinned_ones_share_is_one_path(tmp_path: Path) -> None:
    assert visible(tmp_path, ["group/a.py"], ["group/b.py"]) == ["lib/site/group"]


def test_what_is_recorded_beside_and_not_there_is_left_out(tmp_path: Path) -> None:
    site = SiteFiles(str(tmp_path), (("../../bin/gone", "../gone/a"),))
    assert list(site.visible()) == []


def test_bytecode_of_single_modules_is_left_out(tmp_path: Path) -> None:
    assert visible(tmp_path, ["a.py", "__pycache__/a.cpython-311.pyc"]) == ["lib/site/a.py"]


@pytest.mark.parametrize("absolute", [True, False])
def test_what_stands_beside_is_as_few_paths(tmp_path: Path, absolute: bool) -> None:
    begin = f"{tmp_path}/" if absolute else "../../"
    lay_out(tmp_path, ["bin/python", "bin/tool", "share/tool/a", "share/tool/deep/b", "share/x"])
    own = [f"{begin}{file}" for file in ("bin/tool", "share/tool/a", "share/tool/deep/b")]
    assert visible(tmp_path, own) == ["bin/tool", "share/tool"]


_FILES = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(
        lambda parts: "/".join([*parts, "f"])
    ),
    max_size=8,
    unique=True,
)


@settings(deadline=None)
@given(pinned=_FILES, foreign=_FILES)
def test_exactly_what_is_pinned_is_seen(
    tmp_path_factory: pytest.TempPathFactory, pinned: list[str], foreign: list[str]
) -> None:
    root = tmp_path_factory.mktemp("site")
    others = sorted(set(foreign) - set(pinned))
    paths = visible(root, pinned, foreign=others)
    seen = {
        str(file.relative_to(root / "lib" / "site"))
        for path in paths
        for file in ([root / path] if (root / path).is_file() else (root / path).rglob("*"))
        if file.is_file()
    }
    assert seen == set(pinned)
