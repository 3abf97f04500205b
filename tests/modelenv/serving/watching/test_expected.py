"""The meaning of a touch that the capture never saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelenv.serving.watching.expected import Expected

ABSENT = {"there": False, "file": None}


def expected(folder: Path, touches: list[dict[str, str]] | None = None, **further: Any) -> Expected:
    """Return what is expected of a model that pins kiln."""
    folder.mkdir(exist_ok=True)
    trace = {"schema": 1, "touches": touches or [], "imports": []}
    (folder / "trace.json").write_text(json.dumps(trace))
    return Expected(folder=folder, pins=frozenset(further.pop("pins", ["kiln"])), **further)


def touch(name: str) -> dict[str, str]:
    return {"kind": "file", "name": name, "phase": "predict"}


@pytest.mark.parametrize(
    ("file", "weighed"),
    [
        ("kiln/more.py", ("pinned", "kiln")),
        ("oven/core.py", ("unpinned", "oven")),
        ("nobodys.py", ("outside", "")),
    ],
)
def test_a_module_is_weighed_by_whose_it_is(
    site: Any, tmp_path: Path, file: str, weighed: tuple[str, str]
) -> None:
    site.install("kiln", {"kiln/more.py": ""})
    site.install("oven", {"oven/core.py": ""})
    (site.root / "nobodys.py").write_text("")
    told = {"there": True, "file": str(site.root / file)}
    module = file[:-3].replace("/", ".")
    here = expected(tmp_path / "model")
    assert here.weigh("imports", module, told) == weighed
    assert here.weigh("files", str(site.root / file), {}) == (
        None if weighed[0] == "pinned" else weighed
    )
    # In an environment of its own nothing is but what the pins brought.
    own = expected(tmp_path / "model", root=site.root.parent.parent.parent)
    assert own.weigh("imports", module, told) == ("pinned", weighed[1])
    assert own.weigh("files", str(site.root / file), {}) is None


def test_a_file_of_an_environment_of_links_is_whose_it_is_here(
    own_site: Any, tmp_path: Path
) -> None:
    from modelenv.environments.interpreter import Python

    own_site.install("kiln", {"kiln/more.py": ""})
    root = tmp_path / "replica"
    told = {"there": True, "file": str(root / "lib/python3/site-packages/kiln/more.py")}
    here = expected(tmp_path / "model", root=root, installed=Python.current().installed())
    assert here.weigh("imports", "kiln.more", told) == ("pinned", "kiln")


def test_a_module_that_is_missing_is_named_with_its_distribution(tmp_path: Path) -> None:
    here = expected(tmp_path / "model")
    assert here.weigh("imports", "cv2", ABSENT) == ("optional", "opencv-python-headless")
    assert here.weigh("imports", "surely_unknown", ABSENT) == ("optional", "")


def test_a_module_of_nobodys_folder_is_none_of_a_distribution(tmp_path: Path) -> None:
    here = expected(tmp_path / "model")
    told = {"there": True, "file": str(tmp_path / "stray.py")}
    assert here.weigh("imports", "stray", told) == ("outside", "")
    assert here.weigh("imports", "space", {"there": True, "file": None}) is None
    assert here.weigh("imports", "again", {"count": 3}) is None


@pytest.mark.parametrize(
    ("seen", "pins", "file", "news"),
    [
        ([], [], "/usr/share/zoneinfo/Asia/Tokyo", True),
        ([], ["tzdata"], "/usr/share/zoneinfo/Asia/Tokyo", False),
        (["/usr/share/zoneinfo/UTC"], [], "/usr/share/zoneinfo/Asia/Tokyo", False),
        (["/etc/mime.types"], [], "/usr/share/zoneinfo/Asia/Tokyo", True),
        ([], [], "/etc/hosts", False),
        ([], [], "/etc/os-release", False),
        ([], [], "/etc/ssl/certs/ca-certificates.crt", True),
        ([], ["certifi"], "/etc/ssl/certs/ca-certificates.crt", False),
        ([], [], "/srv/words.txt", True),
    ],
)
def test_a_file_of_the_system_is_news_where_its_package_is(
    tmp_path: Path, seen: list[str], pins: list[str], file: str, news: bool
) -> None:
    here = expected(tmp_path / "model", [touch(each) for each in seen], pins=pins)
    assert (here.weigh("files", file, {}) is not None) is news


@pytest.mark.parametrize(
    ("kind", "name", "news"),
    [
        ("libraries", "/usr/lib/x86_64-linux-gnu/libssl.so.3", False),
        ("libraries", "/usr/lib/x86_64-linux-gnu/libuuid.so.1.3.0", False),
        ("libraries", "/usr/lib/x86_64-linux-gnu/libGL.so.1.7.0", True),
        ("programs", "/usr/bin/uname", False),
        ("programs", "/sbin/ldconfig", False),
        ("programs", "/usr/bin/dot", True),
        ("hosts", "db:5432", True),
    ],
)
def test_what_every_system_has_is_no_news(tmp_path: Path, kind: str, name: str, news: bool) -> None:
    assert (expected(tmp_path / "model").weigh(kind, name, {}) is not None) is news
