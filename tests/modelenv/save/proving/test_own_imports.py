"""Imports of a model's own code are followed through possible calls."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from modelenv.save.proving.own_imports import Loaded, follow_imports, imports_of

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "class Model(Base):\n    def predict(self, data):\n        return self.score(data)\n"
TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import dial\n"

CASES: dict[str, tuple[dict[str, str], bool]] = {
    "at the top": ({"model": "import dial\n"}, True),
    "for a type checker alone": ({"model": TYPES}, False),
    "or else": ({"model": f"{TYPES}else:\n    import dial\n"}, True),
    "as it predicts": ({"model": "def predict(data):\n    import dial\n"}, True),
    "in what nothing calls": ({"model": "def train(data):\n    import dial\n"}, False),
    "in a method of another module": (
        {
            "model": f"from base import Base\n{MODEL}",
            "base": "class Base:\n    def score(self, data):\n        import dial\n",
        },
        True,
    ),
    "in a function, two calls away": (
        {
            "model": "from near import turn\ndef predict(data):\n    return turn(data)\n",
            "near": "import far\ndef turn(data):\n    return far.once(data)\n",
            "far": "async def once(data):\n    from dial import turn\n",
        },
        True,
    ),
    "as one is made": (
        {
            "model": "import near\ndef predict(data):\n    return near.Turner()\n",
            "near": "class Turner:\n    def __init__(self):\n        import dial\n",
        },
        True,
    ),
    "as one is made that is not": (
        {
            "model": "import near\ndef predict(data):\n    return near.turn()\n",
            "near": "class Turner:\n    def __init__(self):\n        import dial\n",
        },
        False,
    ),
    "in a package, relatively": (
        {"model": "import pack.part\n", "pack.__init__": "from . import other", "pack.part": "",
         "pack.other": "import dial\n"},
        True,
    ),
    "in no Python": ({"model": "import near, dial", "near": "def"}, True),
    "in long sums": ({"model": f"import dial\nx = {'+'.join('1' * 900)}\n"}, True),
}  # fmt: skip


def _written(modules: dict[str, str], folder: Path) -> None:
    for name, text in modules.items():
        file = folder.joinpath(*name.split(".")).with_suffix(".py")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("as_script", [False, True], ids=["a module", "a script"])
def test_what_is_imported_is_found(name: str, tmp_path: Path, *, as_script: bool) -> None:
    modules, is_found = CASES[name]
    _written(modules, tmp_path)
    script = tmp_path / "model.py" if as_script else None

    def is_own(file: str, _: str) -> bool:
        return file.startswith(str(tmp_path))

    there = Loaded({}, (str(tmp_path),))
    found = follow_imports(() if script else ("model",), None, script, there, is_own)
    assert ("dial" in found) == is_found
    own = {module for module, file in found.items() if file is not None}
    read = {each.removesuffix(".__init__") for each in modules} - ({"model"} if script else set())
    assert own == read


def test_what_is_loaded_here_counts_wherever_it_is_named(tmp_path: Path) -> None:
    _written({"model": "def train(data):\n    import dial, gauge\n"}, tmp_path)
    there = Loaded({"dial": sys, "model": sys}, (str(tmp_path),))
    source = Loaded({"dial": sys}, (str(tmp_path),))
    assert "dial" not in follow_imports(("model",), None, None, there, lambda *_: False)
    found = follow_imports(("model",), None, None, source, lambda file, _: "model" in file)
    assert set(found) == {"model", "dial"}
    assert imports_of("model", tmp_path / "model.py") == ("dial", "gauge")
