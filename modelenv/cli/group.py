"""Running a subcommand, and turning its errors into a message and an exit status."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ..base import VERSION
from .commands import COMMANDS, help_text
from .shared.look.notes import notes_as_lines
from .shared.suggesting import SuggestingGroup
from .shared.terminal import any_encoding

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_ENDING = ("SIGTERM", "SIGHUP")


class Lazy(SuggestingGroup):
    """A group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a typical workflow."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one subcommand."""
        if cmd_name not in COMMANDS:
            return None
        file, _ = COMMANDS[cmd_name]
        module = import_module(f".{file}", __package__)
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the help text, without importing subcommands."""
        return help_text()

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return the subcommands that a word begins, of which none is loaded, and the options."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=line)
            for name, (_, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--no-config", is_flag=True, help="Read no modelenv.toml and no pyproject.toml.")
@click.pass_context
def modelenv(ctx: click.Context, debug: bool, no_config: bool) -> None:
    """Turn a fitted model into a folder that runs anywhere."""
    if not no_config and ctx.invoked_subcommand is not None:
        from .shared.defaults.reading import defaults_of

        ctx.default_map = defaults_of(modelenv, ctx.invoked_subcommand, tuple(COMMANDS))


def run(arguments: list[str]) -> None:
    """Run one subcommand and exit with its status."""
    try:
        with _ending_in_order(), notes_as_lines(), any_encoding():
            modelenv.main(arguments, prog_name="modelenv", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # each is reported with its exit status
        from .shared.answering import answer

        sys.exit(answer(error, arguments, modelenv))


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Raise an exception on a terminating signal, so that temporary files are removed."""
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
