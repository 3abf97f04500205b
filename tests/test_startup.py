"""What an import may cost, as a list of what it may load; the seconds stand in the benchmarks."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Loaded by `import tracer`, and so by the three others: the price of lazy publishing.
LAZY = {
    "__future__",
    "importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "warnings",
}


def loaded_by(code: str) -> set[str]:
    script = f"import sys; before = set(sys.modules); {code}; print(*(set(sys.modules) - before))"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("package", ["tracer", "resolver", "envfiles"])
def test_importing_a_package_loads_only_the_means_of_lazy_publishing(package: str) -> None:
    assert loaded_by(f"import {package}") <= LAZY | {package}


def test_importing_modelenv_loads_itself_alone() -> None:
    assert loaded_by("import modelenv") <= LAZY | {
        "modelenv",
        "modelenv.base",
        "modelenv.base.version",
    }


def test_the_help_loads_no_library() -> None:
    loaded = loaded_by("from modelenv.cli import main; main(['--help'])")
    assert not {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"modelenv"}
    assert "typing" not in loaded
