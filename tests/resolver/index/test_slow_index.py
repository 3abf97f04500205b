"""An index that keeps its user waiting: what is told meanwhile, and how it ends."""

from __future__ import annotations

import threading
import time

import pytest

from resolver.errors import SourceError
from resolver.index.fetcher import Fetcher
from resolver.index.http.watch import Watch
from resolver.index.session import Access
from resolver.sources.index import IndexSource

from .lying_server import NEW_ROW, PAGE, page, says, served


def asked(told, answers, world, patience=0.05, **options):
    """Ask for the page of `a`, and put what is told meanwhile into a list."""
    with served() as server:
        server.answers = answers
        fetcher = Fetcher(watch=Watch(told.append, patience=patience), **options)
        source = IndexSource(f"{server.url}/simple", world.target(), Access(fetcher))
        try:
            return [link.file for link in source.links("a")]
        finally:
            fetcher.close()


def late(answer):
    def answer_late(handler):
        time.sleep(1.0)
        answer(handler)

    return answer_late


def test_who_waits_is_told_what_is_asked_and_how_much_has_come(world):
    told: list[str] = []
    assert asked(told, {PAGE: late(page(NEW_ROW))}, world) == [NEW_ROW["filename"]]
    assert told[0] == "asking 127.0.0.1 for a (0 of 1 answered)"
    assert 1 < len(told) < 10  # ever more seldom; 20 times, were it as often as at first
    assert not [each for each in threading.enumerate() if each.name.startswith("waiting")]


def test_nothing_is_told_of_an_index_that_answers_at_once(world):
    told: list[str] = []
    assert asked(told, {PAGE: page(NEW_ROW)}, world, patience=5.0) == [NEW_ROW["filename"]]
    assert told == []


def test_the_peace_that_an_index_wants_is_told_while_it_is_given(world):
    told: list[str] = []
    busy = says(b"", status=429, Retry_After="1")
    with pytest.raises(SourceError, match="status 429, 2 times"):
        asked(told, {PAGE: busy}, world, attempts=1)
    assert "127.0.0.1 wants 1 s of peace (the answer is status 429)" in told


def test_a_question_that_goes_on_for_too_long_is_given_up_in_the_middle_of_its_attempts(world):
    from resolver.settings import Bounds

    began = time.monotonic()
    with pytest.raises(SourceError, match="status 503"):
        asked([], {PAGE: says(b"", status=503)}, world, attempts=50, bounds=Bounds(page_seconds=1))
    assert time.monotonic() - began < 20
