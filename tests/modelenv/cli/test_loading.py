"""The modules that a subcommand loads; the seconds are in the benchmarks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv

# A help that click writes loads click's own needs, once; then each of ours is written.
HELPS = """
import contextlib, io, json, sys
import click

click.Command("plain", params=[click.Option(["--path"], type=click.Path())], help="Text.").main(
    ["--help"], standalone_mode=False
)
from modelenv.cli import main
from modelenv.cli.commands import COMMANDS

GROUPS = {
    "cache": ("list", "clear", "prune"),
    "fleet": ("verify", "inspect", "audit", "lock", "migrate"),
    "requirements": ("list", "add", "remove", "set"),
}
told = {}
for words in ([name, *more] for name in COMMANDS for more in ((), *zip(GROUPS.get(name, ())))):
    before = set(sys.modules)
    with contextlib.redirect_stdout(io.StringIO()) as written:
        main([*words, "--help"])
    assert written.getvalue().startswith(f"Usage: modelenv {' '.join(words)} [OPTIONS]")
    told[" ".join(words)] = sorted(set(sys.modules) - before)
print(json.dumps(told))
"""
# Signals are looked at before any word is, and a stream brings its encoding.
OURS_ALONE = re.compile(
    r"modelenv(\.base(\.version|\.telling(\.suggesting)?)?|\.cli(\..*)?)?"
    r"|signal|encodings\..*",
    re.ASCII,
)


def test_the_help_of_a_subcommand_loads_click_and_the_command_alone() -> None:
    words = [sys.executable, "-c", HELPS]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    told: dict[str, list[str]] = json.loads(ended.stdout.splitlines()[-1])
    for name, loaded in told.items():
        assert not [each for each in loaded if not OURS_ALONE.fullmatch(each)], name
    assert sum(map(len, told.values())) < 55


@pytest.mark.parametrize("wanted", [True, False])
def test_a_command_leaves_the_collector_as_it_was(wanted: bool) -> None:
    state = "enable" if wanted else "disable"
    script = (
        f"import gc; gc.{state}(); from modelenv.cli import main; main(); print(gc.isenabled())"
    )
    words = [sys.executable, "-c", script, "cache", "--help"]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == str(wanted)


RUN = """
import contextlib, io, json, sys
from modelenv.cli import main

with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""
# What takes long to load, and what a replica of what is installed does not need.
NEVER = {
    "asyncio",
    "email",
    "http",
    "importlib.metadata",
    "modelenv.batch",
    "modelenv.environments.builders.conda",
    "modelenv.environments.builders.uv",
    "modelenv.environments.cached",
    "modelenv.folder.rewrite",
    "modelenv.serving",
    "resolvelib",
    "resolver.index",
    "ssl",
    "urllib.request",
    "urllib3",
}


def test_a_run_in_a_replica_loads_no_builder_and_no_index(project: Any, target: Path) -> None:
    model = project.model("return len(data)")
    modelenv.save_model(model, target, input_example=[1, 2], prove=False)
    for command in ("verify", "predict"):
        words = [sys.executable, "-c", RUN, command, "-m", str(target)]
        ended = subprocess.run(words, capture_output=True, text=True, check=True)
        loaded = json.loads(ended.stdout)
        assert "modelenv.run.isolated" in loaded
        assert not NEVER & set(loaded), command
