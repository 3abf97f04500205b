"""The pages tell all that there is, and what they tell to ask the README's model answers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import click
import pytest

from modelenv.cli.deploy.serve import serve
from modelenv.serving.http.pages import parts
from modelenv.serving.models.hosted import HostedModels
from modelenv.serving.observing.metrics import Metrics
from modelenv.serving.server import ServerOptions
from modelenv.serving.server import serve as in_python
from modelenv.serving.workers.pool import Limits

from .serving import ROOT, Server, serving

PAGES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md")
HELP = serve.get_help(click.Context(serve, info_name="serve"))
TEXTS = {**{page.name: page.read_text("utf-8") for page in PAGES}, "help": HELP}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command of curl."""
    for found in re.finditer(r"^ *(curl (?:.*\\\n)*.*)", text, re.MULTILINE):
        yield shlex.split(found[1])


ALL = [(name, words) for name, text in TEXTS.items() for words in commands(text)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the model that `examples/quickstart.py` saves."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("wine")
    script = (ROOT / "examples" / "quickstart.py").read_text("utf-8")
    faster = script.replace("overwrite=True", "prove=False")
    assert faster != script
    subprocess.run([sys.executable, "-c", faster], cwd=folder, capture_output=True, check=True)
    with serving(folder / "server", "-m", str(folder / "wine_model")) as made:
        rows = json.loads((folder / "wine_model" / "input_example.json").read_text())
        (folder / "new.json").write_text(json.dumps({"instances": rows}))
        yield made


def test_examples_are_found() -> None:
    assert {"commands.md", "serving.md", "help"} <= {name for name, _ in ALL}


def test_the_page_names_every_option() -> None:
    told = TEXTS["serving.md"].partition("## Options")[2].partition("\n## ")[0]
    options = [each for each in serve.params if isinstance(each, click.Option)]
    names = [name for each in options for name in (*each.opts, *each.secondary_opts)]
    assert len(names) > 30
    assert [name for name in names if f"`{name}" not in told] == ["--model"]


def test_the_command_and_the_call_do_the_same_where_nothing_is_said() -> None:
    of_call = {name: each.default for name, each in signature(in_python).parameters.items()}
    of_command = serve.make_context("serve", ["-m", "x"]).params
    of_command["timeout"] = of_command.pop("within")
    same = set(of_call) & set(of_command) - {"models", "log_format"}
    assert {"host", "workers", "timeout", "max_body", "queue", "grace", "batch", "seal"} <= same
    assert {name: of_command[name] for name in same} == {name: of_call[name] for name in same}
    for made in (ServerOptions(), Limits()):
        told = {"max_body" if each.name == "largest" else each.name for each in fields(made)}
        for name in told & set(of_call) - {"log"}:
            assert getattr(made, "largest" if name == "max_body" else name) == of_call[name], name


def test_the_page_names_every_metric() -> None:
    told = TEXTS["serving.md"].partition("## Metrics")[2].partition("\n## ")[0]
    page = Metrics(HostedModels([])).page().decode()
    kinds = re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)
    assert "modelenv_requests_total" in kinds
    assert [name for name in kinds if f"`{name}`" not in told] == []


def test_the_page_names_every_event() -> None:
    told = TEXTS["serving.md"].partition("## The log")[2].partition("\n## ")[0]
    code = "".join(each.read_text("utf-8") for each in (ROOT / "modelenv/serving").rglob("*.py"))
    events = set(re.findall(r'(?:\.event|as_json)\(\s*"(\w+)"', code))
    assert {"started", "model_error", "unforeseen"} <= events
    assert [name for name in sorted(events) if f"`{name}`" not in told] == []


@pytest.mark.parametrize("path", parts.STATE)
def test_the_page_names_every_path_of_operators(path: str) -> None:
    assert re.search(rf"[ `]{re.escape(path)}`", TEXTS["serving.md"])


@pytest.mark.parametrize("page", ["serving.md", "watching.md", "images.md"])
def test_a_page_is_found_from_the_first_one(page: str) -> None:
    assert f"(docs/{page})" in TEXTS["README.md"]


def test_what_they_send_has_a_number_for_each_column_of_the_wines() -> None:
    bodies = [word for _, words in ALL for word in words if word.startswith('{"instances"')]
    assert len(bodies) > 1
    assert {len(row) for body in bodies for row in json.loads(body)["instances"]} == {13}


@pytest.mark.slow
@pytest.mark.parametrize("words", [words for _, words in ALL], ids=[name for name, _ in ALL])
def test_an_example_is_answered(server: Server, words: list[str]) -> None:
    url = urlsplit(next(word for word in words if word.startswith("http")))
    assert url.netloc in ("127.0.0.1:5000", "127.0.0.1:8080")  # the latter of an image
    said = dict(pairwise(words))
    data = said.get("-d") or said.get("--data-binary")
    if data is not None and data.startswith("@"):
        data = (server.log_file.parent.parent / data[1:]).read_text()
    name, _, value = said.get("-H", "accept: */*").partition(": ")
    with server.connected() as connection:
        connection.request("GET" if data is None else "POST", url.path, data, {name: value})
        answer = connection.getresponse()
        told: Any = answer.read().decode()
    assert answer.status == 200, told
