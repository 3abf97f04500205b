"""The story of an image: built under no name, verified in it, and only then tagged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import AUTOMATIC, SealRequest
from modelenv.ship.build import (
    BuiltImage,
    Making,
    build_docker,
    check_allowed,
    check_given,
    document_in,
)
from modelenv.ship.engines.engine import BuildRequest, RunRequest
from modelenv.ship.errors import ImageBuildError, NoImageError, NotReproducedError
from modelenv.ship.image import MODEL, ImageOptions

from .worlds import plan

GOOD = json.dumps({"status": "reproduces", "reason": "it equals"}, indent=2)


@dataclass
class Builder:
    """A builder that builds nothing and keeps what it was asked."""

    printed: str = GOOD
    status: int = 0
    fails: bool = False
    copies_anew: bool = False
    name: str = "paper"
    built: list[BuildRequest] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ran: list[RunRequest] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def refusal(self) -> str:
        return ""

    def identity(self, image: str) -> str:
        return self.names.get(image, "")

    def build(self, request: BuildRequest) -> None:
        self.built.append(request)
        self.texts.append((request.context / request.file).read_text())
        if self.fails:
            raise ImageBuildError("paper build", 1, "torn")
        self.names[request.name] = f"id {len(self.built)}"

    def run(self, request: RunRequest) -> CompletedProcess[bytes]:
        assert request.image in self.names
        self.ran.append(request)
        return CompletedProcess([], self.status, self.printed.encode())

    def tag(self, image: str, name: str) -> None:
        self.names[name] = self.names[image]

    def remove(self, image: str) -> None:
        self.names.pop(image, None)


Make = Callable[..., BuiltImage]


@pytest.fixture
def make(words: Path, tmp_path: Path) -> Make:
    """Make an image of a small model by a builder."""

    def making(builder: Builder, *, verify: bool = True, server: bool = True, **how: Any) -> Any:
        folder = how.get("model") or ModelFolder.open(words)
        made = plan(folder, tmp_path / "wheelhouse", ImageOptions(build_args={"A": "b"}))
        proof = None
        if not server:
            made, proof = replace(made, server=None), made.server
        allowed = how.get("allowed", AUTOMATIC)
        told = Making(model=folder, plan=made, proof=proof, builder=builder, allowed=allowed)
        return told.image("words:1", how.get("options", ()), verify=verify)

    return making


def test_it_is_tagged_when_it_reproduces(make: Make) -> None:
    builder = Builder(printed=f"WARNING: of the builder {{\n{GOOD}\nand more")
    built = make(builder)
    assert [*builder.names] == ["words:1"]
    assert (built.verdict, built.reason, built.engine) == ("reproduces", "it equals", "paper")
    assert str(built).startswith("words:1, built by paper: reproduces in it: it equals\n")
    (ran,) = builder.ran
    assert ran.arguments == ("verify", "-m", MODEL, "--json")
    assert not ran.network
    (asked,) = builder.built
    assert asked.arguments == {"A": "b", "BASE": built.plan.base}


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (json.dumps({"status": "differs", "reason": "1 is 2"}), "differs in it: 1 is 2"),
        (json.dumps({"status": "fails", "reason": "no", "detail": "Trace"}), "no\nTrace"),
        (json.dumps({"error": {"message": "no such Python"}}), "no such Python"),
        ("Killed", "status 1\nKilled"),
        ("{broken", "{broken"),
    ],
)
def test_nothing_is_tagged_where_it_does_not(make: Make, printed: str, said: str) -> None:
    builder = Builder(printed=printed, status=1)
    with pytest.raises(NotReproducedError) as caught:
        make(builder)
    assert str(caught.value).startswith("words:1 was built and not tagged: ")
    assert said in str(caught.value)
    assert not builder.names


def test_a_document_is_no_proof_where_the_command_failed(make: Make) -> None:
    builder = Builder(status=137)
    with pytest.raises(NotReproducedError):
        make(builder)
    assert not builder.names


def test_a_build_that_fails_leaves_no_name(make: Make) -> None:
    builder = Builder(fails=True)
    with pytest.raises(ImageBuildError, match="paper build ended with status 1:\ntorn"):
        make(builder)
    assert not builder.names


def test_nobody_asks_where_nobody_is_to_verify(make: Make) -> None:
    builder = Builder()
    built = make(builder, verify=False)
    assert not builder.ran
    assert "nothing is proven of it" in str(built)
    assert built.to_json()["verdict"] is None


def test_without_a_server_another_image_verifies_and_goes(make: Make) -> None:
    builder = Builder()
    make(builder, server=False)
    image, proof = builder.built
    assert f"FROM {image.name} AS proof" in builder.texts[1]
    assert "server" not in builder.texts[0]
    assert builder.ran[0].image == proof.name
    assert builder.names == {"words:1": "id 1"}


def test_the_next_model_stands_on_the_environments_of_the_first(make: Make) -> None:
    builder = Builder(copies_anew=True)
    make(builder)
    make(builder)
    below, first, second = builder.built
    assert below.name.startswith("localhost/modelenv-environments:")
    assert below.target == "environments"
    assert all(f"FROM {below.name} AS image" in text for text in builder.texts[1:])
    assert first.context != second.context
    assert {*builder.names} == {"words:1", below.name}


@pytest.mark.parametrize("option", ["--no-cache", "--pull"])
def test_who_begins_anew_builds_the_environments_again(make: Make, option: str) -> None:
    builder = Builder(copies_anew=True)
    make(builder)
    make(builder, options=(option, "-v=a:b"))
    assert [each.options for each in builder.built[2:]] == [(option, "-v=a:b"), ("-v=a:b",)]


@pytest.mark.parametrize("name", ["", "Wine", "aB:1", "a:b:c", "a:", "a//b", "wine\n"])
def test_what_is_no_name_is_refused_before_the_work(words: Path, name: str) -> None:
    with pytest.raises(NoImageError, match="wine:1"):
        build_docker(words, name)


def wanting(words: Path, tmp_path: Path, *, paths: str = "[]", hosts: str = "[]") -> Path:
    """Return a copy of a model whose MLmodel, a stranger's, asks for these."""
    folder = tmp_path / "asking"
    shutil.copytree(words, folder)
    text = (folder / "MLmodel").read_text()
    said = f"  modelenv:\n    allow_paths: {paths}\n    allow_hosts: {hosts}\n"
    assert "  modelenv:\n" in text
    (folder / "MLmodel").write_text(text.replace("  modelenv:\n", said, 1))
    return folder


