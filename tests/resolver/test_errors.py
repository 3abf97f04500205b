"""Errors hold the objects that their message is made of, and travel."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest

import resolver.errors
from resolver import ConflictError, ResolverError

KINDS = [
    *ResolverError.__subclasses__(),
    *(each for kind in ResolverError.__subclasses__() for each in kind.__subclasses__()),
]
VALUES: dict[str, Any] = {
    "str": "text",
    "int": 7,
    "float | None": 2.5,
    "tuple[str, ...]": ("one", "two"),
    "dict[str, str]": {"one": "two"},
}


def fields_of(kind: type[Any]) -> dict[str, Any]:
    return {each.name: VALUES.get(str(each.type), ()) for each in dataclasses.fields(kind)}


def test_all_errors_are_looked_at() -> None:
    assert ConflictError in KINDS
    assert resolver.errors.SourceError in KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by_name", [True, False])
def test_an_error_arrives_as_it_was_sent(kind: type[ResolverError], by_name: bool) -> None:
    fields = fields_of(kind)
    error = kind(**fields) if by_name else kind(*fields.values())
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is kind
    assert vars(arrived) == vars(error) == fields
    assert str(arrived) == str(error)
    assert len({error, arrived}) == 2
