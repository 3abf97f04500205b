from __future__ import annotations

import pytest

import envfiles


def test_every_published_name_is_there() -> None:
    assert dir(envfiles) == sorted(envfiles.__all__)
    assert all(getattr(envfiles, name).__name__ == name for name in envfiles.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        envfiles.nothing  # noqa: B018
