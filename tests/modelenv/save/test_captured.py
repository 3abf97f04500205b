"""The whole evidence of a capture, and the schema that describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import modelenv

ROOT = Path(__file__).parent.parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "capture-1.schema.json").read_text("utf-8"))


def faults(document: Any) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    plain = json.loads(json.dumps(document))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(plain)]


@pytest.fixture
def model(own_site: Any, project: Any) -> Any:
    """A model that imports a distribution and probes for another."""
    own_site.install(
        "own-part", {"own_part.py": "try:\n    import own_extra\nexcept ImportError: ..."}
    )
    own_site.install("own-extra", {"own_extra.py": ""})
    return project.model("import own_part\nreturn len(data)")


def test_it_holds_what_ran_whose_it_is_and_what_is_pinned(model: Any) -> None:
    evidence = modelenv.capture(model, [1, 2])
    assert "own_part" in evidence.trace.modules
    kinds = {each.distribution.name: each.kind for each in evidence.attribution.distributions}
    assert kinds["own-part"] == "direct"
    assert kinds["own-extra"] == "optional"
    assert evidence.account.pins == ("own-part==1.0",)
    assert "own-part==1.0" in evidence.files["requirements.txt"]
    assert str(evidence).startswith("reproduces in a replica")
    assert not evidence.account.path.exists()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prove": False},
        {"seal": "off"},
        {"further_examples": [[1]], "allow_hosts": ["localhost"], "constraints": ["own-part<2"]},
    ],
)
def test_its_json_is_as_the_schema_says(model: Any, options: dict[str, Any]) -> None:
    document = modelenv.capture(model, [1, 2], **options).to_json()
    assert document["schema"] == SCHEMA["properties"]["schema"]["const"]
    assert faults(document) == []


def test_the_json_of_a_model_that_uses_more_is_as_the_schema_says(
    project: Any, tmp_path: Path
) -> None:
    data = tmp_path / "elsewhere" / "data.txt"
    data.parent.mkdir()
    data.write_text("7")
    code = (
        f"import random, zoneinfo\nzoneinfo.ZoneInfo('Europe/Berlin')\nopen({str(data)!r}).close()"
    )
    model = project.model(f"{code}\nreturn random.random()")
    document = modelenv.capture(model, [1], allow_paths=[data]).to_json()
    assert document["account"]["proof"]["status"] == "runs"
    assert str(data) in document["account"]["read_files"]
    assert faults(document) == []


def test_the_schema_refuses_what_it_does_not_know(model: Any) -> None:
    document = modelenv.capture(model, [1, 2], prove=False).to_json()
    assert faults({**document, "surplus": 1})
    assert faults({key: value for key, value in document.items() if key != "imports"})
    assert faults({**document, "account": {**document["account"], "pins": ["own-part==1.0"]}})


def test_an_option_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'overrule'"):
        modelenv.capture(len, "four", overrule=["a==1"])
