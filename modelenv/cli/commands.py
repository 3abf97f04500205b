"""The table of commands: the module of each, and its line in the help."""

from __future__ import annotations

COMMANDS = {
    "trace": ("run.trace", "Show what a program imports, for whom, and what else it touches."),
    "save": ("save", "Save the model that a function returns."),
    "capture": ("save", "Write the environment files for a model that is already pickled."),
    "predict": ("run.predict", "Predict with a saved model in an environment of its own."),
    "serve": ("deploy.serve", "Answer HTTP with saved models, each in an environment of its own."),
    "generate-dockerfile": ("deploy.ship", "Write a folder from which any builder makes an image."),
    "build-docker": ("deploy.ship", "Build an image that serves a model, and predict in it."),
    "export": ("deploy.export", "Write a model in the form of another tool, or as an image."),
    "pack": ("deploy.pack", "Write the environment of a model as one file."),
    "verify": ("run.verify", "Check that a saved model still gives its recorded prediction."),
    "inspect": ("run.inspect", "Show what a model folder holds, without loading it."),
    "why": ("run.inspect", "Show every chain from the model to a requirement, a module or a file."),
    "report": ("run.inspect", "Write a page on a model: what it needs and why, what was proven."),
    "diagnose": ("repair", "Say why a model fails, and what mends it."),
    "fix": ("repair", "Mend the requirements of a model that fails."),
    "minimize": (
        "repair",
        "Find the smallest set of pins that still gives the recorded prediction.",
    ),
    "revive": ("time.reviving", "Turn an old model into one that runs: locked, in a new folder."),
    "upgrade": (
        "time.upgrading",
        "Find the newest libraries and Python with which a model predicts what it did.",
    ),
    "bisect": (
        "time.bisection",
        "Find which version of which distribution changed a prediction.",
    ),
    "audit": ("run.audit", "Find the advisories on a model's pins, and how to mend them."),
    "cache": ("deploy.cache", "List and clean the environments that were built and kept."),
    "requirements": ("edit", "List or edit the requirements of a saved model."),
    "lock": ("edit", "Write pylock.toml: every file of the model's environment, with its hash."),
    "diff": (
        "run.inspect",
        "Show what differs between two model folders, lists or environment files.",
    ),
    "fleet": ("fleet.group", "Verify, inspect, audit, lock or migrate many models at once."),
    "migrate-channels": (
        "edit",
        "Move the models below the paths from one conda channel to another.",
    ),
    "explain": ("help.explain", "Say what an error means, its usual causes and the way out."),
    "completion": ("help.completion", "Print the script that completes this command in a shell."),
}
"""The commands by name."""

_HELP = """\
Usage: modelenv [--debug] [--no-config] COMMAND [OPTIONS]...

  Turn a fitted model into a folder that runs anywhere.

  A model is watched while it predicts on an example; what it needed is pinned;
  the pinned set is proven to be enough; then the folder is written.

  modelenv save train:build -o churn_model      a function that returns (model, example)
  modelenv verify -m churn_model                does it still predict the same?
  modelenv predict -m churn_model -i new.json   predict in an environment of its own

Commands:
{commands}

Options:
  --version    Show the version and exit.
  --debug      Show the traceback of an error.
  --no-config  Read no modelenv.toml and no [tool.modelenv] of pyproject.toml.
  -h, --help   Show this message, or that of a command, and exit.

Exit codes: 0 fine; 1 the answer is no (the proof fails, the model raises, it does
not resolve); 2 wrong use; 3 network down or our own fault; 130 interrupted.
Defaults of a project stand in modelenv.toml, as `env-manager = "uv"` in a table
[verify], or in pyproject.toml below [tool.modelenv]; never in a model folder.
With --json an error is a document on standard output, too."""


def help_text() -> str:
    """Return the output of ``modelenv --help``."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {line}" for name, (_, line) in COMMANDS.items())
    return _HELP.format(commands=commands)
