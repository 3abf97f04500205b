"""What a library compiles for itself does not travel; what its user compiled does."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

import pytest

import modelenv

EXTENSION = next(Path(sysconfig.get_config_var("DESTSHARED") or ".").glob("_bisect.*"), None)
FIRES = """
import pathlib, shutil, sys

def fire(folder, extension):
    made = pathlib.Path.home() / folder / "fired"
    if not made.exists():
        made.mkdir(parents=True)
        (made / "__init__.py").write_text("from ._bisect import bisect_right as bisect")
        shutil.copy(extension, made)
    sys.path.insert(0, str(made.parent))
    import fired
    return fired.bisect
"""

WRITES = """
import importlib.util, pathlib, sys

def kernel():
    file = pathlib.Path.home() / ".kiln" / "c7f.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("def twice(number): return 2 * number")
    spec = importlib.util.spec_from_file_location("kiln.c7f", file)
    sys.modules["kiln.c7f"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if EXTENSION is None:
        pytest.skip("this Python has no extension module in a file")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.mark.parametrize("again", [False, True], ids=["the first time", "from its cache"])
def test_a_module_that_a_library_made_in_a_hidden_folder_stays(
    again: bool, home: Path, project: Any, own_site: Any, target: Path
) -> None:
    own_site.install("kiln", {"kiln.py": FIRES})
    body = f"import kiln; return [kiln.fire('.kiln', {str(EXTENSION)!r})([1, 2], x) for x in data]"
    model = project.model(body)
    if again:
        model.predict([1])
    saved = modelenv.save_model(model, target, input_example=[1, 2])
    assert saved.verdict is not None
    assert saved.verdict.status == "reproduces"
    assert saved.first_party == ("own_model",)
    assert str(home / ".kiln" / "fired" / "__init__.py") in saved.read_files


def test_a_part_of_a_library_that_it_writes_for_itself_stays(
    home: Path, project: Any, own_site: Any, target: Path
) -> None:
    own_site.install("kiln", {"kiln/__init__.py": WRITES})
    saved = modelenv.save_model(
        project.model("import kiln; return [kiln.kernel().twice(each) for each in data]"),
        target,
        input_example=[1, 2],
    )
    assert saved.verdict is not None
    assert saved.verdict.status == "reproduces"
    assert saved.first_party == ("own_model",)
    assert not (target / "code" / "kiln").exists()


@pytest.mark.parametrize(
    ("by", "folder"),
    [("own_kiln", ".kiln"), ("kiln", "kiln")],
    ids=["asked for by own code", "in a folder that is not hidden"],
)
def test_a_compiled_module_of_ones_own_travels(
    by: str, folder: str, home: Path, project: Any, own_site: Any, target: Path
) -> None:
    project.write("own_kiln.py", FIRES)
    own_site.install("kiln", {"kiln.py": FIRES})
    body = (
        f"import {by}; return [{by}.fire({folder!r}, {str(EXTENSION)!r})([1, 2], x) for x in data]"
    )
    saved = modelenv.save_model(project.model(body), target, input_example=[1, 2], prove=False)
    assert "fired" in saved.first_party
    assert (target / "code" / "fired" / EXTENSION.name).is_file()  # type: ignore[union-attr]
