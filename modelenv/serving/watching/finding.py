"""Something that was touched in production and that the capture never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

Weight = Literal["missing", "unpinned", "outside", "perhaps", "pinned", "optional"]
"""The weights of a finding, the gravest first.

``missing``: a request failed for lack of it. ``unpinned``: it belongs to a distribution that is not
pinned. ``outside``: it belongs to no distribution. ``perhaps``: it was looked for in vain by a
request that then failed for another stated reason. ``pinned``: other code of a pinned distribution,
or of one that is installed in the model's own environment. ``optional``: it was looked for in vain,
and the code went on without it.
"""
WEIGHTS: tuple[Weight, ...] = get_args(Weight)
GRAVE = frozenset({"missing", "unpinned", "outside"})
"""The weights of findings that would fail where only the pins are installed."""
_OF_A_DISTRIBUTION = ("unpinned", "pinned")
KINDS = ("imports", "metadata", "files", "libraries", "programs", "hosts")
_LONGEST = 4000  # characters of a text
_MOST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One name, or the code of one distribution, counted over all processes."""

    kind: str
    """One of `KINDS`."""
    name: str
    """A module, an absolute path, ``host:port``; for a distribution, the first one touched."""
    weight: Weight
    distribution: str = ""
    """The distribution it belongs to; empty if it belongs to none or that is unknown."""
    by: str = ""
    """The file and line that asked first; empty if unknown."""
    count: int = 0
    """The number of times it was touched."""
    failed: int = 0
    """The number of requests that failed for lack of it."""
    request: str = ""
    """The id of the first request that met it."""
    first: str = ""
    """The time of the first touch, in UTC (ISO 8601)."""
    last: str = ""
    """The time of the last touch, in UTC (ISO 8601)."""
    failure: str = ""
    """The end of the traceback of the first request that failed for it."""

    @property
    def key(self) -> tuple[str, str]:
        """The key of equal findings: other code of one distribution counts as one."""
        if self.weight in _OF_A_DISTRIBUTION and self.distribution:
            return self.kind, f"{self.distribution}=="
        return self.kind, self.name

    @property
    def rank(self) -> tuple[int, str]:
        """The sort key by which findings are kept if there are too many: gravity, then age."""
        return WEIGHTS.index(self.weight), self.first

    @property
    def is_grave(self) -> bool:
        """Whether it fails, or may fail, where only the pins are installed."""
        return self.weight in GRAVE

    def joined(self, later: Finding) -> Finding:
        """Return both as one: the first's details, the graver weight, and the sum of the counts."""
        graver = min(self, later, key=lambda each: WEIGHTS.index(each.weight))
        return replace(
            self,
            weight=graver.weight,
            distribution=graver.distribution or self.distribution or later.distribution,
            by=self.by or later.by,
            count=min(self.count + later.count, _MOST),
            failed=min(self.failed + later.failed, _MOST),
            request=self.request or later.request,
            first=min(filter(None, (self.first, later.first)), default=""),
            last=max(self.last, later.last),
            failure=self.failure or later.failure,
        )

    def hidden(self, hide: Callable[[str], str]) -> Finding:
        """Return the finding with its texts passed through `hide`, which masks secrets."""
        return replace(
            self,
            name=hide(self.name)[:_LONGEST],
            by=hide(self.by)[:_LONGEST],
            request=hide(self.request)[:_LONGEST],
            failure=hide(self.failure)[-_LONGEST:],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return asdict(self)

    @classmethod
    def of(cls, said: object) -> Finding | None:
        """Return the finding in an entry of a file; None if the entry is invalid."""
        if not isinstance(said, Mapping):
            return None
        texts = {name: said.get(name) for name in _TEXTS}
        numbers = {name: said.get(name) for name in _NUMBERS}
        if not all(type(each) is str and len(each) <= _LONGEST for each in texts.values()):
            return None
        if not all(type(each) is int and 0 <= each <= _MOST for each in numbers.values()):
            return None
        if texts["kind"] not in KINDS or texts["weight"] not in WEIGHTS:
            return None
        values: dict[str, Any] = {**texts, **numbers}
        return cls(**values)


_NUMBERS = ("count", "failed")
_TEXTS = tuple(each.name for each in fields(Finding) if each.name not in _NUMBERS)
