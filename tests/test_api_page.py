"""The page of the published names names them all, with the errors and the variables."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import envfiles
import modelenv
import resolver
import tracer

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
ROOTS = {
    "modelenv": modelenv.ModelenvError,
    "tracer": tracer.TracerError,
    "resolver": resolver.ResolverError,
    "envfiles": envfiles.EnvFilesError,
}


def named(package: str) -> set[str]:
    """Return the names in the tables of a package's section."""
    section = re.search(rf"^## {package}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None
    return set(re.findall(r"^\| `(\w+)`", section[1], re.MULTILINE))


def below(kind: type[Exception]) -> set[str]:
    """Return the names of all errors of a package that are of a kind."""
    package = kind.__module__.partition(".")[0]
    own = [each for each in kind.__subclasses__() if each.__module__.partition(".")[0] == package]
    return {each.__name__ for each in own}.union(*map(below, own))


@pytest.mark.parametrize("package", ROOTS)
def test_every_published_name_and_every_error_stands_on_the_page(package: str) -> None:
    module = importlib.import_module(package)
    for each in pkgutil.walk_packages(module.__path__, f"{package}."):
        if each.name.rpartition(".")[2] in ("errors", "arguments", "pylock"):
            importlib.import_module(each.name)
    for name in module.__all__:
        getattr(module, name)  # an error may stand beside what raises it
    errors = {ROOTS[package].__name__} | below(ROOTS[package])
    assert named(package) == set(module.__all__) | errors


def test_every_variable_that_is_read_stands_on_the_page() -> None:
    texts = (
        file.read_text("utf-8") for package in ROOTS for file in (ROOT / package).rglob("*.py")
    )
    read = {name for text in texts for name in re.findall(r'"(_?MODELENV_[A-Z_]+)"', text)}
    assert {"MODELENV_CACHE_DIR", "MODELENV_INDEX_STRATEGY"} <= read
    assert {name for name in read if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize(
    ("name", "meant"),
    [("verify_model", "verify"), ("inspect", "inspect_model"), ("load", "load_model")],
)
def test_a_function_by_a_likely_other_name_is_told_with_its_own(name: str, meant: str) -> None:
    words = [sys.executable, "-c", f"import modelenv; modelenv.{name}"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.stderr.endswith(f"has no attribute {name!r}: the function is {meant}\n")
