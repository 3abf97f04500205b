"""The Dockerfile: its stages, what it says of a model, and what no model can make it say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.dockerfile import (
    dockerfile,
    dockerfile_of_proof,
    dockerfile_upon,
    environments_key,
    quoted,
)
from modelenv.ship.errors import NoImageError
from modelenv.ship.image import PORT, UV, ImageOptions, ImagePlan, SystemPackage
from modelenv.ship.plan import iter_facts, iter_needs
from modelenv.wheels.locked_environment import LockedEnvironment

from .lint import faults, instructions, stages

NO_BASES = ("a b", "a\nRUN x", "", "--", "Python:3.11", "a@sha256:1", "a:1@", "docker://a", "a//b")
NO_TIMES = ("now", "20261301T000000Z", "20261101T250000Z", "2026111T000000Z", "20260230T000000Z")
ROOT = Path(__file__).parents[3]
GOMP = SystemPackage(package="libgomp1", why="libgomp.so.1 for lightgbm", seen="12.2.0-14")
ALPHA = "alpha==1.0 --hash=sha256:00"
TOOLS = LockedEnvironment(name="tools", lines=("uv==1 --hash=sha256:00",))
SECRET = LockedEnvironment(
    name="model",
    lines=(ALPHA,),
    options=("--index-url https://${USER_1}:${TOKEN}@host/simple",),
    unwritten=("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"),
)


def a_plan(**changes: object) -> ImagePlan:
    made = ImagePlan(
        folder=Path("/models/wine"),
        python="3.11",
        base="docker.io/library/python:3.11-slim",
        platform="linux/amd64",
        model=LockedEnvironment(name="model", lines=(ALPHA,)),
        server=LockedEnvironment(name="server", lines=(ALPHA,), wheels=(Path("own.whl"),)),
        packages=(),
        variables={"OMP_NUM_THREADS": "2"},
        labels={"modelenv.proof": "reproduces"},
        needs=(),
        epoch=1,
        options=ImageOptions(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def words(text: str, stage: str, word: str) -> list[str]:
    return [each.rest for each in stages(text)[stage] if each.word == word]


PLANS = {
    "plain": a_plan(),
    "no server": a_plan(server=None),
    "packages": a_plan(packages=(GOMP,)),
    "snapshot": a_plan(packages=(GOMP,), options=ImageOptions(snapshot="20261101T000000Z")),
    "pinned": a_plan(packages=(SystemPackage(package="libgomp1=12.2.0-14", why="asked for"),)),
    "uv": a_plan(options=ImageOptions(installer="uv"), tools=TOOLS),
    "login": a_plan(model=SECRET, options=ImageOptions(build_args={"TOKEN": "s3cret"})),
    "wheelhouse": a_plan(options=ImageOptions(wheelhouse=True)),
    "source": a_plan(model=LockedEnvironment(name="model", lines=(ALPHA,), sources=("alpha",))),
    "variables": a_plan(options=ImageOptions(build_args={"TOKEN": "s3cret", "BASE": "x"})),
    "needs": a_plan(needs=("mount /data/a.csv",)),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_rule_of_hadolint_is_broken(plan: ImagePlan) -> None:
    assert faults(dockerfile(plan)) == []
    server = LockedEnvironment(name="server", lines=(ALPHA,))
    for text in (dockerfile_upon(plan, "localhost/e:1"), dockerfile_of_proof(plan, server, "i:1")):
        own = [each for each in faults(text) if not each.startswith("DL3002")]  # it is below
        assert own == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FROM a\nUSER 1\nRUN apt-get update && apt-get install -y x", "DL3015"),
        ("FROM a\nUSER 1\nWORKDIR here", "DL3000"),
        ("FROM a\nUSER root", "DL3002"),
        ("FROM a\nUSER 1\nCOPY --from=b /x /x", "DL3022"),
        ('FROM a:1\nUSER 1\nLABEL a=b c "d', "DL3048"),
        ("FROM a\nUSER 1", "DL3006"),
        ("FROM a\nUSER 1\nRUN --mount=type=cache x", "of ours"),
    ],
)
def test_the_lint_sees_what_breaks_a_rule(text: str, rule: str) -> None:
    assert [each for each in faults(text) if each.startswith(rule)]


def test_what_changes_least_comes_first() -> None:
    text = dockerfile(a_plan(packages=(GOMP,)))
    last = [*stages(text)["environments"], *stages(text)["image"]]
    made = [each.rest.split()[-1] for each in last if each.word in ("RUN", "COPY")]
    assert [each.rpartition("/")[2] for each in made[1:]] == [
        "server-environment",
        "model-environment",
        "model",
    ]
    assert "libgomp1" in last[1].rest
    shared = text.partition("FROM ${BASE} AS model")[0]
    assert "wine" not in shared.partition("ARG BASE")[2]  # nothing of this model


def test_a_model_that_needs_nothing_of_debian_has_no_step_for_it() -> None:
    assert "apt-get" not in dockerfile(a_plan())


def test_each_package_stands_with_its_reason_and_the_version_that_was_seen() -> None:
    text = dockerfile(a_plan(packages=(GOMP,)))
    assert "# libgomp1: libgomp.so.1 for lightgbm (seen: 12.2.0-14)\n" in text


def test_a_base_that_has_the_packages_needs_no_network() -> None:
    step, *_ = words(dockerfile(a_plan(packages=(GOMP,))), "environments", "RUN")
    assert step.startswith("dpkg -s libgomp1 > /dev/null 2>&1  || (")


def test_a_snapshot_stands_for_every_source_of_packages() -> None:
    text = dockerfile(PLANS["snapshot"])
    lines = [line for line in text.splitlines() if "snapshot.debian.org" in line]
    assert len(lines) == 1
    assert lines[0].count("/20261101T000000Z ") == 3


def test_without_a_server_there_is_no_port_and_no_health() -> None:
    told = {each.word for each in instructions(dockerfile(a_plan(server=None)))}
    assert not told & {"EXPOSE", "HEALTHCHECK"}
    assert "server" not in dockerfile(a_plan(server=None))


@pytest.mark.parametrize(
    ("told", "port"),
    [
        (["serve"], PORT),
        (["serve", "--port", "9001"], 9001),
        (["serve", "--port=9002", "--host", "::"], 9002),
        (["init", "--", "serve", "--port", "9003", "--report", "5"], 9003),
    ],
)
def test_health_is_asked_where_it_was_told_to_answer(
    tmp_path: Path, told: list[str], port: int
) -> None:
    (tmp_path / "cmdline").write_bytes(b"".join(f"{each}\0".encode() for each in told))
    (asked,) = words(dockerfile(a_plan()), "environments", "HEALTHCHECK")
    script = json.loads(asked.partition(" CMD ")[2])[-1]
    said = script.replace("/proc/1/cmdline", str(tmp_path / "cmdline"))
    said = said.replace("c = h.HTTPConnection(", "c = print(").partition(" c.request")[0]
    ended = subprocess.run(
        [sys.executable, "-I", "-c", said.replace(", timeout=4", "")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["127.0.0.1", str(port)]


def test_what_a_login_is_of_has_an_argument_and_no_value() -> None:
    text = dockerfile(PLANS["login"])
    named = ["USER_1", "TOKEN", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"]
    assert {*named, "PIP_INDEX_URL"} == {*words(text, "build", "ARG")}
    assert PLANS["login"].secrets == ("USER_1", "TOKEN", *named[2:])
    told = "\n".join(iter_facts(PLANS["login"]))
    assert all(f"--build-arg {name}" in told for name in named)
    assert "s3cret" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="its steps are a shell's")
def test_uv_is_told_what_pip_would_be() -> None:
    step = words(dockerfile(PLANS["uv"]), "build", "RUN")[-1]
    command = step.partition("&& ")[2].partition("tools/bin/python")[0] + "env"
    address = "https://me:a b@host/simple"
    given = {"PIP_INDEX_URL": address, "PIP_EXTRA_INDEX_URL": "https://x https://y"}
    for known in (given, {}):
        told = subprocess.run(
            ["/bin/sh", "-c", command],
            env={"PATH": os.environ["PATH"], **known},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert (f"UV_DEFAULT_INDEX={address}" in told) == bool(known)
        assert ("UV_INDEX=https://x https://y" in told) == bool(known)
        assert not [line for line in told if line.startswith("UV_FIND_LINKS")]
    assert "UV_SYSTEM_CERTS=1" in words(dockerfile(PLANS["uv"]), "build", "ENV")


def test_another_python_is_refused_before_anything_is_installed() -> None:
    plan = a_plan(model=LockedEnvironment(name="model", lines=(ALPHA,), sources=("alpha",)))
    first, *_ = words(dockerfile(plan), "build", "RUN")
    assert first.startswith("python3 settle.py python 3.11 ")


@pytest.mark.parametrize(
    "base",
    [
        *("python", "python:3.11-slim", "localhost:5000/a/b:1", "docker.io/library/python:3.11"),
        *("python:3.11@sha256:" + "0" * 64, "python@sha256:" + "a" * 64, "sha256:" + "0" * 64),
    ],
)
def test_a_base_is_named_or_known_by_what_is_in_it(base: str) -> None:
    assert words(dockerfile(a_plan(base=base)), "", "ARG") == [f"BASE={base}"]


def test_what_is_asked_of_whoever_runs_it_can_be_copied(words: Path, tmp_path: Path) -> None:
    folder = tmp_path / "words"
    shutil.copytree(words, folder)
    text = (folder / "MLmodel").read_text()
    said = "  modelenv:\n    allow_paths: ['/a b/$(x)']\n    allow_hosts: [\"h\\nRUN x\"]\n"
    (folder / "MLmodel").write_text(text.replace("  modelenv:\n", said, 1))
    told = [*iter_needs(ModelFolder.open(folder))]
    assert told[0].endswith("-v '/a b/$(x):/a b/$(x):ro'")
    assert told[1] == "let it reach h\\nRUN x, which the model asks"


def test_it_serves_everywhere_under_the_name_of_the_folder() -> None:
    (command,) = words(dockerfile(a_plan(folder=Path("/m/my wine (2)"))), "image", "CMD")
    assert '"my-wine-2=/opt/modelenv/model", "--host", "0.0.0.0", "--port", "8080"' in command


def test_no_value_of_a_variable_is_written() -> None:
    text = dockerfile(PLANS["variables"])
    assert "s3cret" not in text
    assert "ARG TOKEN" in text
    assert words(text, "", "ARG") == ["BASE=docker.io/library/python:3.11-slim"]
    assert "BASE" not in words(text, "build", "ARG")
    assert not words(text, "image", "ARG")


def test_of_sources_alone_something_is_built() -> None:
    assert "--no-binary=alpha" in dockerfile(PLANS["source"])
    assert "build-essential" in dockerfile(PLANS["source"])
    assert "--no-binary" not in dockerfile(a_plan())


def test_a_wheelhouse_asks_no_index() -> None:
    text = dockerfile(PLANS["wheelhouse"])
    assert text.count("--no-index") == 2
    assert "PIP_INDEX_URL" not in text


def test_uv_is_the_release_that_the_tests_run_with() -> None:
    assert f"uv=={UV}\n" in (ROOT / "constraints-dev.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        *(({"base": base}, base.replace("\n", "\\n")) for base in NO_BASES),
        ({"packages": (SystemPackage(package="x; rm -rf /", why=""),)}, "rm -rf"),
        ({"labels": {"a": "b\nRUN x"}}, "RUN x"),
        ({"variables": {"TZ": "a\rb"}}, "TZ"),
        *(({"options": ImageOptions(snapshot=each)}, "20261101T000000Z") for each in NO_TIMES),
        ({"options": ImageOptions(build_args={"A B": "c"})}, "A B"),
    ],
)
def test_what_cannot_stand_in_a_line_is_refused(changes: dict[str, object], named: str) -> None:
    with pytest.raises(NoImageError) as caught:
        dockerfile(
            a_plan(packages=(GOMP,)) if not changes else a_plan(**{"packages": (GOMP,), **changes})
        )
    assert named in str(caught.value) or "control" in str(caught.value)


@pytest.mark.parametrize("text", ["a\nRUN x", "a\r\nUSER root", "a\u2028b", "\x00", "# hadolint"])
def test_what_a_stranger_wrote_stays_a_comment(text: str) -> None:
    package = SystemPackage(package="libgomp1", why=text, seen=text)
    plan = a_plan(packages=(package,), needs=(text,), folder=Path(f"/m/{text}".replace("\0", "")))
    plain = a_plan(packages=(GOMP,))
    told = [(each.word, each.rest) for each in instructions(dockerfile(plan))]
    expected = [(each.word, each.rest) for each in instructions(dockerfile(plain))]
    assert [each for each in told if each[0] != "CMD"] == [
        each for each in expected if each[0] != "CMD"
    ]


@pytest.mark.parametrize("text", ['say "hi"', "$HOME", "${BASE}", "a\\", "\\$x", "ü 'x'"])
def test_a_value_stands_for_itself(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert "$" not in inner.replace("\\$", "")
    assert (
        inner.replace("\\\\", "\0").replace('\\"', '"').replace("\\$", "$").replace("\0", "\\")
        == text
    )


def test_another_model_with_the_same_pins_has_the_same_environments() -> None:
    one = a_plan()
    other = a_plan(folder=Path("/m/other"), labels={}, variables={}, epoch=2)
    assert environments_key(one, "id") == environments_key(other, "id")
    model = LockedEnvironment(name="model", lines=("alpha==2.0 --hash=sha256:11",))
    for changed in (
        environments_key(one, "another base"),
        environments_key(a_plan(model=model), "id"),
        environments_key(a_plan(server=None), "id"),
        environments_key(a_plan(packages=(GOMP,)), "id"),
    ):
        assert changed != environments_key(one, "id")


def test_no_stage_has_what_the_base_tells_python():
    text = dockerfile(a_plan(options=ImageOptions(build_args={"PYTHONWARNINGS": "error"})))
    for stage in ("build", "environments", "model"):
        first = words(text, stage, "ENV")[0]
        for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHON_GIL"):
            assert f'{name}=""' in first
        assert "PYTHONTZPATH" not in first  # which no Python takes as not set where it is empty
        # An ENV would hide the value that an argument has.
        assert ("PYTHONWARNINGS" in first) == (stage != "build")
    assert words(text, "environments", "STOPSIGNAL") == ["SIGTERM"]
    order = [each.word for each in stages(text)["environments"]]
    assert order.index("ENV") < order.index("COPY")
