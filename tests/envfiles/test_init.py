from __future__ import annotations

import pytest

import envfiles

PUBLISHED = vars(envfiles)["__all__"]


def test_every_published_name_is_there() -> None:
    assert dir(envfiles) == sorted(PUBLISHED)
    assert all(getattr(envfiles, name).__name__ == name for name in PUBLISHED)


def test_an_unknown_name_is_an_attribute_error() -> None:
    name = "nothing"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(envfiles, name)
