"""New lines over pins that were settled before: for one run, or for an edit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..requirements.lines import Lines
from ..requirements.merge import RequirementSet, merge
from ..requirements.text import with_extras
from .graph import is_exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..target import Target


@dataclass(frozen=True, slots=True)
class Repinning:
    """What is to be resolved again, and which versions stay where they can."""

    requirements: RequirementSet
    preferred: Mapping[str, Version]


def merge_over(
    pins: Iterable[str],
    lines: Iterable[str] | Lines,
    *,
    target: Target,
) -> Repinning:
    """Merge `lines` over pinned requirements: they are overrides, and roots as well.

    What was pinned is still asked for, at its version where that can be; a URL stays. Raises as
    `merge` does.

    >>> from resolver import Target
    >>> found = merge_over(["numpy==1.26", "six==1.16"], ["numpy>=2"], target=Target.current())
    >>> [str(root.requirement) for root in found.requirements.roots], sorted(found.preferred)
    (['numpy>=2', 'six'], ['six'])
    """
    said = Lines.of(lines, "override")
    told = {root.name for root in merge((), pip_requirements=said, target=target).roots}
    kept = [Requirement(pin) for pin in pins]
    kept = [pin for pin in kept if canonicalize_name(pin.name) not in told]
    preferred: dict[str, Version] = {
        canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version)
        for pin in kept
        if not pin.url and len(pin.specifier) == 1 and is_exact(pin.specifier)
    }
    asked = [_without_version(pin, preferred) for pin in kept]
    new = merge((), pip_requirements=said, overrides=said, target=target)
    old = merge((), pip_requirements=asked, target=target)
    roots = sorted((*new.roots, *old.roots), key=lambda root: root.name)
    merged = RequirementSet(
        tuple(roots), new.constraints, (*new.dropped, *old.dropped), overrides=new.overrides
    )
    return Repinning(merged, preferred)


def _without_version(pin: Requirement, preferred: Mapping[str, Version]) -> str:
    if canonicalize_name(pin.name) not in preferred:
        return str(pin)
    return with_extras(pin.name, pin.extras) + (f" ; {pin.marker}" if pin.marker else "")
