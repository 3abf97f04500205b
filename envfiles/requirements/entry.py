"""One requirement as an environment has it: normalised, with its hashes and its reasons."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..credentials import protect
from .options import check_hash, read_hash, spell_of_requirement
from .requirement import normalise, read_requirement

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement and why it is there; both are normalised, and hold no credentials.

    Raises InvalidEntry if the text is no requirement (PEP 508).

    >>> Entry("NumPy == 2.4.6", "via pandas").requirement
    'numpy==2.4.6'
    """

    requirement: str
    comment: str = ""
    hashes: tuple[str, ...] = ()
    """Digests that its files may have, as `sha256:…`; pip then takes no other file."""
    evidence: tuple[str, ...] = ()
    """Further evidence for it, a line each."""
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as `KEY=VALUE`."""
    name: str = field(init=False, repr=False, compare=False)
    """The normalised name of the distribution."""
    marker: str = field(init=False, repr=False, compare=False)
    """The marker in packaging's spelling; empty if there is none."""
    parsed: InitVar[Requirement | None] = None
    """The parsed requirement, if it was parsed before."""

    def __post_init__(self, parsed: Requirement | None) -> None:
        parsed = parsed or read_requirement(self.requirement)
        object.__setattr__(self, "requirement", normalise(self.requirement, parsed))
        object.__setattr__(self, "hashes", tuple(sorted({read_hash(h) for h in self.hashes})))
        texts = [one_line(protect(each)) for each in (self.comment, *self.evidence)]
        comment, *evidence = [each for each in texts if each] or [""]
        object.__setattr__(self, "comment", comment)
        object.__setattr__(self, "evidence", tuple(evidence))
        object.__setattr__(self, "name", canonicalize_name(parsed.name))
        object.__setattr__(self, "marker", str(parsed.marker or ""))

    @property
    def version(self) -> str | None:
        """Return the one version that `==` requires; None for any other requirement."""
        requirement = read_requirement(self.requirement)
        versions = [each.version for each in requirement.specifier if each.operator == "=="]
        return versions[0] if len(versions) == 1 and not versions[0].endswith(".*") else None

    @property
    def key(self) -> tuple[str, str]:
        """Return what may stand once in an environment: a distribution under one marker."""
        return self.name, self.marker

    @property
    def options(self) -> list[str]:
        """Write the options behind it. Raises InvalidEntry for a hash that no file can have."""
        return spell_of_requirement(map(check_hash, self.hashes), self.settings)


def spell_entry(entry: Entry, *, newline: str = "\n") -> str:
    """Write the lines of one entry, hashes and reasons included.

    Raises InvalidEntry for a hash that no file can have.
    """
    options = entry.options
    lines = [f"{entry.requirement} \\" if options else entry.requirement]
    lines += [f"    {each} \\" for each in options]
    lines[-1] = lines[-1].removesuffix(" \\")
    below = [entry.comment, *entry.evidence] if options else list(entry.evidence)
    if entry.comment and not options:
        lines[-1] += f"  # {entry.comment}"
    return newline.join([*lines, *(f"    # {each}" for each in below if each)])


def one_line(text: str) -> str:
    r"""Make a text safe as the comment that ends a line: no line breaks, no trailing backslash.

    Other characters that are not seen are written out.

    >>> one_line(" via a,\n  b\x1b[31m \\")
    'via a, b\\x1b[31m'
    """
    words = " ".join(text.split()).rstrip("\\ ")
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in words)
