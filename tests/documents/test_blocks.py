"""Each block of the documents is run, or checked for what it is, or says why it is neither."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from modelenv.batch.files.run_files import FilesPredicted
from modelenv.folder.documents.trace_file import TraceFile

from .command_lines import is_taken, of_modelenv
from .given import GIVEN
from .outputs import alike
from .pages import MARKS, PAGES, READ, ROOT, RUN, Block, blocks, given

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ALL = [block for page in PAGES for block in blocks(page)]
KNOWN = MARKS | {"tests"}  # what `.ci/run` looks for
# What a block may need that the tests cannot have; a reason names one of them.
LACKED = re.compile(
    r"^needs (Docker|a cluster of \w+|a registry|a service|MLflow|a project of \d+|hours"
    r"|half an hour|an hour of a quiet machine|a quarter of an hour; `\.ci/run` runs it)"
)


def of(*languages: str) -> list[object]:
    return [pytest.param(each, id=each.place) for each in ALL if each.language in languages]


def test_there_is_no_fourth_kind() -> None:
    wrong = []
    before: Block | None = None
    for block in ALL:
        if block.language not in {*RUN, *READ, "text"} or not block.marks.keys() <= KNOWN:
            wrong.append(f"{block.place}: {block.language or 'no language'}, {[*block.marks]}")
        if "not run" in block.marks and not LACKED.search(block.marks["not run"]):
            wrong.append(f"{block.place}: not run: {block.marks['not run']}")
        if block.is_output and (before is None or before.page != block.page or before.is_output):
            wrong.append(f"{block.place}: it is the output of no block")
        if block.language in {*RUN, "text"}:
            before = block
    assert wrong == []


def test_a_block_is_read_with_its_marks() -> None:
    page = "a\n\n<!-- exit: 1 -->\n<!-- file: a.py -->\n```python\nx = 1\n```\n\n```\ny\n```\n"
    first, second = blocks("a.md", page)
    assert (first.line, first.language, first.text) == (5, "python", "x = 1\n")
    assert first.marks == {"exit": "1", "file": "a.py"}
    assert (second.line, second.language, second.marks) == (9, "", {})


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_starts_with_can_be_made(page: str) -> None:
    assert set(given(page)) <= set(GIVEN)


@pytest.mark.parametrize("block", of("json"))
def test_json_is_json(block: Block) -> None:
    assert json.loads(re.sub(r"…", "0", block.text)) is not None


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml_is_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", of("toml"))
def test_toml_is_toml(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", of("dockerfile"))
def test_a_dockerfile_has_instructions_alone(block: Block) -> None:
    known = {"FROM", "USER", "RUN", "COPY", "ENV", "WORKDIR", "ENTRYPOINT", "CMD", "ARG"}
    assert {line.split()[0] for line in block.text.splitlines() if line[:1] not in " #"} <= known


@pytest.mark.parametrize("block", of("python"))
def test_python_is_python(block: Block) -> None:
    if ">>> " not in block.text:
        ast.parse(block.text)


@pytest.mark.parametrize("block", of("sh"))
def test_commands_are_taken_as_they_stand(block: Block) -> None:
    for words in of_modelenv(block.text):
        # What MLflow would fetch is a folder here.
        is_taken([re.sub(r"^(runs|models):/.*", "model", word) for word in words])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/tmp/a/wine: numpy==2.4.6, 7 pins", "/home/me/wine: numpy==2.1, 7 pins"),
        ("  a   1.5 kB\n\n b 12.0 MB", "a 1 kB b 3 MB"),
        ("one\ntwo\nthree", "one\n...\nthree"),
        ("asked for by /x/code/train.py:9; end", "asked for by …/code/train.py:9; end"),
        ("it took 0.21, 1.30 in all", "it took 0.01, 2.00 in all"),
    ],
)
def test_what_varies_is_not_compared(said: str, shown: str) -> None:
    assert alike(said, shown)


@pytest.mark.parametrize(
    ("said", "shown"), [("7 pins", "8 pins"), ("a b", "a"), ("a.py:9", "a.py:8"), ("yes", "…no")]
)
def test_the_rest_is(said: str, shown: str) -> None:
    assert not alike(said, shown)


def only(page: str, language: str, number: int = 0) -> Block:
    return [block for block in blocks(page) if block.language == language][number]


def test_the_trace_of_the_page_is_read(tmp_path: Path) -> None:
    (tmp_path / "trace.json").write_text(only("docs/folders.md", "json").text)
    imports = {each["name"]: each for each in TraceFile.read(tmp_path).imports}
    assert [*imports] == ["kiln", "kiln.core", "kiln.core.heat", "json", "kiln.fast"]
    assert imports["kiln.core.heat"]["file"] == "kiln/core/heat.py"
    assert (imports["json"]["importer"], imports["json"]["line"]) == ("kiln", 4)
    assert (imports["kiln"]["seconds"], imports["json"]["seconds"]) == (0.0214, 0.0101)
    assert not imports["kiln.fast"]["loaded"]


def test_the_summary_of_the_page_has_the_keys_of_a_run() -> None:
    shown = json.loads(only("docs/predict-files.md", "json").text)
    assert shown.keys() == {"schema", *(each.name for each in fields(FilesPredicted))}


def test_the_hook_of_the_page_is_ours_and_its_words_are_taken() -> None:
    (repo,) = yaml.safe_load(only("docs/projects.md", "yaml").text)["repos"]
    (ours,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (hook,) = repo["hooks"]
    assert hook["id"] == ours["id"]
    is_taken([*ours["entry"].split()[1:], *hook["args"]])


def test_the_action_of_the_page_is_ours_and_its_words_are_taken() -> None:
    workflow = yaml.safe_load(only("docs/projects.md", "yaml", 1).text)
    (step,) = [each for each in workflow["jobs"]["models"]["steps"] if "with" in each][-1:]
    path = step["uses"].partition("/modelenv/")[2].partition("@")[0]
    action = yaml.safe_load((ROOT / path / "action.yml").read_text("utf-8"))
    assert step["with"].keys() <= action["inputs"].keys()
    for model in step["with"]["models"].split():
        is_taken(["verify", "-m", model, *shlex.split(step["with"]["arguments"])])
