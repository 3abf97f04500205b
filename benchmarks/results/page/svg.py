"""Pictures for light and dark: a card with its own ground, colours by meaning, no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_LIGHT = {
    "ground": "#ffffff",
    "edge": "#d5dae1",
    "ink": "#1b2733",
    "quiet": "#5a6775",
    "strong": "#0b7a6f",
    "weak": "#9fd3c7",
    "open": "#a9b2bd",
    "second": "#b4531a",
    "third": "#4a57b8",
    "fourth": "#8a3f86",
    "fifth": "#7a6410",
    "sixth": "#5a6775",
}
_DARK = {
    "ground": "#10181f",
    "edge": "#33414e",
    "ink": "#e8edf2",
    "quiet": "#a3b0bd",
    "strong": "#2fc3ae",
    "weak": "#20665d",
    "open": "#566473",
    "second": "#f0945a",
    "third": "#98a4ff",
    "fourth": "#dc93d8",
    "fifth": "#d9bf5b",
    "sixth": "#a3b0bd",
}
SERIES = ("strong", "second", "third", "fourth", "fifth", "sixth")
"""Colours of lines, in their order."""
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"


def picture(width: int, height: int, title: str, description: str, parts: Iterable[str]) -> str:
    """Return a whole SVG; `title` and `description` say in words what it shows."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
            f"<style>{_style()}</style>",
            f'<rect class="card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="10"/>',
            *parts,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> str:
    """Return a line of text; `kind` are classes: `quiet`, `small`, `bold`, `head`, `big`."""
    more = f' class="{kind}"' if kind else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{_short(x)}" y="{_short(y)}"{more}>{escape(words)}</text>'


def path(kind: str, data: str) -> str:
    """Return a path of a class."""
    return f'<path class="{kind}" d="{data}"/>'


def line(kind: str, points: Iterable[tuple[float, float]]) -> str:
    """Return a line through points."""
    return path(kind, "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points))


def dot(kind: str, x: float, y: float) -> str:
    """Return the mark of a measured point."""
    return f'<circle class="{kind} dot" cx="{_short(x)}" cy="{_short(y)}" r="3"/>'


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _style() -> str:
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in theme.items())
        for theme in (_LIGHT, _DARK)
    )
    lines = "".join(
        f".{name}-line{{stroke:var(--{name})}}.{name}-dot{{fill:var(--{name})}}"
        f".{name}-text{{fill:var(--{name})}}"
        for name in SERIES
    )
    return (
        f"svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"
        f"text{{font:14px {FONT};fill:var(--ink)}}"
        ".quiet{fill:var(--quiet)}.small{font-size:12px}.bold{font-weight:650}"
        ".head{font-size:19px;font-weight:650}.right{text-anchor:end}"
        ".ours{fill:var(--strong)}"
        ".card{fill:var(--ground);stroke:var(--edge)}.strong{fill:var(--strong)}"
        ".weak{fill:var(--weak)}.open{fill:none;stroke:var(--open)}"
        ".rule,.grid{stroke:var(--edge);fill:none}"
        ".ahead{stroke:var(--quiet);stroke-dasharray:3 4;fill:none}"
        f"[class$=line]{{fill:none;stroke-width:2.2;stroke-linejoin:round}}{lines}"
    )
