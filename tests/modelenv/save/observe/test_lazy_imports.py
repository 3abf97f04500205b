"""Unused lazy imports are reported, with the way to keep them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import modelenv
from modelenv.environments.interpreter import Python
from modelenv.folder.code.code_plan import CodePlan
from modelenv.folder.errors import NotPicklableError
from modelenv.save.observe.lazy_imports import find_unused
from tracer import ImportRecord, Trace

lazy = pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports are of Python 3.15")
FILES = {
    "stall/__init__.py": (
        "lazy from .till import count\n"
        "lazy from .cellar import dig\n"
        "lazy import stall_sibling\n"
        "lazy import fruit, spade\n"
        "class Model:\n"
        "    def predict(self, data):\n"
        "        if data == 'dig': return dig(), stall_sibling.X, spade.x\n"
        "        return fruit.X + count(data)\n"
    ),
    "stall/till.py": "def count(data): return len(data)\n",
    "stall/cellar.py": "def dig(): return 1\n",
    "stall_sibling.py": "X = 2\n",
}


def record(name: str, how: str = "lazy", **more: Any) -> ImportRecord:
    return ImportRecord(
        order=0,
        name=name,
        file=None,
        importer="own",
        importer_file=more.pop("importer_file", "/home/me/own.py"),
        line=3,
        loaded=how != "lazy",
        phase="load",
        how=how,
        **more,
    )


def unused(
    *records: ImportRecord, pins: tuple[str, ...] = (), carried: tuple[str, ...] = ()
) -> list[str]:
    job = SimpleNamespace(model=Path("/tmp/.staged.partial/model.py"))
    captured: Any = SimpleNamespace(trace=Trace.of(records), job=job)
    installed = Python.current().installed()
    return [str(each) for each in find_unused(captured, installed, pins, CodePlan(names=carried))]


def test_what_no_pin_brings_is_named_with_its_statement(own_site: Any) -> None:
    own_site.install("big-spade", {"spade.py": ""})
    assert unused(record("spade")) == ["spade (/home/me/own.py:3, of big-spade)"]
    assert unused(record("spade"), pins=("big-spade",)) == []
    assert unused(record("spade"), record("spade", "imported")) == []


def test_a_script_that_is_being_saved_has_its_name_alone() -> None:
    (told,) = unused(record("my_sibling", importer_file="/tmp/.staged.partial/model.py"))
    assert told == "my_sibling (model.py:3, of your own)"


def test_what_is_nobodys_is_the_users_own() -> None:
    assert unused(record("my_sibling")) == ["my_sibling (/home/me/own.py:3, of your own)"]
    (told,) = unused(record("own.cellar"), carried=("own",))
    assert told == "own.cellar (/home/me/own.py:3, which travels; what it imports was not seen)"


NOTE = "what is pickled names the lazy import of 'own', at own.py:2"


@pytest.mark.parametrize(
    ("cause", "notes", "said"),
    [
        (ModuleNotFoundError("No module", name="own"), [NOTE], "own is not installed here"),
        (ImportError("cannot import name"), ["by pickle", NOTE], "it cannot be loaded"),
        (ImportError("cannot import name"), ["by pickle"], ""),
        (TypeError("cannot pickle 'lock'"), [], ""),
    ],
)
def test_one_that_cannot_be_pickled_is_named(
    cause: BaseException, notes: list[str], said: str
) -> None:
    cause.__notes__ = notes  # type: ignore[attr-defined,unused-ignore]
    told = str(NotPicklableError("model", cause))
    assert (f"{NOTE}, and {said}." in told) is bool(said)
    assert ("locks" in told) is not bool(said)


@pytest.fixture
def stall(project: Any, own_site: Any) -> Any:
    for name, text in FILES.items():
        project.write(name, text)
    for name in ("fruit", "spade"):
        own_site.install(name, {f"{name}.py": "X = 1\n"})
    return __import__("stall").Model()


@lazy
@pytest.mark.parametrize("in_process", [False, True])
def test_nothing_shrinks_a_folder_without_a_word(
    stall: Any, target: Path, in_process: bool
) -> None:
    account = modelenv.save_model(
        stall, target, input_example="ab", trace_in_process=in_process, seal="off"
    )
    # In process, hypothesis may be seen too: it is called whenever garbage is collected.
    own = [pin for pin in account.pins if not pin.startswith(("hypothesis", "sortedcontainers"))]
    assert own == ["fruit==1.0"]
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    told = [(each.module, each.asked_by.rpartition(":")[2]) for each in account.unused_lazy]
    assert told == [("spade", "4"), ("stall.cellar", "2"), ("stall_sibling", "3")]
    assert "lazily imported, not used by the example: spade (" in str(account)
    assert "further_examples=" in str(account)
    assert [each["module"] for each in account.to_json()["unused_lazy"]] == [
        name for name, _ in told
    ]


@lazy
def test_the_ways_that_are_named_keep_it(stall: Any, tmp_path: Path, target: Path) -> None:
    account = modelenv.save_model(
        stall,
        target,
        input_example="ab",
        code_paths=[tmp_path / "project" / "stall_sibling.py"],
        extra_pip_requirements=["spade"],
        prove=False,
    )
    assert account.pins == ("fruit==1.0", "spade==1.0")
    assert (target / "code" / "stall_sibling.py").is_file()
    assert [each.module for each in account.unused_lazy if not each.travels] == []


@lazy
@pytest.mark.parametrize("words", [{"PYTHON_LAZY_IMPORTS": "all"}, {}])
def test_where_everything_is_lazy_a_model_is_saved(
    project: Any,
    own_site: Any,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: dict[str, str],
) -> None:
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    own_site.install("fruit", {"fruit.py": "X = 1\n"})
    own_site.install("spade", {"spade.py": "X = 1\n"})
    project.write(
        "plain.py",
        "import fruit\nimport spade\nimport never_used\n"
        "class Model:\n    def predict(self, data): return fruit.X if data else spade.X\n",
    )
    project.write("never_used.py", "Y = 1\n")
    model = __import__("plain").Model()
    sys.set_lazy_imports("all")  # type: ignore[attr-defined,unused-ignore]
    try:
        account = modelenv.save_model(model, target, input_example=[1], seal="off")
    finally:
        sys.set_lazy_imports("normal")  # type: ignore[attr-defined,unused-ignore]
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert account.pins == ("fruit==1.0", "spade==1.0")  # as wherever the mode is not set
    assert (target / "code" / "never_used.py").is_file()
    assert account.unused_lazy == ()
    said = any("PYTHON_LAZY_IMPORTS=all makes every import lazy" in each for each in account.notes)
    assert said is bool(words)


@lazy
def test_a_function_of_a_script_that_was_not_called_yet_is_saved(
    own_site: Any, target: Path
) -> None:
    own_site.install("fruit", {"fruit.py": "X = 1\n"})
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec("lazy import fruit\ndef predict(data): return fruit.X", scope)
    account = modelenv.save_model(scope["predict"], target, input_example=[1], seal="off")
    assert "fruit==1.0" in account.pins
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
