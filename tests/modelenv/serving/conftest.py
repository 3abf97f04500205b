"""A model that does what it is told, saved once."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

import modelenv

from .serving import BODY, EXAMPLE


def save(target: Path, body: str = BODY, module: str = "obedient") -> Path:
    """Save a model whose ``predict(self, data)`` has this body."""
    source = target.parent / f"{module}.py"
    indented = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
    source.write_text(f"class Model:\n    def predict(self, data):\n{indented}\n")
    sys.path.insert(0, str(target.parent))
    try:
        model = __import__(module).Model()
        modelenv.save_model(model, target, input_example=EXAMPLE, prove=False, overwrite=True)
    finally:
        sys.path.remove(str(target.parent))
        sys.modules.pop(module, None)
    return target


@pytest.fixture(scope="session")
def obedient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that does what each text of its input says."""
    return save(tmp_path_factory.mktemp("obedient") / "obedient")
