"""``modelenv explain``: print what the page of errors says of one, or list all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ...base.telling.suggesting import near
from ..options import json_option
from ..shared.terminal import echo, echo_json
from ..shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

_PAGE = "errors.md"
_SECTION = r"^### {code}\n+`\w+`\. (.*?)(?=^##|\Z)"
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def _begun(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the codes that begin so, or the classes: what a shell completes."""
    from ...base.telling.error_codes import ERROR_CODES

    known = (*ERROR_CODES.values(), *ERROR_CODES)
    return [each for each in known if each.lower().startswith(incomplete.lower())]


@click.command()
@click.argument("error", required=False, shell_complete=_begun)
@json_option
def explain(error: str | None, *, as_json: bool) -> None:
    """Say what an error means, its usual causes and the way out.

    ERROR is the code at the end of a message, or the name of a class of errors. Without it all
    codes are listed.

    \b
    Examples:
      modelenv explain ME0209
      modelenv explain ConflictError
      modelenv explain
    """
    from ...base.telling.error_codes import ERROR_CODES
    from ..shared.look.listed import ExplainedErrors
    from ..shared.look.tell import is_page, tell

    if error is None:
        if as_json:
            echo_json({"schema": 1, "errors": {code: name for name, code in ERROR_CODES.items()}})
        elif is_page():
            tell(ExplainedErrors(tuple(_iter_sections())))
        else:
            echo("\n".join(f"{code}  {name}" for name, code in ERROR_CODES.items()))
        return
    name, code = _find(error)
    text = explanation(code, page())
    if as_json:
        echo_json({"schema": 1, "code": code, "error": name, "explanation": text})
    elif is_page():
        tell(ExplainedErrors(((code, name, text),)))
    else:
        echo(f"{code} {name}\n\n{text}")


def _iter_sections() -> Iterator[tuple[str, str, str]]:
    """Yield each code, its class, and what the page of the errors says of it."""
    from ...base.telling.error_codes import ERROR_CODES

    text = page()
    yield from ((code, name, explanation(code, text)) for name, code in ERROR_CODES.items())


def _find(word: str) -> tuple[str, str]:
    """Return the class and the code that a word names. Raises WrongUseError."""
    from ...base.telling.error_codes import ERROR_CODES

    bare = word.strip("[]").rpartition(".")[2]
    for name, code in ERROR_CODES.items():
        if bare.lower() in (name.lower(), code.lower()):
            return name, code
    meant = near(bare, ERROR_CODES)
    raise wrong_use(
        f"{word!r} is neither a code nor a class of errors.{meant} `modelenv explain` lists them"
    )


def page() -> str:
    """Return the page of the errors: it lies beside this file, or in the documents of a checkout.

    Raises WrongUseError if it is at neither place.
    """
    from pathlib import Path

    here = Path(__file__)
    places: tuple[Path, ...] = (here.with_name(_PAGE), here.parents[3] / "docs" / _PAGE)
    for place in places:
        if place.is_file():
            return place.read_text("utf-8")
    raise wrong_use(f"{_PAGE} was not installed with modelenv: install it from its wheel")


def explanation(code: str, text: str) -> str:
    """Return the section of a code in the page of the errors, without its heading, name and links.

    >>> explanation("ME0001", "### ME0001\\n\\n`SomeError`. See [it](it.md).\\n\\n### ME0002\\n")
    'See it.'
    """
    found = re.search(_SECTION.format(code=code), text, re.DOTALL | re.MULTILINE)
    return _LINK.sub(r"\1", found[1]).strip() if found else ""
