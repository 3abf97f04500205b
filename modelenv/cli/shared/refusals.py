"""Refusals of the command as text or JSON, with its own option names."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any, TypeGuard

import click

from ...base.doors import as_ours
from ...base.errors import ModelenvError, NamedOption, Spell, UserCodeError
from ...base.files.disk import in_place, with_way_out
from .suggesting import wording

_OURS = "modelenv."
_SIBLINGS = ("resolver", "envfiles")
_CALLED = {"add": "lines", "set": "lines", "replace_all": "lines", "remove": "names"}
"""The command's names for the words of an edit, by the function's arguments."""
_NEVER, _NO_INDEX = NamedOption("index", "never"), NamedOption("no_index", value=True)
"""An argument of an edit and of a resolution, and the option that says it."""
_AUTO = NamedOption("index", "auto")
"""Its other value, which no option says: ``--no-index`` is left out."""
_VALUE = re.compile(
    r"(?P<with>with )?(?<![\w.-])(?P<name>[a-z_]+)="
    r"""(?P<value>True|False|"[a-z-]+"|'[a-z-]+')"""
)
_SPELLED_BY = ("save", "verify")
"""The commands in which options are looked up that the running one lacks."""


def speller(command: click.Command | None, group: click.Group) -> Spell:
    """Return a function that writes a function's option as on the command line: ``--no-prove``.

    Options are named like the function's arguments; they are looked up in the command that ran,
    then in those of saving and running. One that no command has is written as in Python.
    """
    context = click.Context(group)
    others = tuple(group.get_command(context, name) for name in _SPELLED_BY)

    def spell(option: NamedOption) -> str:
        asked = _NO_INDEX if option == _NEVER else option
        for each in filter(None, (command, *others)):
            for parameter in each.params:
                if parameter.name == asked.name and _says(parameter, asked.value):
                    return _written(parameter, asked.value)
                if parameter.name == asked.name and asked.value is None:
                    return parameter.make_metavar(context).strip("[].")
        return str(option)

    return spell


def _says(parameter: click.Parameter, value: object) -> TypeGuard[click.Option]:
    """Tell whether an option can say a value: a switch says no word."""
    if not isinstance(parameter, click.Option):
        return False
    return not (parameter.is_bool_flag and isinstance(value, str))


def _written(option: click.Option, value: object) -> str:
    name = next((each for each in option.opts if each.startswith("--")), option.opts[0])
    if option.is_flag:
        return f"no {name}" if value is False and not name.startswith("--no-") else name
    return name if value is None else f"{name} {value}"


def as_options(text: str, spell: Spell, names: Sequence[str] = ()) -> str:
    """Return a function's message with its arguments replaced by options of the command.

    These are locations of lines (``constraints[0]``), and advice (``strict=True``); `names` are
    arguments that appear alone.
    """

    def place(found: re.Match[str]) -> str:
        return f"{_bare(spell, found[1], found[1])}[{found[2]}]"

    def value(found: re.Match[str]) -> str:
        option = NamedOption(found["name"], ast.literal_eval(found["value"]))
        if option == _AUTO and found["with"]:
            return f"without {spell(_NEVER)}"
        written = spell(option)
        return found[0] if written == str(option) else f"{found['with'] or ''}{written}"

    text = re.sub(r"(?<![\w.-])([a-z_]+)\[(\d+)\]", place, text)
    for name in names:
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?!\w)", _bare(spell, name, name), text)
    text = _VALUE.sub(value, text)
    return re.sub(r"(--[a-z][a-z-]*(?: [a-z]+)?) \(\1\)", r"\1", text)


def _bare(spell: Spell, name: str, otherwise: str) -> str:
    written = spell(NamedOption(_CALLED.get(name, name)))
    return written if written.startswith("--") or written.isupper() else otherwise


def message(error: BaseException, spell: Spell) -> str:
    """Return the message of an error for the command line."""
    if isinstance(error, click.ClickException):
        return wording(error)
    ours = as_ours(error) if isinstance(error, Exception) else error
    said = ours.told(spell) if isinstance(ours, ModelenvError) else str(error)
    return in_place(with_way_out(_spelled(said, error, spell), error))


def _spelled(said: str, error: BaseException, spell: Spell) -> str:
    """Return what an error says with options of the command; errors of modelenv write these."""
    if type(error).__module__.partition(".")[0].endswith(_SIBLINGS):
        return as_options(said, spell, getattr(error, "names", ()))
    return said


def coded(said: str, error: BaseException) -> str:
    """Return a message with the code of its error at the end, after many lines on one of its own.

    >>> from modelenv.base.errors import WrongUseError
    >>> coded("modelenv: the folder is gone", WrongUseError())
    'modelenv: the folder is gone [ME0002]'
    """
    code = code_of(error)
    between = "\n" if "\n" in said else " "
    return f"{said}{between}[{code}]" if code else said


def code_of(error: BaseException) -> str:
    """Return the code of an error as it leaves a public function; empty: it has none."""
    ours = as_ours(error) if isinstance(error, Exception) else error
    return ours.code if isinstance(ours, ModelenvError) else ""


def document(error: BaseException, spell: Spell, code: int) -> dict[str, Any]:
    """Return an error as a JSON document: its class, its code, its message, and its fields."""
    verdict = getattr(error, "verdict", None)
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "code": code_of(error),
        "message": message(error, spell) or "interrupted",
        "stage": getattr(error, "stage", "") or getattr(verdict, "stage", ""),
        "ways_out": _ways_out(error, spell),
    }
    known = {key: value for key, value in told.items() if value}
    return {"schema": 1, "error": {**known, "exit_code": code}}


def _ways_out(error: BaseException, spell: Spell) -> list[str]:
    advice = getattr(error, "advice", ())  # the resolver's advice on a conflict
    return [*advice, *(error.ways_out(spell) if isinstance(error, ModelenvError) else ())]


def ways_of(error: BaseException, spell: Spell) -> list[str]:
    """Return the ways out of an error, those too that its message alone names."""
    own = getattr(error, "way_out", "")  # of a class that has one field for it
    found = [*_ways_out(error, spell), *([own] if isinstance(own, str) and own else [])]
    return [_spelled(each, error, spell) for each in found]


def detail_of(error: BaseException) -> str:
    """Return the traceback of the model, or the end of what it printed, that a message ends with.

    Of an error in the user's function that is the traceback of its cause, which no message has.
    """
    if isinstance(error, UserCodeError):
        from traceback import format_exception

        frame = error.cause.__traceback__
        while frame is not None and frame.tb_frame.f_globals.get("__name__", "").startswith(_OURS):
            frame = frame.tb_next
        return "".join(format_exception(type(error.cause), error.cause, frame))
    told = getattr(error, "detail", "") or getattr(getattr(error, "verdict", None), "detail", "")
    return told if isinstance(told, str) else ""
