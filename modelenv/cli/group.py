"""Run a subcommand, and turn what it raises into a message and an exit code."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click

from ..base.doors import as_ours
from ..base.errors import ModelenvError
from .commands import COMMANDS, help_text
from .shared.refusals import SuggestingGroup, document, message, notes_as_lines, speller
from .shared.terminal import any_encoding, echo, echo_json, give_up_output, is_of_output

INTERRUPTED = 130  # as a shell has it, by SIGINT
_ENDING = ("SIGTERM", "SIGHUP")


class Lazy(SuggestingGroup):
    """A group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one subcommand."""
        if cmd_name not in COMMANDS:
            return None
        file, _ = COMMANDS[cmd_name]
        module = import_module(f".{file}", __package__)
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the text that needs no subcommand to be loaded."""
        return help_text()


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def modelenv(debug: bool) -> None:
    """Turn a fitted model into a folder that runs anywhere."""


def run(arguments: list[str]) -> None:
    """Run one subcommand and exit with its code."""
    try:
        with _ending_in_order(), notes_as_lines(), any_encoding():
            modelenv.main(arguments, prog_name="modelenv", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # each is told, with its code
        usual = isinstance(error, click.ClickException | click.Abort | KeyboardInterrupt)
        if "--debug" in arguments and not usual:
            echo("".join(traceback.format_exception(error)).rstrip(), err=True)
            sys.exit(exit_code(error))
        sys.exit(_told(error, arguments))


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Unwind this process where a signal ends it: workers and temporary folders go with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]

    def leave(number: int, _: object) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in taken:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _told(error: Exception | KeyboardInterrupt, arguments: list[str]) -> int:
    """Refuse, on standard error where standard output takes nothing, and return the exit code."""
    if is_of_output(error):
        give_up_output(error)
        return exit_code(error)
    try:
        with any_encoding():
            return _refuse(error, arguments)
    except OSError as refused:
        give_up_output(refused)
    return _refuse(error, [word for word in arguments if word != "--json"])


def _refuse(error: Exception | KeyboardInterrupt, arguments: list[str]) -> int:
    """Say why nothing more is done, in words or in JSON, and return the exit code of that."""
    code = exit_code(error)
    command, words = _command_of(arguments)
    spell = speller(command, modelenv)
    if "--json" in words:
        echo_json(document(error, spell, code))
    elif isinstance(error, click.ClickException):
        echo(_usage_of(error), err=True)
    elif code == INTERRUPTED:
        echo("interrupted", err=True)
    elif is_expected(error):
        echo(f"modelenv: {message(error, spell)}", err=True)
    else:
        echo(f"modelenv: {type(error).__name__}: {error}", err=True)
        echo("modelenv --debug … shows where this came from", err=True)
    return code


def _usage_of(error: click.ClickException) -> str:
    """Return what click says of wrong use, with the usage of the command that it speaks of."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return f"Error: {error.format_message()}"
    hint = f"Try '{context.command_path} {context.help_option_names[0]}' for help.\n"
    return f"{context.get_usage()}\n{hint}\nError: {error.format_message()}"


def _command_of(arguments: list[str]) -> tuple[click.Command | None, list[str]]:
    """Return the command that was called, and those of the words that are its own."""
    command: click.Command | None = modelenv
    words = arguments
    while isinstance(command, click.Group):
        named = next((word for word in words if not word.startswith("-")), None)
        if named is None:
            break
        words = words[words.index(named) + 1 :]
        command = command.get_command(click.Context(command), named)
    own_words = getattr(command, "own_words", _before_dashes)  # what is traced has its own
    return command, own_words(words)


def _before_dashes(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def exit_code(error: BaseException) -> int:
    """Return 1 where the answer is no, 2 for wrong use, 3 for the network or a fault of ours."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        return error.exit_code
    ours = as_ours(error) if isinstance(error, Exception) else error
    return ours.exit_code if isinstance(ours, ModelenvError) else 3


def is_expected(error: BaseException) -> bool:
    """Return whether an error is one of ours, whose message says all, and no fault of ours."""
    return isinstance(error, Exception) and isinstance(as_ours(error), ModelenvError)
