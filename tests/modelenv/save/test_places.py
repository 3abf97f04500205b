"""A refusal names files where they will stand, not where they stood while a folder was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.files.scratch import without_scratch

# It fails where it runs out of a folder that is not in place yet.
FAILING = "if '.partial' in __file__:\n    raise ValueError(f'not beside {__file__}')\nreturn 1"


@pytest.mark.parametrize("seal", ["auto", "off"])
def test_own_code_is_named_where_it_will_stand(seal: Any, project: Any, target: Path) -> None:
    with pytest.raises(modelenv.ModelenvError) as caught:
        modelenv.save_model(project.model(FAILING), target, input_example=1, seal=seal)
    assert ".partial" not in str(caught.value)
    assert 'File "…/code/own_model.py", line ' in str(caught.value)
    assert "not beside …/code/own_model.py" in str(caught.value)


def test_a_script_is_named_where_it_will_stand(tmp_path: Path, target: Path) -> None:
    script = tmp_path / "model.py"
    script.write_text(f"def model(data):\n    {FAILING.replace(chr(10), chr(10) + '    ')}\n")
    with pytest.raises(modelenv.ModelenvError) as caught:
        modelenv.save_model(script, target, input_example=1)
    assert ".partial" not in str(caught.value)
    assert "…/model.py" in str(caught.value)


def test_an_edit_that_is_not_proven_is_told_so_too(project: Any, target: Path) -> None:
    model = project.model("return 1")
    modelenv.save_model(model, target, input_example=1)
    own = target / "code" / "own_model.py"
    own.write_text(own.read_text().replace("return 1", FAILING.replace("\n", "\n        ")))
    with pytest.raises(modelenv.ModelenvError) as caught:
        modelenv.update_requirements(target, constraints=["own-a<2"], prove=True)
    assert ".partial" not in str(caught.value)
    assert "…/code/own_model.py" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('File "/srv/.model.0a1b2c3d.partial/code/a.py", line 3', 'File "…/code/a.py", line 3'),
        ("no /srv/my.models/.m.x.0a1b2c3d.partial/code/a.py", "no …/code/a.py"),
        ("/srv/.model.0a1b2c3d.partial/a:/srv/.model.0a1b2c3d.partial/b", "…/a:…/b"),
        ("no. See /srv/.model.partial/a", "no. See /srv/.model.partial/a"),
        ("'/tmp/modelenv-run-a1/cwd/a'", "'…/cwd/a'"),
    ],
)
def test_no_folder_that_is_gone_is_named(text: str, told: str) -> None:
    assert without_scratch(text) == told
