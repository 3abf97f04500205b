"""Something that was touched in production and that the capture never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

Weight = Literal["missing", "unpinned", "outside", "perhaps", "pinned", "optional"]
"""The meaning of a finding, the gravest first.

``missing``: a request failed for it. ``unpinned``: it belongs to a distribution that is not pinned.
``outside``: it belongs to no distribution. ``perhaps``: it was looked for in vain by a request that
failed then, for another stated reason. ``pinned``: other code of a pinned distribution, or of one
that is installed in the model's own environment. ``optional``: it was looked for in vain, and the
code that asked went on without it.
"""
WEIGHTS: tuple[Weight, ...] = get_args(Weight)
GRAVE = frozenset({"missing", "unpinned", "outside"})
"""The weights of findings that fail where only the pins are installed."""
_OF_A_DISTRIBUTION = ("unpinned", "pinned")
KINDS = ("imports", "metadata", "files", "libraries", "programs", "hosts")
_LONGEST = 4000  # characters of a text
_MOST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One name, or the code of one distribution, that came up; counted over processes."""

    kind: str
    """One of `KINDS`."""
    name: str
    """A module, an absolute path, ``host:port``; the first that came up of a distribution."""
    weight: Weight
    distribution: str = ""
    """The distribution it belongs to; empty: none, or unknown."""
    by: str = ""
    """The file and the line that asked first; empty: nobody knows."""
    count: int = 0
    """The number of times it was touched."""
    failed: int = 0
    """The number of requests that failed for it."""
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
        """The order in which findings are kept if there are too many: the gravest, the oldest."""
        return WEIGHTS.index(self.weight), self.first

    @property
    def is_grave(self) -> bool:
        """Whether it would fail, or may, where only the pins are."""
        return self.weight in GRAVE

    def joined(self, later: Finding) -> Finding:
        """Return both as one: what was first stays, the graver weight counts."""
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
        """Return it with its texts as `hide` has them, which takes secrets out of them."""
        return replace(
            self,
            name=hide(self.name)[:_LONGEST],
            by=hide(self.by)[:_LONGEST],
            request=hide(self.request)[:_LONGEST],
            failure=hide(self.failure)[-_LONGEST:],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, said: object) -> Finding | None:
        """Return what a file says of one; None: it says nothing that is one."""
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
