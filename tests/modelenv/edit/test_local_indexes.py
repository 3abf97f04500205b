"""Files from an index on this machine travel: no written file can lead there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import Indexes, update_requirements

from ...small_worlds import on_disk, write_wheel

Configured = Callable[[str], Path]
Said = Callable[[str], dict[str, Any]]


@pytest.fixture
def folder(configured: Configured, tmp_path: Path) -> Path:
    """A folder; pip is configured with an index on this disk that has `gamma`."""
    return configured(on_disk(tmp_path / "configured", gamma="1.0"))


def carried(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "wheels").glob("*"))


WAYS: dict[str, Said] = {
    "index-url": lambda url: {"indexes": Indexes(index_url=url), "add": ["beta"]},
    "extra": lambda url: {"indexes": Indexes(extra_index_urls=[url]), "add": ["beta"]},
    "line": lambda url: {"add": [f"--extra-index-url {url}", "beta"]},
    "line-of-the-index": lambda url: {"add": [f"--index-url {url}", "beta"]},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("apart", ["", "files"])
def test_what_an_edit_takes_there_travels(
    way: str, apart: str, folder: Path, tmp_path: Path
) -> None:
    url = on_disk(tmp_path / "other", apart, beta="1.0")
    edited = update_requirements(folder, **WAYS[way](url))
    assert carried(folder) == ["beta-1.0-py3-none-any.whl"]
    spec = read_folder(folder)
    assert [entry.requirement for entry in spec.requirements] == ["alpha==1.0", "beta==1.0"]
    assert "--find-links wheels" in spec.options
    assert not any("file:" in option for option in spec.options)
    assert any("what is taken there travels" in note for note in edited.notes)


def test_a_file_of_lines_may_name_it(folder: Path, tmp_path: Path) -> None:
    url = on_disk(tmp_path / "other", beta="1.0")
    (tmp_path / "more.txt").write_text(f"--extra-index-url {url}\nbeta\n")
    update_requirements(folder, add=[f"-r {tmp_path / 'more.txt'}"])
    assert carried(folder) == ["beta-1.0-py3-none-any.whl"]


def test_a_page_of_links_on_this_machine_is_such_a_place(folder: Path, tmp_path: Path) -> None:
    file = write_wheel(tmp_path / "elsewhere", "beta", "1.0")
    page = tmp_path / "links.html"
    page.write_text(f'<a href="elsewhere/{file.name}">{file.name}</a>')
    update_requirements(folder, add=["beta"], indexes=Indexes(find_links=[page.as_uri()]))
    assert carried(folder) == ["beta-1.0-py3-none-any.whl"]


def test_what_pip_is_configured_with_has_does_not_travel(folder: Path) -> None:
    update_requirements(folder, add=["gamma"])
    assert carried(folder) == []


def test_what_it_leads_to_travels_too(folder: Path, tmp_path: Path) -> None:
    url = on_disk(tmp_path / "other", delta="1.0")
    page = tmp_path / "other" / "simple" / "beta"
    page.mkdir()
    file = write_wheel(page, "beta", "1.0", requires=["delta"])
    (page / "index.html").write_text(f'<a href="{file.name}">{file.name}</a>')
    update_requirements(folder, add=["beta"], indexes=Indexes(extra_index_urls=[url]))
    assert carried(folder) == ["beta-1.0-py3-none-any.whl", "delta-1.0-py3-none-any.whl"]
