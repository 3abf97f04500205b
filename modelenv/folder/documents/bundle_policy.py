"""Which wheels travel with a model though, by all that is known, an index has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...base import arguments

EDITED = "edited"
"""The word for all distributions with edited files, where names of distributions may stand."""


@dataclass(frozen=True, slots=True)
class BundlePolicy:
    """What travels as a wheel though, by all that is known, an index has it."""

    edited: bool = False
    """What was edited since it was installed, under a local version."""
    names: frozenset[str] = frozenset()
    """Distributions, by their normalised names."""

    @classmethod
    def read(cls, said: str | Iterable[str] = ()) -> BundlePolicy:
        """Return what the user asks for: "edited", or names, or both. Raises BadArgumentError."""
        words = set(arguments.texts("bundle", said))
        names = words - {EDITED}
        return cls(EDITED in words, frozenset(_normalised(names) if names else ()))


def _normalised(names: Iterable[str]) -> Iterable[str]:
    from packaging.utils import canonicalize_name

    return map(canonicalize_name, names)
