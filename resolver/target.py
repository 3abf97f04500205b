"""The interpreter and platform that pins are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import Marker, default_environment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Target:
    """Describe an interpreter on a platform, as PEP 508 markers and PEP 425 tags see it.

    >>> Target.current().python_version.startswith("3.")
    True
    """

    markers: Mapping[str, str]
    """The PEP 508 environment, keys as in `packaging.markers.default_environment()`."""

    tags: tuple[str, ...] | None
    """Wheel tags, best first, as "cp311-cp311-linux_x86_64"; None: those of this interpreter."""

    @classmethod
    def current(cls) -> Target:
        """Describe the running interpreter."""
        return cls({key: str(value) for key, value in default_environment().items()}, None)

    @property
    def python_version(self) -> str:
        """The full version of the interpreter, as "3.11.7"."""
        return self.markers["python_full_version"]

    def admits(self, marker: Marker | None, extra: str = "") -> bool:
        """Tell whether a requirement with this marker counts here, while `extra` is asked for.

        >>> Target.current().admits(Marker("python_version < '3'"))
        False
        """
        return marker is None or marker.evaluate({**self.markers, "extra": extra})

    def wheel_tags(self) -> tuple[str, ...]:
        """List the wheel tags, best first; those of this interpreter are computed at each call."""
        if self.tags is not None:
            return self.tags
        from packaging.tags import sys_tags  # a thousand tags that few ask for

        return tuple(map(str, sys_tags()))
