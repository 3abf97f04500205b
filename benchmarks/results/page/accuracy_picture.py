"""The picture of the README: what each tool makes of each model, a square for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..figures import Found, number
from . import svg

TOOLS = {
    "modelenv": ("modelenv", ""),
    "pip freeze": ("pip freeze", ""),
    "MLflow": ("MLflow", ""),
    "MLflow, itself taken out": ("MLflow", ", itself removed"),
    "pigar": ("pigar", ""),
    "pipreqs": ("pipreqs", ""),
}
"""Those that are shown: their name in the picture, and what is said beside it in small."""
SAME, EXACT = "predicts the same", "exactly what it needs"
HIDDEN = ", where no import shows the need"
COLUMNS = {"superfluous": "superfluous", "drifted": "drifted", "capture": "cost"}
"""The columns of numbers: text of the figure, and its head."""

_WIDTH, _TOP, _ROW = 860, 128, 44
_LABEL, _FIRST, _PITCH, _SIDE = 24, 176, 13, 10
_ENDS = (722, 778, 836)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many models a tool reproduces: all, exactly, and of how many."""

    same: int
    exact: int
    models: int


def accuracy_picture(found: Found) -> str:
    """Return the picture of an accuracy benchmark, as SVG."""
    values = {(each.who, each.text): (each.value, each.unit) for each in found.figures}
    names = [name for name in TOOLS if (name, SAME) in values]
    shown = {name: list(_groups(values, name)) for name in names}
    groups = [each for pair in shown.values() for each in pair[:1]]
    models = max(each.models for each in groups if each)
    hidden = max((second.models for _, second in shown.values() if second), default=0)
    height = _TOP + _ROW * len(shown) + 52
    title = "The same model, rebuilt elsewhere from what each tool wrote"
    parts = [*_head(title, models, hidden)]
    for place, (name, groups) in enumerate(shown.items()):
        parts += _row(_TOP + _ROW * place, name, groups, values)
    for below, foot in enumerate(_feet(models, found.measured[:10])):
        parts.append(svg.text(_LABEL, height - 32 + 16 * below, foot, "small quiet"))
    return svg.picture(_WIDTH, height, title, _described(shown, values), parts)


def in_words(found: Found) -> str:
    """Return what the picture shows in one line."""
    of = {each.who: each for each in found.figures if each.text == SAME}
    models = of["modelenv"].unit.removeprefix("of ")
    names = [name for name, (_, beside) in TOOLS.items() if name in of and not beside]
    tools = ", ".join(f"{name} {number(of[name].value)}" for name in names)
    return f"Same predictions, of {models}: {tools}"


def _groups(
    values: Mapping[tuple[str, str], tuple[float, str]], name: str
) -> Iterator[_Counts | None]:
    """Yield the counts of the models whose imports show what is needed, and of the others."""
    for where in ("", HIDDEN):
        found = values.get((name, SAME + where))
        if found is None:
            yield None
            continue
        exact = values[name, EXACT + where][0]
        yield _Counts(int(found[0]), int(exact), int(found[1].removeprefix("of ")))


def _head(title: str, models: int, hidden: int) -> Iterator[str]:
    yield svg.text(_LABEL, 36, title, "head")
    words = (
        ("strong", "the same prediction, with exactly what it needs"),
        ("weak", "the same, with more or other versions"),
        ("open", "no, or another prediction"),
    )
    across = float(_LABEL)
    for kind, label in words:
        yield svg.path(kind, _squares(1, across, 54))
        yield svg.text(across + 16, 64, label, "small quiet")
        across += 34 + 6.1 * len(label)
    yield svg.text(_FIRST, _TOP - 16, f"{models} models", "small bold")
    if hidden:
        label = f"{hidden} with hidden needs"
        yield svg.text(_second(models), _TOP - 16, label, "small bold")
    for end, label in zip(_ENDS, COLUMNS.values(), strict=True):
        yield svg.text(end, _TOP - 16, label, "small bold right")


def _feet(models: int, day: str) -> Iterator[str]:
    yield (
        "hidden needs: data, a library, a program, metadata, an edit: what no import shows"
        f" · superfluous, drifted: distributions, in all {models}"
    )
    yield f"cost: seconds of the capture in predictions, of modelenv with its proof · {day}"


def _row(
    top: float,
    name: str,
    groups: Sequence[_Counts | None],
    values: Mapping[tuple[str, str], tuple[float, str]],
) -> Iterator[str]:
    ours = name == "modelenv"
    yield svg.path("rule", f"M{_LABEL} {top - 8}H{_WIDTH - _LABEL}")
    first, second = groups
    assert first is not None
    label, beside = TOOLS[name]
    yield svg.text(_LABEL, top + 10, label, "bold ours" if ours else "bold")
    yield svg.text(_LABEL, top + 26, f"{first.same} of {first.models}{beside}", "small quiet")
    yield from _models(first, _FIRST, top)
    if second is not None:
        yield from _models(second, _second(first.models), top)
    else:
        yield svg.text(_second(first.models), top + 16, "not measured", "small quiet")
    for end, text in zip(_ENDS, COLUMNS, strict=True):
        value = values.get((name, text))
        word = _word(text, value[0]) if value else ""
        yield svg.text(end, top + 16, word, "right bold ours" if ours else "right")


def _word(text: str, value: float) -> str:
    return f"{value:.1f} x" if text == "capture" else number(value)


def _models(counts: _Counts, left: float, top: float) -> Iterator[str]:
    """Yield a square for each model, in columns of two."""
    kinds = (
        ("strong", 0, counts.exact),
        ("weak", counts.exact, counts.same),
        ("open", counts.same, counts.models),
    )
    for kind, begin, end in kinds:
        if begin < end:
            yield svg.path(kind, _squares(end, left, top, begin))


def _squares(end: int, left: float, top: float, begin: int = 0) -> str:
    places = ((left + place // 2 * _PITCH, top + place % 2 * _PITCH) for place in range(begin, end))
    return "".join(f"M{x:g} {y:g}h{_SIDE}v{_SIDE}h-{_SIDE}z" for x, y in places)


def _second(models: int) -> float:
    """Return where the second group of models begins."""
    return _FIRST + (models + 1) // 2 * _PITCH + 14


def _described(
    shown: Mapping[str, Sequence[_Counts | None]],
    values: Mapping[tuple[str, str], tuple[float, str]],
) -> str:
    """Return the numbers of the picture in words, for who does not see it."""
    lines = []
    for name, (first, second) in shown.items():
        assert first is not None
        words = [
            f"{''.join(TOOLS[name])}: {first.same} of {first.models} models predict the same,"
            f" {first.exact} with exactly what they need"
        ]
        words += [
            f"{number(values[name, text][0])} {label}"
            for text, label in COLUMNS.items()
            if (name, text) in values and text != "capture"
        ]
        if second is not None:
            words.append(f"{second.same} of {second.models} where no import shows the need")
        lines.append("; ".join(words))
    return ". ".join(lines) + "."
