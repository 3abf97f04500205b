"""Modules of the user's that bear our packages' names stay theirs, and we work all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.base.errors import SiblingMissingError
from modelenv.base.siblings import load

NAMES = ("tracer", "resolver", "envfiles")
SCRIPT = """
import json, sys
{imports}
class Model:
    def predict(self, data):
        import tracer, resolver, envfiles
        return [tracer.MINE, resolver.MINE, envfiles.MINE]
account = modelenv.save_model(Model(), sys.argv[1], input_example=[1])
import tracer, resolver, envfiles
print(json.dumps([tracer.MINE, resolver.MINE, envfiles.MINE, list(account.first_party)]))
"""


@pytest.mark.parametrize(
    "imports",
    ["import tracer, resolver, envfiles, modelenv", "import modelenv"],
    ids=["theirs first", "ours first"],
)
def test_a_script_beside_such_modules_saves_and_keeps_them(
    imports: str, tmp_path: Path, target: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in NAMES:
        (home / f"{name}.py").write_text(f"MINE = 'my {name}'\n")
    (home / "train.py").write_text(SCRIPT.format(imports=imports))
    environment = {**os.environ, "PYTHONPATH": str(Path(modelenv.__file__).parent.parent)}
    ended = subprocess.run(
        [sys.executable, str(home / "train.py"), str(target)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told == ["my tracer", "my resolver", "my envfiles", sorted(NAMES)]


def test_ours_is_loaded_under_a_private_name_where_the_name_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "__init__.py").write_text("from .inner import VALUE\n")
    (tmp_path / "twin" / "inner.py").write_text("VALUE = 'ours'\n")
    theirs = type(sys)("twin")
    monkeypatch.setitem(sys.modules, "twin", theirs)
    for name in ("_modelenv_twin", "_modelenv_twin.inner"):
        monkeypatch.setitem(sys.modules, name, theirs)  # so that it is removed afterwards
        del sys.modules[name]
    ours = load("twin", tmp_path)
    assert (ours.VALUE, ours.__name__) == ("ours", "_modelenv_twin")
    assert load("twin", tmp_path) is ours
    assert sys.modules["twin"] is theirs


def test_one_that_is_not_there_is_told_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(SiblingMissingError, match=r"no_such_package.*reinstall modelenv"):
        load("no_such_package", tmp_path)
