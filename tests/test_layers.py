"""Imports flow one way."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")
TRAVELS = [
    *(ROOT / "tracer" / "probe").rglob("*.py"),
    *(ROOT / "modelenv" / "seal" / "starter").glob("*.py"),
    *(
        ROOT / "modelenv" / "worker" / f"{name}.py"
        for name in ("worker", "values", "value_types", "frames")
    ),
    *(
        ROOT / "modelenv" / "worker" / "comparing" / f"{name}.py"
        for name in ("apart", "compare", "differences", "meaning", "of_json", "parts")
    ),
    *(
        ROOT / "modelenv" / "worker" / "processes" / f"{name}.py"
        for name in ("own", "failures", "subinterpreters", "line", "params")
    ),
    *(
        ROOT / "modelenv" / "worker" / "report" / f"{name}.py"
        for name in ("library_settings", "listening")
    ),
    ROOT / "modelenv" / "worker" / "resident" / "resident_worker.py",
    *(ROOT / "modelenv" / "serving" / "inside").rglob("[!_]*.py"),
    *(ROOT / "modelenv" / "batch" / "inside").rglob("[!_]*.py"),
    *(ROOT / "modelenv" / "fleet" / "inside").rglob("[!_]*.py"),
    *(ROOT / "modelenv" / "ship" / "inside").rglob("[!_]*.py"),
    *(ROOT / "modelenv" / "time" / "inside").rglob("[!_]*.py"),
    *(ROOT / "modelenv" / "export" / "inside").rglob("[!_]*.py"),
    *(
        ROOT / "modelenv" / "table" / "crossing" / f"{name}.py"
        for name in ("raw", "classes", "check", "times")
    ),
    *(
        ROOT / "modelenv" / "table" / f"{name}.py"
        for name in ("errors", "column_type", "objects", "table", "values")
    ),
    *(ROOT / "modelenv" / "table" / "libraries").glob("[!_]*.py"),
    *(ROOT / "modelenv" / "table" / "incoming").glob("[!_]*.py"),
    ROOT / "modelenv" / "folder" / "loader.py",
    ROOT / "modelenv" / "folder" / "mlflow_loader.py",
    ROOT / "modelenv" / "folder" / "code" / "import_statements.py",
]
READS_FILES = ROOT / "modelenv" / "table" / "files.py"
"""Its libraries read what is theirs, where they happen to be installed."""
# Where the environment is read: at our doors, where a trace is handed on to child processes, and
# where temporary folders are told from data; the worker takes out what was put in for it alone.
DOORS = (
    ROOT / "modelenv" / "cli" / "__init__.py",  # whether a shell asks, before any word is read
    ROOT / "modelenv" / "worker" / "worker.py",
    ROOT / "modelenv" / "base" / "settings.py",
    ROOT / "modelenv" / "batch" / "travel" / "entry.py",
    *(ROOT / "modelenv" / "folder" / f"{name}.py" for name in ("loader", "mlflow_loader")),
    ROOT / "resolver" / "settings.py",
    ROOT / "tracer" / "probe" / "children.py",
    ROOT / "tracer" / "probe" / "entry" / "sitecustomize.py",
    ROOT / "tracer" / "probe" / "touched.py",
)
ALLOWED = {
    "tracer": {"cloudpickle"},  # used where it happens to be installed
    "resolver": {
        *("packaging", "platformdirs", "resolvelib", "urllib3", "pip_api"),
        *("tomli", "tomllib"),  # the latter since 3.11
    },
    "envfiles": {"packaging", "tomli", "tomli_w", "tomllib", "yaml"},  # tomllib: since 3.11
    "modelenv": {
        "click",
        "cloudpickle",
        "filelock",
        "installer",
        "packaging",
        "platformdirs",
        "rich",
        "yaml",
    },
}

OF_TABLES = {"numpy", "pandas", "polars", "pyarrow"}
"""Tables are made by the library that they are of."""
# What serves is installed with an extra.
SERVES = {"prometheus_client", "pyarrow", "starlette", "uvicorn", "uvloop"}
ENGINES = {"dask", "distributed", "pyarrow", "pyspark", "ray"}
"""Whoever has a cluster has its engine."""
BILLS = {"cyclonedx", "packageurl"}
PAGES = {"jinja2"}
READS_ELF = ROOT / "modelenv" / "ship" / "system" / "elf.py"
"""Its library is installed with an extra too."""


def imported(file: Path) -> set[str]:
    """Return the top-level names that a file imports absolutely."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_the_standard_library_and_its_libraries_alone(package: str) -> None:
    allowed = ALLOWED[package] | sys.stdlib_module_names
    for file in sorted((ROOT / package).rglob("*.py")):
        if file in TRAVELS or file.name == "siblings.py":
            continue
        lent = {"pandas", "polars", "pyarrow"} if file == READS_FILES else set()
        lent |= {"elftools"} if file == READS_ELF else set()
        lent |= {"IPython"} if file == ROOT / "tracer" / "notebook.py" else set()
        lent |= BILLS if file.is_relative_to(ROOT / "modelenv" / "export" / "bill") else set()
        lent |= PAGES if file == ROOT / "modelenv" / "report" / "page.py" else set()
        lent |= OF_TABLES if file.is_relative_to(ROOT / "modelenv" / "batch") else set()
        lent |= ENGINES if file.is_relative_to(ROOT / "modelenv" / "batch" / "engines") else set()
        lent |= SERVES if file.is_relative_to(ROOT / "modelenv" / "serving") else set()
        assert imported(file) <= allowed | lent, file


