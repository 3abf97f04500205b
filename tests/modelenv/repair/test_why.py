"""The reason for a pin without imports: the users of its other files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.siblings import envfiles, resolver
from modelenv.folder.model_folder import ModelFolder
from modelenv.repair.why import why

from ...small_worlds import plain_trace

NOTHING = resolver.Installed((), resolver.Target.current())
LIBRARY = "/old/lib/python3.9/site-packages/kiln_runtime/lib/libkiln.so.1.2"


@pytest.fixture
def folder(own: Any, save: Any) -> Path:
    """Save a model of `kiln`, whose trace saw it use what four others have."""
    own.install("kiln", {"kiln.py": "def run(data):\n    return data\n"})
    own.install("kiln-runtime", {"kiln_runtime/lib/libkiln.so.1.2": ""}, version="12.1")
    own.install("grinder-bin", {"../../../bin/grindbin": "#!/bin/sh\n"}, version="9.0")
    own.install("lathe-bits", version="0.3")
    own.install("orchard-tables", {"orchard_tables/grades.json": "{}"}, version="3.0")
    made: Path = save("kiln")
    document = plain_trace(made)
    asked = {"phase": "predict", "importer": "kiln", "importer_file": "kiln.py"}
    document["touches"] += [
        {"kind": "library", "name": LIBRARY, "line": 7, **asked},
        {"kind": "program", "name": "/old/bin/grindbin", "line": 8, **asked},
        {"kind": "metadata", "name": "Lathe_Bits", "line": 9, **asked},
        {"kind": "file", "name": str(own.root / "orchard_tables/grades.json"), "line": 10, **asked},
    ]
    (made / "trace.json").write_text(json.dumps(document))
    pin(made)
    return made


USED = {
    "kiln-runtime": ("12.1", "libkiln.so.1.2, loaded by kiln.py:7"),
    "grinder-bin": ("9.0", "grindbin, started by kiln.py:8"),
    "lathe-bits": ("0.3", "its metadata, looked up by kiln.py:9"),
    "orchard-tables": ("3.0", "grades.json, read by kiln.py:10"),
}


def pin(folder: Path, said: Mapping[str, str] = MappingProxyType({})) -> None:
    pins = {"kiln": "1.0", **{name: version for name, (version, _) in USED.items()}}
    entries = [envfiles.Entry(f"{name}=={pins[name]}", said.get(name, "")) for name in pins]
    python = ModelFolder.open(folder).environment.python
    spec = envfiles.EnvSpec(python=python, requirements=tuple(entries))
    for name, text in envfiles.write_files(spec).items():
        (folder / name).write_text(text)


@pytest.mark.parametrize("name", USED)
def test_a_chain_says_what_was_used_and_by_which_line(name: str, folder: Path) -> None:
    assert [str(chain) for chain in why(folder, name).chains] == [
        f"the model -> kiln (own_model.py:3 imports kiln) -> {name} ({USED[name][1]})"
    ]


@pytest.mark.parametrize(
    ("target", "kind", "owner"),
    [
        ("libkiln.so.1.2", "library", "kiln-runtime"),
        ("libkiln.so.1", "library", "kiln-runtime"),
        ("grindbin", "program", "grinder-bin"),
        ("grades.json", "file", "orchard-tables"),
    ],
)
def test_what_was_used_leads_to_its_distribution(
    target: str, kind: str, owner: str, folder: Path
) -> None:
    found = why(folder, target)
    assert found.kind == kind
    assert found.about.endswith(f", belongs to {owner}")
    assert str(found.chains[0]).endswith(f"-> {owner} ({USED[owner][1]})")


def test_a_pin_s_comment_says_it_where_nothing_is_installed(folder: Path) -> None:
    said = {name: f"needed by the prediction ({use})" for name, (_, use) in USED.items()}
    pin(folder, said)
    for name, (_, use) in USED.items():
        found = why(folder, name, installed=NOTHING)
        assert str(found.chains[0]).endswith(f"-> {name} ({use})"), str(found)
    found = why(folder, "grindbin", installed=NOTHING)
    assert found.about == "grinder-bin: grindbin, started by kiln.py:8"


@pytest.mark.parametrize(
    ("target", "meant"),
    [("kilm", "Did you mean kiln?"), ("grinder-bim", "Did you mean grinder-bin?")],
)
def test_a_name_with_a_wrong_letter_is_told_with_the_one_meant(
    target: str, meant: str, folder: Path
) -> None:
    with pytest.raises(WrongUseError, match=r"did not see it\. Did") as caught:
        why(folder, target)
    assert str(caught.value).endswith(meant)


@pytest.mark.parametrize(
    "use", ["grindbin, started by the model", "kiln.pth, which Python runs when it begins"]
)
def test_a_comment_may_name_no_line(use: str, folder: Path) -> None:
    pin(folder, {"grinder-bin": f"needed by the prediction ({use}); via kiln"})
    found = why(folder, "grinder-bin", installed=NOTHING)
    assert f"the model -> grinder-bin ({use})" in map(str, found.chains)


def test_one_s_own_use_is_no_reason(folder: Path, own: Any) -> None:
    document = plain_trace(folder)
    document["touches"] = [
        {"kind": "file", "name": str(own.root / "kiln.py"), "importer": "kiln", "line": 1,
         "importer_file": "kiln.py", "phase": ""}
    ]  # fmt: skip
    (folder / "trace.json").write_text(json.dumps(document))
    assert [str(chain) for chain in why(folder, "kiln").chains] == [
        "the model -> kiln (own_model.py:3 imports kiln)"
    ]


def test_what_the_model_itself_used_is_its_own_reason(folder: Path) -> None:
    document = plain_trace(folder)
    document["touches"] = [
        {"kind": "program", "name": "/old/bin/grindbin", "phase": "predict",
         "importer": "own_model", "importer_file": "own_model.py", "line": 4}
    ]  # fmt: skip
    (folder / "trace.json").write_text(json.dumps(document))
    found = why(folder, "grinder-bin")
    assert [str(chain) for chain in found.chains] == [
        "the model -> grinder-bin (grindbin, started by own_model.py:4)"
    ]
