"""The page on packs tells all that there is, and its commands run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.cli import main
from modelenv.cli.deploy.pack import pack
from modelenv.environments.given.pack_file import MANIFEST

PAGE = (Path(__file__).parents[4] / "docs" / "packs.md").read_text("utf-8")
OF_ALL = {"--model", "--index-url", "--extra-index-url", "--index-strategy", "--allow-variable"}
OF_ALL |= {"--progress", "--json", "--verify", "--quiet", "--verbose"}


def test_every_option_stands_on_the_page() -> None:
    told = set(re.findall(r"`(--[\w-]+)", PAGE))
    options = {word for each in pack.params for word in each.opts if word.startswith("--")}
    assert options - OF_ALL <= told
    assert MANIFEST in PAGE


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.slow
def test_what_the_page_shows_first_runs(
    words: Path, packed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(words, "wine_model")
    shutil.copy(packed.file, "wine.pack.tar.gz")
    Path("new.json").write_text('"other words"')
    commands = [line for block in blocks("sh")[1:2] for line in block.splitlines()]
    assert len(commands) == 3
    for command in (line.replace("new.csv", "new.json") for line in commands[:2]):
        program, *arguments = shlex.split(command)
        assert program == "modelenv"
        main(arguments)  # it exits where the answer is no
    (script,) = blocks("python")
    names: dict[str, Any] = {"modelenv": modelenv}
    exec(script, names)  # it is ours
    assert names["model"].job.environment.kind == "packed"
