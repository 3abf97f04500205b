"""Names that cannot be resolved without a build, their dependents, and the ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..requirements.references import hide_logins
from .errors import UnbuiltError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..search.graph import Node
    from ..search.resolution import Resolution
    from ..search.unbuilt import Unbuilt
    from ..search.universe import Universe


def find_unbuilt(
    answer: Resolution, choice: Mapping[str, Node], universe: Universe
) -> UnbuiltError | None:
    """Return the error that names what has to be built before an answer; None: nothing has."""
    found = (universe.unbuilt(choice[pin.name].candidate) for pin in answer.pins)
    unbuilt = tuple(each for each in found if each is not None)
    if not unbuilt:
        return None
    return UnbuiltError(
        tuple(hide_logins(_sentence(each, answer)) for each in unbuilt),
        tuple(_advice(unbuilt)),
        names=tuple(each.name for each in unbuilt),
        unbuilt=unbuilt,
    )


def _sentence(each: Unbuilt, answer: Resolution) -> str:
    because = ", ".join(map(str, answer.why(each.name)))
    return f"- {each} ({each.reason}); asked for by {because}"


def _advice(unbuilt: tuple[Unbuilt, ...]) -> Iterator[str]:
    lines = " ".join(f"{each.name}=={each.candidate.version}" for each in unbuilt)
    yield "Ways out: --build builds it here, and the wheel travels (pip install 'modelenv[build]');"
    yield f"pip wheel --no-deps -w wheels {lines}, then --find-links wheels;"
    yield "install it here; or ask for another version, where one has a wheel."
