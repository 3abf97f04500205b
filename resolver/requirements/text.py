"""Requirements as text, without markers that are known to be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .references import without_credentials

if TYPE_CHECKING:
    from collections.abc import Collection

    from packaging.requirements import Requirement


def with_extras(name: str, extras: Collection[str]) -> str:
    """Return a name with its extras, sorted.

    >>> with_extras("a", {"y", "x"}), with_extras("a", ())
    ('a[x,y]', 'a')
    """
    return f"{name}[{','.join(sorted(extras))}]" if extras else name


def without_marker(requirement: Requirement) -> str:
    """Return a requirement without its marker and without a login; `str` is much slower."""
    name = with_extras(requirement.name, requirement.extras)
    if requirement.url:
        return f"{name} @ {without_credentials(requirement.url)}"
    clauses = sorted(f"{each.operator}{each.version}" for each in requirement.specifier)
    return f"{name}{','.join(clauses)}"