def test_siblings_are_joined_in_one_file() -> None:
    file = ROOT / "modelenv" / "base" / "siblings.py"
    assert imported(file) - sys.stdlib_module_names == {"tracer", "resolver", "envfiles"}


def test_urllib3_has_one_door() -> None:
    """Threads that import it by two find it half made."""
    files = [file for file in (ROOT / "resolver").rglob("*.py") if "urllib3" in imported(file)]
    assert files == [ROOT / "resolver" / "index" / "http" / "wire.py"]


def test_contributors_are_told_all_that_travels() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    groups = re.findall(r"`([\w/]+)/\{([\w,]+)\}\.py`", text)
    told = {ROOT / folder / f"{name}.py" for folder, names in groups for name in names.split(",")}
    apart = ({"probe", "starter"} & {*file.relative_to(ROOT).parts} for file in TRAVELS)
    assert told == {file for file, whole in zip(TRAVELS, apart, strict=True) if not whole}
    assert "`tracer/probe/`" in text
    assert "`modelenv/seal/starter/`" in text


@pytest.mark.parametrize("file", TRAVELS, ids=lambda file: file.name)
def test_what_travels_needs_the_standard_library_alone(file: Path) -> None:
    lent = {
        "numpy",
        "pandas",
        "polars",
        "scipy",
        "mlflow",
        "pyarrow",
        *("bentoml", "mlserver"),
        "predicting",  # it stands beside
        "_modelenv_rooms",
        "_modelenv_probe",
        "_modelenv_seal",
    }  # for values that are theirs
    assert imported(file) <= sys.stdlib_module_names | lent


@pytest.mark.parametrize("file", TRAVELS, ids=lambda file: file.name)
def test_what_travels_is_written_for_python_3_8(file: Path) -> None:
    ast.parse(file.read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("file", TRAVELS, ids=lambda file: file.name)
def test_what_travels_takes_along_all_that_it_imports(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            room = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            named = [room.with_suffix(".py"), *(room / f"{each.name}.py" for each in node.names)]
            assert {each for each in named if each.is_file()} <= set(TRAVELS), ast.unparse(node)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_published_name_is_hidden_by_a_module(package: str) -> None:
    published = importlib.import_module(package).__all__
    modules = {path.stem for path in (ROOT / package).iterdir()}
    assert not modules & set(published)


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_see_what_is_published(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    seen = {
        alias.asname: f"{package}.{node.module}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    module = importlib.import_module(package)
    assert set(seen) == set(module.__all__) - {"__version__"}
    for name, home in seen.items():
        assert getattr(module, name) is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_hands_out_all_that_it_publishes(package: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {package} import *", names)
    module = importlib.import_module(package)
    assert set(module.__all__) == set(dir(module)) == set(names) - {"__builtins__"}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_command_prints(package: str) -> None:
    for file in sorted((ROOT / package).rglob("*.py")):
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in calls or "cli" in file.parts, file


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_settings_read_the_environment(package: str) -> None:
    for file in sorted((ROOT / package).rglob("*.py")):
        names = {
            node.attr
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Attribute)
        }
        assert not names & {"environ", "getenv"} or file in DOORS, file


def test_the_lower_bounds_are_those_that_are_tested() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    stated = text.partition("\ndependencies = [")[2].partition("\n]")[0]
    bounds = {line.replace(">=", "==") for line in re.findall(r'"(.*)"', stated)}
    tested = (ROOT / "constraints-lowest.txt").read_text().replace('"', "'").splitlines()
    lines = {line for line in tested if not line.startswith("#")}
    assert set(map(without_zeros, lines)) == set(map(without_zeros, bounds))


def without_zeros(line: str) -> str:
    return re.sub(r"(\.0)+(?=;|$)", "", line)
