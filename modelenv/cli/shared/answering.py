"""The error that ended a command, as text or as JSON, with its exit status."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from ...base.doors import as_ours
from ...base.errors import ModelenvError, Spell
from .look.beside import is_log, tell_beside
from .look.loudness import VERBOSE
from .refusals import code_of, coded, detail_of, document, message, speller, ways_of
from .suggesting import wording
from .terminal import any_encoding, drop_errors, echo, echo_json, give_up_output, is_of_output

if TYPE_CHECKING:
    from .look.blocks import Page

INTERRUPTED = 130  # as a shell reports SIGINT
_VERBOSE = {VERBOSE, "--verbose"}
_DEBUG = "modelenv --debug …"
_HELP_INSTEAD = getattr(click.exceptions, "NoArgsIsHelpError", ())  # click before 8.2 has none


def answer(error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group) -> int:
    """Print the error that ended a command of a group, and return the exit status.

    If standard error takes nothing, the status is all that can be told.
    """
    code = exit_code(error)
    usual = isinstance(error, click.ClickException | click.Abort | KeyboardInterrupt)
    try:
        if "--debug" in arguments and not usual:
            echo("".join(traceback.format_exception(error)).rstrip(), err=True)
        elif is_of_output(error):
            give_up_output(error)
        else:
            _tell(error, arguments, group, code)
    except OSError:
        drop_errors()
    return code


def _tell(
    error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group, code: int
) -> None:
    """Print the refusal, on standard error if standard output is closed."""
    try:
        with any_encoding():
            _refuse(error, arguments, group, code)
    except OSError as refused:
        give_up_output(refused)
        _refuse(error, [word for word in arguments if word != "--json"], group, code)


def _refuse(
    error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group, code: int
) -> None:
    """Print the error as text or JSON, with its exit status."""
    command, words = _command_of(arguments, group)
    spell = speller(command, group)
    if "--json" in words:
        echo_json(document(error, spell, code))
    elif code == INTERRUPTED:
        echo("interrupted", err=True)
    elif isinstance(error, _HELP_INSTEAD):
        echo(str(error.format_message()), err=True)
    else:
        tell_beside(_as_text(error, spell), lambda: _as_page(error, spell, command, words))


def _as_text(error: BaseException, spell: Spell) -> str:
    """Return what a pipe gets of an error."""
    if isinstance(error, click.ClickException):
        usage, hint = _usage_of(error)
        said = f"Error: {wording(error)}"
        return f"{usage}\nTry '{hint}' for help.\n\n{said}" if usage else said
    if is_expected(error):
        return coded(f"modelenv: {message(error, spell)}", error)
    return f"modelenv: {type(error).__name__}: {error}\n{_DEBUG} shows where this came from"


def _as_page(
    error: BaseException, spell: Spell, command: click.Command | None, words: list[str]
) -> Page:
    """Return what a terminal shows of an error of a command, which was called with some words."""
    from .look.pages.refusals import fault, refusal, wrong_words

    if isinstance(error, click.ClickException):
        return wrong_words(wording(error), *_usage_of(error))
    if not is_expected(error):
        return fault(f"{type(error).__name__}: {error}", _DEBUG)
    return refusal(
        message(error, spell),
        code=code_of(error),
        ways=ways_of(error, spell),
        detail=detail_of(error),
        whole=is_log() or not _VERBOSE.isdisjoint(words),
        hint=VERBOSE if _takes(command, VERBOSE) else "",
    )


def _takes(command: click.Command | None, option: str) -> bool:
    return command is not None and any(option in each.opts for each in command.params)


def _usage_of(error: click.ClickException) -> tuple[str, str]:
    """Return the usage of the command that was called, and the words that ask for its help."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return "", ""
    return context.get_usage(), f"{context.command_path} {context.help_option_names[0]}"


def _command_of(arguments: list[str], group: click.Group) -> tuple[click.Command | None, list[str]]:
    """Return the command that was called, and its own words."""
    command: click.Command | None = group
    words = arguments
    while isinstance(command, click.Group):
        named = next((word for word in words if not word.startswith("-")), None)
        if named is None:
            break
        words = words[words.index(named) + 1 :]
        command = command.get_command(click.Context(command), named)
    own_words = getattr(command, "own_words", _before_dashes)  # a traced program has its own
    return command, own_words(words)


def _before_dashes(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def exit_code(error: BaseException) -> int:
    """Return 1 if the answer is no, 2 for wrong use, 3 for the network or a fault of modelenv."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        return error.exit_code
    ours = as_ours(error) if isinstance(error, Exception) else error
    return ours.exit_code if isinstance(ours, ModelenvError) else 3


def is_expected(error: BaseException) -> bool:
    """Return whether an error has a message for the user, rather than being a bug."""
    return isinstance(error, Exception) and isinstance(as_ours(error), ModelenvError)
