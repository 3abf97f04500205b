"""All that the documents and the code's texts name is there, and does what its context says."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
from pathlib import Path

import click
import pytest

import modelenv
from benchmarks.results.surroundings import GIVEN

from .command_lines import is_taken, of_modelenv
from .mentions import PACKAGES, Text, commands, documents, named_options, options, strings
from .pages import PAGES, ROOT

# Options of other programs that the documents name, by the program.
OTHERS = {
    "pip": """--all-releases --config-settings --global-option --hash --no-binary --no-deps
        --no-require-hashes --only-binary --only-final --pre --prefer-binary --require-hashes
        --trusted-host --uploaded-prior-to --use-feature --force-reinstall --python-platform
        --python-version""",
    "uv": "--frozen --no-dev --no-install-project --script --project --with",
    "docker": """--load --mount --network --read-only --rm --security-opt --tmpfs --prune
        --timestamp --chmod""",
    "mlflow": "--install-mlflow",
    "spark-submit": "--archives",
    "dask": "--nthreads --nworkers",
    "ray": "--runtime-env",
    "a program of the benchmarks": "--auto-select --question-answer",
}
TOP = r"(?:modelenv|tracer|resolver|envfiles|docs|tests|benchmarks|examples|findings|\.ci|\.github)"
# What stands in a text like a name of the library's, and is the name of something else.
LABELS = {"modelenv.version", "modelenv.python", "modelenv.lock.sha256", "modelenv.proof"}
FILES = {"modelenv.toml", "tracer.md", "tracer.py"}
# A name that is gone, where the CHANGELOG says by what it was replaced.
GONE = {
    *("envfiles.Artifact", "envfiles.read_requirements_file", "resolver.File", "resolver.Shelf"),
    *("resolver.RequirementsError", "resolver.hide_logins", "resolver.read"),
}


def of_benchmarks() -> set[str]:
    """Return the options of the programs of `benchmarks`, and of `.ci/slow`."""
    found = {"--list", *(f"--{name}" for name in GIVEN)}
    for file in (ROOT / "benchmarks").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {*re.findall(r"^--[\w-]+", node.value)}
    return found


def test_every_option_that_a_document_names_is_one() -> None:
    known = {name for _, command in commands() for name in options(command)} | of_benchmarks()
    known |= {name for names in OTHERS.values() for name in names.split()}
    known |= {"--requirements", "--tree"}  # of `python -m tracer`
    unknown = [
        f"{each.place}: {name}"
        for each in documents()
        for name in named_options(each.text)
        if name not in known
    ]
    assert unknown == []


def test_every_option_of_other_programs_is_named_somewhere() -> None:
    named = {name for each in documents() for name in named_options(each.text)}
    assert {name for names in OTHERS.values() for name in names.split()} <= named


def command_lines(text: str) -> list[tuple[list[str], list[str]]]:
    """Return the words behind each `modelenv`, and the options behind these."""
    found = []
    for each in re.finditer(r"(?<![\w./-])modelenv ([a-z][\w-]*(?: [a-z][\w-]*)?)([^`\n]*)", text):
        rest = re.split(r" -- |[|#;`]| modelenv |\s{3,}", each[2])[0]
        found.append((each[1].split(), named_options(rest)))
    return found


def test_a_command_has_each_option_that_it_is_shown_with() -> None:
    known = dict(commands())
    seen, wrong = 0, []
    for each in (*documents(), *strings()):
        for words, named in command_lines(each.text):
            path = tuple(words)
            while path and path not in known:
                path = path[:-1]
            seen += bool(path)
            given = named if path else []
            # What stands behind the program that `trace` runs is that program's own.
            given = given if path != ("trace",) else [name for name in given if name != "--epochs"]
            wrong += [f"{each.place}: {name}" for name in given if name not in options(known[path])]
    assert wrong == []
    assert seen > 300


def test_what_is_shown_as_a_command_is_one() -> None:
    known = {path[0] for path, _ in commands() if path}
    shown = re.compile(r"`modelenv ([a-z][\w-]+)")
    wrong = [
        f"{each.place}: {name}"
        for each in (*documents(), *strings())
        for name in shown.findall(each.text)
        if name not in known
    ]
    assert wrong == []


def refusal(words: list[str]) -> str:
    """Return why a command is not taken as it stands, but for what a sentence leaves out of it."""
    try:
        is_taken([re.sub(r"^(runs|models):/.*", "model", word) for word in words])
    except click.MissingParameter:
        return ""
    except click.UsageError as error:
        return "" if error.message.endswith("requires an argument.") else error.message
    return ""


def test_every_command_in_a_sentence_is_taken() -> None:
    told = [
        (each.place, words)
        for each in (*documents(), *strings())
        for line in re.findall(r"`(modelenv [a-z][^`]*)`", each.text)
        for words in of_modelenv(line)
    ]
    assert [f"{place}: {refusal(words)}" for place, words in told if refusal(words)] == []
    assert len(told) > 100
    assert "No such option" in refusal(["verify", "-m", "model", "--nope"])


def exists(name: str) -> bool:
    """Return whether a dotted name is a module, or something of one."""
    package, *rest = name.split(".")
    found = importlib.import_module(package)
    for number, part in enumerate(rest, 2):
        if not hasattr(found, part):
            module = ".".join(name.split(".")[:number])
            try:
                importlib.import_module(module)
            except ModuleNotFoundError:
                return False
        found = getattr(found, part)
    return True


def test_every_dotted_name_is_there() -> None:
    dotted = re.compile(rf"(?<![\w./@-])(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+")
    named = {
        name: each.place
        for each in (*documents(), *strings())
        for name in dotted.findall(each.text)
        if name != each.text  # a key, which no reader sees
    }
    known = LABELS | FILES | GONE
    lost = [
        f"{place}: {name}" for name, place in named.items() if not (name in known or exists(name))
    ]
    assert lost == []
    assert len(named) > 50


def test_every_variable_is_read() -> None:
    code = {each.text for each in strings()}
    for file in ((ROOT / ".ci").glob("[!_]*"), (ROOT / "tests").rglob("*.py")):
        code |= {name for each in file for name in re.findall(r"_?MODELENV_\w+", each.read_text())}
    named = {
        name: each.place
        for each in (*documents(), *strings())
        for name in re.findall(r"_?MODELENV_[A-Z_]*[A-Z]", each.text)
    }
    assert {name: place for name, place in named.items() if name not in code} == {}


def spelled_out(path: str) -> list[str]:
    """Return the paths that one with braces stands for."""
    found = re.search(r"\{([^}]*)\}", path)
    if found is None:
        return [path]
    return [path.replace(found[0], each, 1) for each in found[1].split(",")]


def test_every_file_of_ours_is_there() -> None:
    path = re.compile(rf"(?<![\w./@:-]){TOP}/[\w./{{}},*-]*\w\}}?(?:\.py)?")
    lost = [
        f"{each.place}: {name}"
        for each in (*documents(), *strings())
        for found in path.findall(each.text)
        for name in spelled_out(found)
        if not any(ROOT.glob(name.rstrip(".,")))
    ]
    assert lost == []


def test_the_site_has_each_option_with_its_command() -> None:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    sections = re.split(r"^##+ ", hooks.command(), flags=re.MULTILINE)
    page = {section.partition("\n")[0]: section for section in sections}
    for path, command in commands():
        if path:
            told = set(
                re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", page[" ".join(("modelenv", *path))])
            )
            # Which context a command was shown in first decides for good whether it says `-h`.
            assert options(command) - {"-h"} <= told, path


@pytest.mark.parametrize("text", ["`modelenv nope`", "`modelenv lock --nope`"])
def test_a_wrong_one_is_seen(text: str) -> None:
    (found,) = command_lines(Text("here", text).text)
    assert found in ((["nope"], []), (["lock"], ["--nope"]))
    assert not exists("modelenv.nope")
    assert not Path(ROOT, *spelled_out("docs/{nope}.md")).exists()


def calls(text: str) -> list[tuple[str, list[str]]]:
    """Return each call of a published name in some code, with its keywords; no code has none."""
    try:
        tree = ast.parse(text.replace("…", "...").replace("=...,", "=0,"))
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = ast.unparse(node.func).removeprefix("modelenv.")
            if name in dir(modelenv):
                found.append((name, [each.arg for each in node.keywords if each.arg]))
    return found


def arguments(name: str) -> set[str]:
    """Return what a published function takes; `capture` takes what `save_model` does."""
    own = inspect.signature(getattr(modelenv, name)).parameters
    passed_on = any(each.kind is each.VAR_KEYWORD for each in own.values())
    return {*own, *(arguments("save_model") if passed_on else ())}


def test_every_call_that_is_shown_has_arguments_that_there_are() -> None:
    pages = ((page, (ROOT / page).read_text("utf-8")) for page in (*PAGES, "CHANGELOG.md"))
    shown = [
        (page, *call)
        for page, text in pages
        for code in re.findall(r"^```python\n(.*?)^```$|`([^`]+)`", text, re.DOTALL | re.MULTILINE)
        for call in calls("".join(code))
    ]
    wrong = [
        f"{page}: {name}({keyword}=)"
        for page, name, keywords in shown
        for keyword in keywords
        if keyword not in arguments(name)
    ]
    assert wrong == []
    assert len(shown) > 30
