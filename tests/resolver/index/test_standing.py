"""Warnings of an index: yanked versions, and archived projects."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from packaging.version import Version

from resolver import ConflictError, find_artifacts
from resolver.index.cache import HttpCache
from resolver.index.fetcher import Fetcher
from resolver.index.page_parts.html_page import project_status
from resolver.index.page_parts.project_status import ProjectStatus
from resolver.index.session import Access
from resolver.sources.index import IndexSource

from .index_server import answer


@dataclass
class Asked:
    name: str
    version: Version


@pytest.fixture(params=[True, False], ids=["json", "html"])
def stated(index, request):
    """An index that says what it knows in either form."""
    index.json = request.param
    index.hashes = True
    return index


@pytest.fixture
def find(index, world, tmp_path):
    """Ask for the files of a pin, through a cache."""
    fetchers = []

    def ask(name, version, *, offline=False):
        fetchers.append(Fetcher(offline=offline))
        access = Access(fetchers[-1], HttpCache(tmp_path / "cache"))
        source = IndexSource(index.url, world.target(), access)
        return find_artifacts([Asked(name, Version(version))], world.target(), sources=[source])

    yield ask
    for each in fetchers:
        each.close()


def test_a_pin_that_was_withdrawn_is_found_and_told_with_its_reason(stated, find):
    stated.add("a", "1.0", yanked="breaks\n  b")
    stated.add("a", "1.1")
    found = find("a", "1.0")
    (standing,) = found.standings
    assert (standing.name, standing.version, standing.reason) == ("a", "1.0", "breaks b")
    assert (standing.yanked, standing.files) == (1, 1)
    said = 'a 1.0 was withdrawn (yanked: "breaks b"): it is taken as a line pins it'
    assert found.notes == standing.remarks == (said,)
    assert find("a", "1.1").standings == ()


def test_of_files_some_of_which_were_withdrawn_the_number_is_told(index, find):
    index.hashes = True
    index.add("a", "1.0", yanked=True)
    index.add("a", "1.0", tag="py2.py3-none-any")
    (said,) = find("a", "1.0").notes
    assert (
        said == "1 of the 2 files of a 1.0 were withdrawn (yanked): it is taken as a line pins it"
    )


@pytest.mark.parametrize("marker", ["archived", "deprecated"])
def test_a_project_that_was_given_up_is_told_with_its_reason(stated, find, marker):
    stated.add("a", "1.0")
    stated.status = {"status": marker, "reason": "take b"}
    (standing,) = find("a", "1.0").standings
    assert standing.status == ProjectStatus(marker, "take b")
    (said,) = find("a", "1.0").notes
    assert said.startswith(f"{stated.url}/a/: the project is {marker}: ")
    assert said.endswith('("take b")')


def test_of_a_project_in_quarantine_nothing_is_had(stated, find, world):
    stated.add("a", "1.0")
    stated.status = {"status": "quarantined", "reason": "it steals"}
    found = find("a", "1.0")
    assert not found.files
    assert found.standings[0].status.is_quarantined
    assert (
        'the project is in quarantine there, as harmful: none of its files is taken ("it'
        in (found.missing[0])
    )
    fetcher = Fetcher()
    source = IndexSource(stated.url, world.target(), Access(fetcher))
    with pytest.raises(ConflictError, match="the project is in quarantine"):
        answer(world, [source], "a==1.0")
    fetcher.close()


def test_what_a_page_said_is_kept_with_it(stated, find):
    stated.add("a", "1.0", yanked="bad")
    stated.status = {"status": "archived", "reason": "take b"}
    told, asked = find("a", "1.0").standings, len(stated.asked)
    assert find("a", "1.0", offline=True).standings == told
    assert len(stated.asked) == asked


@pytest.mark.parametrize(
    "text",
    [
        '<meta name="pypi:project-status" content="archived">',
        "<META CONTENT='archived' NAME='pypi:project-status'/>",
        "<meta content=archived name=pypi:project-status>",
        '<meta charset="utf-8"><meta property="x>y" name="pypi:project-status" content="archived">',
        '<meta name="pypi:project-status" content="archived">'
        '<meta name="pypi:project-status" content="active">',
    ],
)
def test_a_status_is_read_however_its_tag_is_written(text):
    assert project_status(f"<!DOCTYPE html><head>{text}</head>") == ("archived", "")


def test_tags_of_the_body_and_endless_ones_are_no_status():
    told = '<meta name="pypi:project-status" content="archived">'
    assert project_status("x" * 20_000 + told) == ("", "")
    assert project_status("<meta " * 5_000 + told) == ("", "")
