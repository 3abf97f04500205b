"""Stories stand in the same world as the tests of modelenv's rooms."""

from __future__ import annotations

from ..modelenv.conftest import (
    _cache,
    bench,
    ends,
    own_path,
    own_site,
    project,
    site,
    target,
    temporary,
    wine,
)
from ..tracer.conftest import python
from .index_world import index_world

__all__ = [
    "_cache",
    "bench",
    "ends",
    "index_world",
    "own_path",
    "own_site",
    "project",
    "python",
    "site",
    "target",
    "temporary",
    "wine",
]
