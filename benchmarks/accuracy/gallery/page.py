"""The page of the gallery: what was found of each example, between comments of its text.

Everything else on the page is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .making import Made
from .peer import Listed

_BLOCK = "<!-- found: {name} -->\n{text}\n<!-- end of it -->"
_PLACE = "<!-- found: {name} -->\n.*?<!-- end of it -->"
WIDTH = 100


def write_page(
    page: Path, made: Mapping[str, Made], listed: Mapping[str, Sequence[Listed]]
) -> None:
    """Put what was found into the page, each example at its place.

    Raises `ValueError` where the page has no place for one.
    """
    text = page.read_text("utf-8")
    for name, each in made.items():
        block = _BLOCK.format(name=name, text=told(each, listed.get(name, ())))
        pattern = re.compile(_PLACE.format(name=re.escape(name)), re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{page}: no place for {name}: {_PLACE.format(name=name)}")
        text = pattern.sub(lambda _, block=block: block, text)  # type: ignore[misc]
    page.write_text(text, "utf-8")


def told(made: Made, listed: Sequence[Listed] = ()) -> str:
    """Return what was found of an example, as the page has it."""
    report = made.report
    lines = [
        f"{made.example.saved}: {report.headline}",
        f"Python {made.python}, {len(report.pins)} pins; those that the model itself needs:",
        *_table(report.own),
        *map(_short, (*report.found, *([report.left_out] if report.left_out else []))),
        f"verify --env-manager uv: {made.verified.partition(' in ')[0]}",
    ]
    block = "\n".join(["```text", *lines, "```"])
    return "\n\n".join([block, *peer_paragraphs(listed)])


def peer_paragraphs(listed: Sequence[Listed]) -> list[str]:
    """Return what MLflow wrote and what came of it; releases that do the same share a paragraph."""
    releases: dict[str, list[str]] = {}
    for each in listed:
        releases.setdefault(_peer_sentences(each), []).append(each.release)
    return [
        "\n".join(_wrap(f"MLflow {' and '.join(those)}: {text}", WIDTH))
        for text, those in releases.items()
    ]


def _peer_sentences(listed: Listed) -> str:
    if not listed.requirements:
        return _sentence(listed.outcome)
    names = [f"`{re.split('[=<>!~; ]', line)[0]}`" for line in listed.requirements]
    without = (
        f" The example is refused ({listed.refused.rstrip('.')}); the list is made without it."
    )
    return (
        f"the list has {', '.join(names)}.{without if listed.refused else ''}"
        f" Elsewhere {_sentence(listed.outcome)}"
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."


def _table(pins: Mapping[str, str]) -> list[str]:
    width = max(map(len, pins), default=0)
    return [f"  {pin:<{width}}  {why.partition('; via ')[0]}" for pin, why in pins.items()]


def _short(line: str) -> str:
    """Cut a line of the report at the width of the page; what is cut stands in the report."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 2].rstrip()} …"


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