@pytest.mark.parametrize(
    ("paths", "hosts", "named"),
    [
        ("[/etc]", "[]", "--allow-path /etc"),
        ("['/my data']", "[]", "--allow-path '/my data'"),
        ("[]", "[example.com]", "--allow-host example.com"),
        ("[/opt/a/../../etc]", "[]", "--allow-path"),
        ('["/a\\nb"]', "[]", "--allow-path"),
    ],
)
def test_what_a_model_asks_for_is_given_by_nobody_but_the_caller(
    words: Path, tmp_path: Path, paths: str, hosts: str, named: str
) -> None:
    folder = wanting(words, tmp_path, paths=paths, hosts=hosts)
    allowed = SealRequest.read("auto", (), "/opt")
    with pytest.raises(NoImageError) as caught:
        check_allowed(ModelFolder.open(folder), allowed)
    assert named in str(caught.value)
    assert "--no-verify" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_caller_allows_is_mounted_and_nothing_else(
    words: Path, tmp_path: Path, make: Make
) -> None:
    (tmp_path / "data").mkdir()
    asked = f"[{tmp_path / 'data' / 'a.csv'}]"
    folder = ModelFolder.open(wanting(words, tmp_path, paths=asked, hosts="[h]"))
    allowed = SealRequest.read("auto", "h", tmp_path / "data")
    check_allowed(folder, allowed)
    builder = Builder()
    make(builder, model=folder, allowed=allowed)
    make(builder, model=folder)
    assert [(each.mounts, each.network) for each in builder.ran] == [
        ((str(tmp_path / "data"),), True),
        ((), False),
    ]


def test_a_build_without_the_login_of_its_index_does_not_begin(words: Path, tmp_path: Path) -> None:
    made = plan(ModelFolder.open(words), tmp_path / "wheelhouse")
    asking = replace(made.model, options=("--index-url https://${TOKEN}@h/simple",))
    with pytest.raises(NoImageError, match=r"TOKEN.*--build-arg TOKEN"):
        check_given(replace(made, model=asking))
    check_given(replace(made, model=asking, options=ImageOptions(build_args={"TOKEN": "x"})))


def test_of_what_was_printed_the_document_is_found() -> None:
    assert document_in(f"a\n{{not this\n{GOOD}\n}}")["status"] == "reproduces"
    assert document_in("nothing") == {}
