"""The page on fleets tells the truth: its examples run, its commands are taken."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from modelenv.cli.group import modelenv as group

from ..audit.worlds import advisory
from ..wheels.test_advisories import ALL

if TYPE_CHECKING:
    from .conftest import Fleet

PAGE = (Path(__file__).parents[3] / "docs" / "fleets.md").read_text("utf-8")


def test_the_examples_run_as_they_stand(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("1/models/m-1/artifacts")
    shutil.move(fleet.root, tmp_path / "mlruns")
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "a.json").write_text(json.dumps(advisory(ALL)))
    code = "\n".join(re.findall(r"<!-- example: \w+ -->\n```python\n(.*?)```", PAGE, re.DOTALL))
    words = [sys.executable, "-W", "error", "-c", code]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    lines = ended.stdout.splitlines()
    assert lines[0] == "{'whole': 1}"
    assert lines[1].startswith("whole python_function; Python 3.11.7")
    assert lines[-1] == "numpy==1.26.4 GHSA-1  1"


def commands() -> list[str]:
    block = PAGE.partition("```sh\n")[2].partition("```")[0]
    return [line.partition("#")[0].strip() for line in block.splitlines()]


@pytest.mark.parametrize("line", commands())
def test_the_commands_are_taken(line: str) -> None:
    words = shlex.split(line)[1:]
    context, command = click.Context(group), group.get_command(click.Context(group), words[0])
    assert isinstance(command, click.Group)
    single = command.get_command(context, words[1])
    assert single is not None
    single.make_context(words[1], words[2:], parent=context)
