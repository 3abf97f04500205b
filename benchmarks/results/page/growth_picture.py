"""The curves of the results page: how the cost of each step grows, on logarithmic scales."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log10

from ..figures import Figure, Found, number
from . import svg

Curve = Sequence[tuple[int, float]]
"""Sizes, and CPU seconds."""

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 860, 360, 84, 300
_MARGIN, _PANEL, _PLOT = 64, 272, 150
_APART = 14


def curves_of(found: Found) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Return the curves by what there is more of, and by the step."""
    curves: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for each in found.figures:
        if each.size is not None and _is_time(each):
            steps = curves.setdefault(each.things, {})
            steps.setdefault(each.text, []).append((each.size, each.value))
    return {
        things: {step: sorted(curve) for step, curve in steps.items()}
        for things, steps in curves.items()
    }


def exponent(curve: Curve) -> float:
    """Return to which power of the size the cost grows between the last two sizes.

    >>> exponent([(10, 0.5), (100, 1.0), (1000, 10.0)])
    1.0
    """
    (fewer, less), (more, most) = curve[-2:]
    return log10(most / less) / log10(more / fewer)


def growth_picture(found: Found) -> str:
    """Return a panel of curves for each of the things that there are more of, as SVG."""
    curves = curves_of(found)
    values = [value for steps in curves.values() for curve in steps.values() for _, value in curve]
    bottom, top = floor(log10(min(values))), ceil(log10(max(values)))
    title = "What it costs where there is more of something"
    parts = [
        svg.text(24, 36, title, "head"),
        svg.text(
            24, 58, "CPU seconds, both scales logarithmic · dashed: in proportion", "small quiet"
        ),
        *_seconds(bottom, top),
    ]
    kinds: dict[str, str] = {}
    for place, (things, steps) in enumerate(curves.items()):
        kinds |= _coloured(steps, kinds)
        parts += _panel(_MARGIN + place * _PANEL, things, steps, kinds, (bottom, top))
    return svg.picture(_WIDTH, _HEIGHT, title, _described(curves), parts)


def _is_time(figure: Figure) -> bool:
    return figure.unit == "CPU s"


def _seconds(bottom: int, top: int) -> Iterator[str]:
    for power in range(bottom, top + 1):
        y = _height(10**power, bottom, top)
        yield svg.text(_MARGIN - 8, y + 4, f"{number(10.0**power)} s", "small quiet right")


def _coloured(steps: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return a colour for each step of a panel: the one that it has in another panel, if any."""
    names = list(steps)
    taken = {known[name] for name in names if name in known}
    free = iter(kind for kind in svg.SERIES if kind not in taken)
    return {name: known.get(name) or next(free) for name in names}


def _panel(
    left: float,
    things: str,
    steps: Mapping[str, Curve],
    kinds: Mapping[str, str],
    powers: tuple[int, int],
) -> Iterator[str]:
    bottom, top = powers
    sizes = sorted({size for curve in steps.values() for size, _ in curve})
    scale = _Across(left, sizes)
    for power in range(bottom, top + 1):
        y = _height(10**power, bottom, top)
        yield svg.path("grid", f"M{left} {y:.1f}h{_PLOT}")
    for size in sizes:
        yield svg.text(scale.x(size), _BOTTOM + 20, f"{size:,}", "small quiet", anchor="middle")
    yield svg.text(left + _PLOT / 2, _BOTTOM + 40, things, "small bold", anchor="middle")
    yield from _in_proportion(scale, sizes, bottom, top)
    for step, curve in steps.items():
        places = [(scale.x(size), _height(value, bottom, top)) for size, value in curve]
        yield svg.line(f"{kinds[step]}-line", places)
        yield from (svg.dot(f"{kinds[step]}-dot", *place) for place in places)
    ends = {step: _height(curve[-1][1], bottom, top) for step, curve in steps.items()}
    for step, y in _spread(ends).items():
        yield svg.text(left + _PLOT + 10, y + 4, step, f"small {kinds[step]}-text")


class _Across:
    """A logarithmic scale of sizes, over the width of a panel."""

    def __init__(self, left: float, sizes: Sequence[int]) -> None:
        self.left = left
        self.least = log10(sizes[0])
        self.span = (log10(sizes[-1]) - self.least) or 1.0

    def x(self, size: float) -> float:
        return self.left + _PLOT * (log10(size) - self.least) / self.span


def _height(value: float, bottom: int, top: int) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (log10(value) - bottom) / (top - bottom)


def _in_proportion(scale: _Across, sizes: Sequence[int], bottom: int, top: int) -> Iterator[str]:
    """Yield the line of a cost that grows as the number does, which ends in the upper corner."""
    most = float(10**top)
    least = max(most * sizes[0] / sizes[-1], float(10**bottom))
    begin = max(sizes[0], sizes[-1] * 10.0**bottom / most)
    points = [
        (scale.x(begin), _height(least, bottom, top)),
        (scale.x(sizes[-1]), _height(most, bottom, top)),
    ]
    yield svg.line("ahead", points)


def _spread(places: Mapping[str, float]) -> dict[str, float]:
    """Return places of labels that do not overlap, in the same order."""
    ordered = sorted(places, key=lambda name: places[name])
    found = {name: places[name] for name in ordered}
    for above, below in pairwise(ordered):
        found[below] = max(found[below], found[above] + _APART)
    if ordered and found[ordered[-1]] > _BOTTOM:
        found[ordered[-1]] = float(_BOTTOM)
        for above, below in reversed(list(pairwise(ordered))):
            found[above] = min(found[above], found[below] - _APART)
    return found


def _described(curves: Mapping[str, Mapping[str, Curve]]) -> str:
    parts = []
    for things, steps in curves.items():
        for step, curve in steps.items():
            costs = ", ".join(f"{number(value)} s with {size:,}" for size, value in curve)
            parts.append(f"{things}, {step}: {costs}")
    return ". ".join(parts) + "."
