"""The error that ended a command, as text or as JSON, with its exit status."""

from __future__ import annotations

import traceback

import click

from ...base.doors import as_ours
from ...base.errors import ModelenvError
from .refusals import coded, document, message, speller
from .terminal import any_encoding, echo, echo_json, give_up_output, is_of_output

INTERRUPTED = 130  # as a shell reports SIGINT


def answer(error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group) -> int:
    """Print the error that ended a command of a group, and return the exit status."""
    usual = isinstance(error, click.ClickException | click.Abort | KeyboardInterrupt)
    if "--debug" in arguments and not usual:
        echo("".join(traceback.format_exception(error)).rstrip(), err=True)
        return exit_code(error)
    return _told(error, arguments, group)


def _told(error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group) -> int:
    """Print the refusal, on standard error if standard output is closed; return the exit status."""
    if is_of_output(error):
        give_up_output(error)
        return exit_code(error)
    try:
        with any_encoding():
            return _refuse(error, arguments, group)
    except OSError as refused:
        give_up_output(refused)
    return _refuse(error, [word for word in arguments if word != "--json"], group)


def _refuse(error: Exception | KeyboardInterrupt, arguments: list[str], group: click.Group) -> int:
    """Print the error as text or JSON, and return the exit status."""
    code = exit_code(error)
    command, words = _command_of(arguments, group)
    spell = speller(command, group)
    if "--json" in words:
        echo_json(document(error, spell, code))
    elif isinstance(error, click.ClickException):
        echo(_usage_of(error), err=True)
    elif code == INTERRUPTED:
        echo("interrupted", err=True)
    elif is_expected(error):
        echo(coded(f"modelenv: {message(error, spell)}", error), err=True)
    else:
        echo(f"modelenv: {type(error).__name__}: {error}", err=True)
        echo("modelenv --debug … shows where this came from", err=True)
    return code


def _usage_of(error: click.ClickException) -> str:
    """Return click's usage error with the usage of its command."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return f"Error: {error.format_message()}"
    hint = f"Try '{context.command_path} {context.help_option_names[0]}' for help.\n"
    return f"{context.get_usage()}\n{hint}\nError: {error.format_message()}"


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
