"""A refusal of the disk is reported with the intended path, and with a way out."""

from __future__ import annotations

import errno
import os
import tempfile

import pytest

from modelenv.base.files.disk import in_place, way_out, with_way_out


def refusal(one: str | None = None, two: str | None = None) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), one, None, two)


@pytest.mark.parametrize("name", ["modelenv-run-a1/x", "modelenv-build-a1", "tracer-a1/spool"])
def test_what_is_ours_goes_elsewhere_by_tmpdir(name: str) -> None:
    said = way_out(refusal(), f"{tempfile.gettempdir()}/{name}")
    assert said.endswith("or set TMPDIR to another folder")


@pytest.mark.parametrize("name", ["model", "pytest-1/model", "modelenv.kept-1/a", "other/tracer-1"])
def test_what_is_the_users_is_no_temporary_place_wherever_it_stands(name: str) -> None:
    assert way_out(refusal(), f"{tempfile.gettempdir()}/{name}").endswith("or choose another place")
    assert way_out(refusal(), tempfile.gettempdir()).endswith("or choose another place")


def test_a_copy_is_refused_where_it_goes_to() -> None:
    error = refusal(f"{tempfile.gettempdir()}/modelenv-run-a1/x", "/mnt/model/x")
    assert with_way_out("no", error) == "no: free some space there; or choose another place"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/a/.m.c88f3208.partial/wheels/x.whl", "/a/m/wheels/x.whl"),
        ("no room: '/a/.conda.yaml.c88f3208.partial'", "no room: '/a/conda.yaml'"),
        (r"C:\a\.m.c88f3208.partial\x", r"C:\a\m\x"),
        ("/a/.m.c88f3208.partially", "/a/.m.c88f3208.partially"),
        ("/a/m.c88f3208.partial", "/a/m.c88f3208.partial"),
    ],
)
def test_what_is_being_written_is_named_as_it_will_stand(text: str, told: str) -> None:
    assert in_place(text) == told
