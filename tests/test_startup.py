"""The modules that an import may load; the seconds are in the benchmarks."""

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
    its_own = {"modelenv", "modelenv.base"}
    assert loaded_by("import modelenv") <= LAZY | its_own


def test_the_help_loads_no_library() -> None:
    loaded = loaded_by("from modelenv.cli import main; main(['--help'])")
    assert not {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"modelenv"}
    assert "typing" not in loaded


@pytest.mark.skipif(
    sys.version_info >= (3, 15), reason="there a dataclass loads what its annotations name"
)
def test_what_a_save_needs_once_its_model_has_run_is_not_loaded_before() -> None:
    loaded = loaded_by("import modelenv; modelenv.save_model")
    late = {"yaml", "packaging", "resolvelib", "urllib3", "platformdirs"}
    late |= {f"modelenv.save.{name}" for name in ("complete", "pinning", "build_account")}
    late |= {"modelenv.environments.managers", "tracer.reading", "resolver.installed"}
    assert not loaded & late
