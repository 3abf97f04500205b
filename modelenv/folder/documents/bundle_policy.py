"""The wheels that travel with a model although an index is expected to have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...base import arguments

EDITED = "edited"
"""The word for all distributions with edited files, accepted in place of their names."""


@dataclass(frozen=True, slots=True)
class BundlePolicy:
    """The distributions to bundle as wheels although an index is expected to have them."""

    edited: bool = False
    """Whether distributions with edited files travel, under a local version."""
    names: frozenset[str] = frozenset()
    """Distributions, by their normalised names."""

    @classmethod
    def read(cls, said: str | Iterable[str] = ()) -> BundlePolicy:
        """Return the user's policy: "edited", names, or both. Raises BadArgumentError."""
        words = set(arguments.texts("bundle", said))
        names = words - {EDITED}
        return cls(EDITED in words, frozenset(_normalised(names) if names else ()))


def _normalised(names: Iterable[str]) -> Iterable[str]:
    from packaging.utils import canonicalize_name

    return map(canonicalize_name, names)
