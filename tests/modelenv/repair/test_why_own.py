"""What belongs to the model itself is said to be its own: data, code, artifacts, files, hosts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.repair.evidence.parts import part_of
from modelenv.repair.evidence.touched import is_meant
from modelenv.repair.why import why
from modelenv.seal.choose import this_machine

from ...small_worlds import plain_trace

SCRIPT = """\
import json
import sqlite3
import subprocess
from pathlib import Path
import prices.rules


class Model:
    def load_context(self, context):
        self.words = Path(context.artifacts["words"]).read_text().split()

    def predict(self, context, data):
        table = json.loads(Path("data/table.json").read_text())
        subprocess.run(["true"], check=True)
        return [prices.rules.rounded(each) * table["k"] for each in data]


model = Model()
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and, in it, the folder of a model that reads, starts and contacts something."""
    project = tmp_path_factory.mktemp("shop")
    (project / "data").mkdir()
    (project / "data" / "table.json").write_text('{"k": 2}')
    (project / "words.txt").write_text("a b c")
    (project / "prices").mkdir()
    (project / "prices" / "__init__.py").write_text("")
    (project / "prices" / "rules.py").write_text("def rounded(x):\n    return round(x)\n")
    (project / "make.py").write_text(SCRIPT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setattr(sys, "path", [str(project), *sys.path])
        modelenv.save_model(
            "make.py", "shop", input_example=[1.2], artifacts={"words": "words.txt"},
            carry="touched",
        )  # fmt: skip
    folder = project / "shop"
    document = plain_trace(folder)
    document["touches"].append(
        {"kind": "host", "name": "files.example:443", "phase": "predict", "line": 12,
         "importer": "modelenv_model_code", "importer_file": "model.py"}
    )  # fmt: skip
    (folder / "trace.json").write_text(json.dumps(document))
    return folder


@pytest.mark.parametrize(
    ("target", "kind", "about", "by"),
    [
        ("data/table.json", "file", "is the model's own, and travels as", "model.py:13 reads it"),
        ("table.json", "file", "read by model.py:13 while it predicts", "model.py:13 reads it"),
        ("working/data/table.json", "file", "working/data/table.json", "model.py:13 reads it"),
        ("words", "part", "is the artifact 'words'", "model.py:10 names words"),
        ("words.txt", "part", "is the artifact 'words'", "model.py:10 names words"),
        ("prices.rules", "module", "own code, code/prices/rules.py", "model.py:5 imports it"),
        ("rules.py", "module", "own code, code/prices/rules.py", "model.py:5 imports it"),
        ("code/prices/rules.py", "module", "asked for while it loads", "model.py:5 imports it"),
        ("true", "program", "started by model.py:14", "model.py:14 starts it"),
        ("files.example", "host", "the same without it", "model.py:12 contacts it"),
        ("FILES.example:443", "host", "is no part of the folder", "model.py:12 contacts it"),
        ("modelenv_model_code", "module", "own code, model.py", "the script that makes the model"),
    ],
)
def test_what_it_is_and_which_line_asks_for_it(
    target: str, kind: str, about: str, by: str, shop: Path
) -> None:
    if about == "the same without it" and this_machine().namespaces:
        pytest.skip("no namespaces, which alone have no network")
    found = why(shop, target)
    assert found.kind == kind
    assert about in found.about
    assert found.chains[0].links[0].parent == "the model"
    assert by in str(found.chains[0])


def test_a_library_of_python_s_own_module_has_a_chain(shop: Path) -> None:
    library = next(
        (each["name"] for each in plain_trace(shop)["touches"] if "libsqlite3" in each["name"]),
        None,
    )
    if library is None:
        pytest.skip(
            "the sqlite3 of this Python brings its library along, or libraries are not seen"
        )
    (chain, *_) = why(shop, Path(library).name).chains
    assert [link.child for link in chain.links] == [
        "sqlite3",
        "sqlite3.dbapi2",
        "_sqlite3",
        library,
    ]


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("MLmodel", "describes the model"),
        ("model.py", "is the model itself, as a script"),
        ("input_example.json", "is the input example"),
        ("code", "holds the model's own code"),
        ("code/modelenv_pyfunc_loader.py", "loads the model"),
    ],
)
def test_a_file_of_the_folder_is_told_without_a_chain(target: str, what: str, shop: Path) -> None:
    found = why(shop, target)
    assert (found.kind, found.chains, list(found.remarks)) == ("part", (), [])
    assert f"{target} {what}" in found.about


def test_a_file_is_found_from_where_the_reader_is(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    for target in ("shop/code/prices/rules.py", str(shop / "code" / "prices" / "rules.py")):
        assert why("shop", target).target == "prices.rules"
    assert why("shop", "./data/table.json").target == str(shop.parent / "data" / "table.json")


def test_a_file_that_the_model_did_not_read_is_told_with_the_way_to_take_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    with pytest.raises(WrongUseError, match=r"did not read that file .* \(--artifact\)"):
        why("shop", "make.py")


def test_a_wheel_that_travels_is_that_of_its_pin(own: Any, save: Any) -> None:
    own.install("kiln", {"kiln.py": "def run(data):\n    return data\n"})
    folder = save("kiln")
    wheel = folder / "wheels" / "kiln-1.0-py3-none-any.whl"
    wheel.parent.mkdir(exist_ok=True)
    wheel.write_bytes(b"")
    found = why(folder, wheel.name)
    assert found.about.startswith(
        "wheels/kiln-1.0-py3-none-any.whl is a wheel that travels: kiln=="
    )
    assert str(found.chains[0]) == "the model -> kiln (own_model.py:3 imports kiln)"


@pytest.mark.parametrize(
    ("target", "meant"),
    [("::1", True), ("[::1]:80", True), ("1", False), ("80", False), ("/[::1]:80", False)],
)
def test_a_host_is_meant_as_a_whole(target: str, meant: bool) -> None:
    assert is_meant({"kind": "host", "name": "[::1]:80"}, target, None) is meant


def test_nothing_outside_of_a_folder_is_a_part_of_it(shop: Path) -> None:
    from modelenv.folder.model_folder import ModelFolder

    folder = ModelFolder.open(shop)
    for target in ("../make.py", "..", ".", "", "/etc/passwd", "able.json", "es/rules.py"):
        assert part_of(folder, target) is None, target
