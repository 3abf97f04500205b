"""Names that appeared, vanished or moved between versions, as far as models fail over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from packaging.specifiers import SpecifierSet

from ..data import read_table
from .modules import ancestors

PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Fact:
    """The versions of a distribution that have a name."""

    name: str
    """A module, or a module's attribute: ``numpy.float_``."""
    distribution: str
    """The distribution that has it; ``python``: the interpreter itself."""
    versions: str
    """The versions that have it, as a specifier."""

    def holds_for(self, version: str) -> bool:
        """Return whether a version has the name; an empty version has not."""
        return bool(version) and SpecifierSet(self.versions).contains(version, prereleases=True)


@cache
def all_facts() -> Mapping[str, Fact]:
    """Return all known facts, by name."""
    return MappingProxyType(
        {
            name: Fact(name, distribution, versions)
            for distribution, by_versions in read_table("version_facts").items()
            for versions, names in by_versions.items()
            for name in names
        }
    )


def fact_about(name: str) -> Fact | None:
    """Return the fact about a name, or about the nearest module above it.

    >>> fact_about("numpy._core.multiarray").versions
    '>=2'
    """
    return next((all_facts()[each] for each in ancestors(name) if each in all_facts()), None)


def fact_about_attribute(name: str) -> Fact | None:
    """Return the fact about a name, or about an attribute of a class without its module.

    >>> fact_about_attribute("DataFrame.append").name
    'pandas.DataFrame.append'
    """
    suffix = f".{name}"
    ending = (fact for key, fact in all_facts().items() if key.endswith(suffix))
    return fact_about(name) or next(ending, None)
