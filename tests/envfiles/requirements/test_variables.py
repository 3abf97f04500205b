"""A URL that was chosen is written with the names of the variables that were asked with."""

from __future__ import annotations

import pytest

from envfiles import Variables


@pytest.mark.parametrize(
    ("chosen", "asked", "written"),
    [
        ("https://host/a.whl", "https://${T}@host/a.whl", "https://${T}@host/a.whl"),
        ("https://host/tt-tt/a.whl", "https://host/${T}/a.whl", "https://host/${T}/a.whl"),
        (
            "git+https://host/r@1f2e3d4#subdirectory=x",
            "git+https://me:${T}@host/r#subdirectory=x",
            "git+https://me:${T}@host/r@1f2e3d4#subdirectory=x",
        ),
        ("https://host/a.whl", "https://host/a.whl", "https://host/a.whl"),
        ("https://other/tt-tt/a.whl", "https://${T}@host/a.whl", "https://other/${T}/a.whl"),
        ("https://host/a.whl", "https://${NOBODY}@host/a.whl", "https://${NOBODY}@host/a.whl"),
    ],
)
def test_what_was_chosen_is_written_with_the_names_that_were_asked_with(
    chosen: str, asked: str, written: str
) -> None:
    known = Variables.of([asked, "${T}"], {"T": "tt-tt"})
    assert known.written(chosen, asked) == written
