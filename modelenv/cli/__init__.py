"""The command. Its help costs no import; a subcommand is loaded when it is called."""

from __future__ import annotations

import sys

from ..base.version import VERSION

COMMANDS = {
    "trace": "Show what a program imports, for whom, and what else it touches.",
    "save": "Save the model that a function returns.",
    "capture": "Write the environment files for a model that is already pickled.",
    "predict": "Predict with a saved model in an environment of its own.",
    "verify": "Check that a saved model still gives its recorded prediction.",
    "inspect": "Tell what a model folder holds, without loading it.",
    "why": "Show every chain from the model to a requirement, a module or a file.",
    "diagnose": "Say why a model fails, and what mends it.",
    "fix": "Mend the requirements of a model that fails.",
    "minimize": "Find the smallest set of pins that still gives the recorded prediction.",
    "cache": "List and clean the environments that were built and kept.",
    "requirements": "List or edit the requirements of a saved model.",
    "lock": "Write pylock.toml: every file of the model's environment, with its hash.",
    "diff": "Tell what differs between two model folders or environment files.",
    "migrate-channels": "Move the models below the paths from one conda channel to another.",
}

_HELP = """\
Usage: modelenv [--debug] COMMAND [OPTIONS]...

  Turn a fitted model into a folder that runs anywhere.

  A model is watched while it predicts on an example; what it needed is pinned;
  the pinned set is proven to be enough; then the folder is written.

  modelenv save train:build -o churn_model      a function that returns (model, example)
  modelenv verify -m churn_model                does it still predict the same?
  modelenv predict -m churn_model -i new.json   predict in an environment of its own

Commands:
{commands}

Options:
  --version   Show the version and exit.
  --debug     Show the traceback of an error.
  -h, --help  Show this message, or that of a command, and exit.

Exit codes: 0 fine; 1 the answer is no (the proof fails, the model raises, it does
not resolve); 2 wrong use; 3 network down or our own fault; 130 interrupted."""


def help_text() -> str:
    """Return what ``modelenv --help`` prints."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return _HELP.format(commands=commands)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given in ([], ["-h"], ["--help"]):
        print(help_text())
    elif given == ["--version"]:
        print(f"modelenv {VERSION}")
    else:
        from .group import run

        run(given)
