"""The results as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..catalogue import BENCHMARKS
from ..figures import Figure, Found, bounded, number
from ..record import Record
from .growth_picture import Curve, curves_of, exponent

HIDDEN = ", where no import shows the need"
"""How the texts of the second group of the accuracy benchmark end."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a table; the columns after the first `words` are numbers, on the right."""
    marks = [*["---"] * words, *["--:"] * (len(head) - words)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, marks, *rows))


def bounds(record: Record) -> str:
    """Return every figure that has a bound; what does not hold is bold."""
    rows = [
        [f"`{each.benchmark}`: {_what(figure)}", _value(figure), _bound(figure)]
        for each in record.found
        for figure in bounded(each.figures)
    ]
    return table(["figure", "measured", "bound"], rows)


def tools(found: Found) -> Iterator[str]:
    """Yield what each tool made of the models, a line each: those with hidden needs apart."""
    for hidden in (False, True):
        figures = [each for each in found.figures if each.text.endswith(HIDDEN) is hidden]
        texts = list(dict.fromkeys(each.text for each in figures))
        rows = []
        for who in dict.fromkeys(each.who for each in figures):
            of = {each.text: each for each in figures if each.who == who}
            rows.append([who, *(_count(of.get(text)) for text in texts)])
        if rows:
            yield table(["tool", *(text.removesuffix(HIDDEN) for text in texts)], rows)


def growth(found: Found) -> Iterator[str]:
    """Yield a table for each of the things that there are more of."""
    for things, steps in curves_of(found).items():
        sizes = sorted({size for curve in steps.values() for size, _ in curve})
        rows = [
            [step, *(_seconds(curve, size) for size in sizes), _power(curve)]
            for step, curve in steps.items()
        ]
        head = [f"{things}: CPU s", *(f"{size:,}" for size in sizes), "grows as"]
        yield table(head, rows)


def others(found: Found) -> str:
    """Return the figures of a benchmark that have no bound: those of each tool beside another."""
    free = [each for each in found.figures if each.holds is None]
    whos = list(dict.fromkeys(each.who for each in free))
    rows: dict[tuple[str, str], dict[str, Figure]] = {}
    for each in free:
        rows.setdefault((_what(each), each.unit), {})[each.who] = each
    lines = [[what, *(_cell(of.get(who)) for who in whos)] for (what, _), of in rows.items()]
    return table([f"`{found.benchmark}`", *whos], lines)


def left_out(reasons: Mapping[str, str]) -> str:
    """Return what was not measured, and why."""
    rows = [[f"`{name}`", why.replace("|", "/")] for name, why in reasons.items()]
    return table(["benchmark", "left out, since"], rows, words=2)


def places(record: Record) -> str:
    """Return when, where and with what each benchmark ran."""
    rows = []
    for each in record.found:
        machine = each.machine
        rows.append(
            [
                f"`{each.benchmark}`{' (quick)' if each.quick else ''}",
                each.measured.replace("T", " ").removesuffix("Z"),
                _minutes(each.seconds),
                each.versions["Python"],
                f"{machine['system']}, {machine['cores']} x {machine['processor']}",
                "" if machine["load"] is None else f"{machine['load']}",
            ]
        )
    return table(["benchmark", "measured, UTC", "took", "Python", "machine", "load"], rows, words=5)


def in_order(record: Record) -> Iterator[Found]:
    """Yield what was found in the order of the catalogue."""
    order = list(BENCHMARKS)
    yield from sorted(record.found, key=lambda each: order.index(each.benchmark))


def _what(figure: Figure) -> str:
    """Return what a figure is of, with its size; the unit stands with the value."""
    size = "" if figure.size is None else f", {figure.size:,} {figure.things}"
    return f"{figure.text}{size}".replace("|", "/")


def _value(figure: Figure) -> str:
    word = f"{number(figure.value)} {figure.unit}".rstrip()
    return word if figure.holds else f"**{word}**"


def _seconds(curve: Curve, size: int) -> str:
    found = dict(curve).get(size)
    return "" if found is None else number(found)


def _power(curve: Curve) -> str:
    return f"n^{exponent(curve):.2f}" if len(curve) > 1 else ""


def _bound(figure: Figure) -> str:
    """Return a bound by its sign.

    >>> _bound(Figure("a save", 1.43, most=1.75))
    '≤ 1.75'
    """
    least = () if figure.least is None else (f"≥ {number(figure.least)}",)
    return ", ".join((*least, *(() if figure.most is None else (f"≤ {number(figure.most)}",))))


def _count(figure: Figure | None) -> str:
    """Return a cell of what is counted in distributions, which the page says once."""
    if figure is not None and figure.unit == "distributions":
        return number(figure.value)
    return _cell(figure)


def _cell(figure: Figure | None) -> str:
    return "" if figure is None else f"{number(figure.value)} {figure.unit}".rstrip()


def _minutes(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
