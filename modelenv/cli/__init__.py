"""The command: one file a subcommand, loaded when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ..errors import ModelenvError
from ..version import VERSION
from .failures import exit_code

_COMMANDS = {
    "save": "Save the model that a function returns.",
    "capture": "Write the environment files for a model that is already pickled.",
    "predict": "Predict with a saved model in an environment of its own.",
    "verify": "Check that a saved model still gives its recorded prediction.",
    "inspect": "Tell what a model folder holds, without loading it.",
}

_EPILOG = """Exit codes: 0 fine; 1 the answer is no (the proof fails, the model raises, it does not
resolve); 2 wrong use; 3 network down or our own fault; 130 interrupted."""


class Lazy(click.Group):
    """A group whose subcommands are imported when they are called, not for the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one subcommand."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f".{cmd_name}", __name__), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=Lazy, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="modelenv")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def modelenv(debug: bool) -> None:
    """Turn a fitted model into a folder that runs anywhere.

    A model is watched while it predicts on an example; what it needed is pinned; the pinned set is
    proven to be enough; then the folder is written.

    \b
    modelenv save train:build -o churn_model      a function that returns (model, example)
    modelenv verify -m churn_model                does it still predict the same?
    modelenv predict -m churn_model -i new.json   predict in an environment of its own
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    try:
        modelenv.main(given, prog_name="modelenv", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        code = exit_code(error)
        known = isinstance(error, ModelenvError) or code != 3
        kind = "" if known else f"{type(error).__name__}: "
        click.echo(f"modelenv: {kind}{error}", err=True)
        if not known:
            click.echo("modelenv --debug … shows where this came from", err=True)
        sys.exit(code)
