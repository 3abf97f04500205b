"""Needs of a run from outside, by its trace or its failure, with the way out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelenv.base.siblings import tracer
from modelenv.seal.leaks import Allowed, Leak, of_failure, of_touches
from modelenv.seal.plan import SealPlan

if TYPE_CHECKING:
    from .conftest import Author, Runs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths are POSIX's")


@pytest.fixture
def plan(tmp_path: Path) -> SealPlan:
    """A plan that shows a folder, with two others beside it."""
    for name in ("shown", "hidden", "home"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tool").write_text("")
        (tmp_path / name / "tool").chmod(0o755)
    return SealPlan(
        reads=(f"{tmp_path}/shown",),
        private=(f"{tmp_path}/home",),
        environment={"PATH": f"{tmp_path}/hidden"},
        folder=str(tmp_path),
        hosts=("db.example",),
    )


def test_what_was_touched_and_is_not_allowed(tmp_path: Path, plan: SealPlan) -> None:
    touches = [
        tracer.Touch("file", f"{tmp_path}/shown/tool"),
        tracer.Touch("file", f"{tmp_path}/hidden/tool"),
        tracer.Touch("library", f"{tmp_path}/hidden/tool"),
        tracer.Touch("program", "tool"),
        tracer.Touch("program", "no-such-program"),
        tracer.Touch("host", "db.example:5432"),
        tracer.Touch("host", "db.example"),
        tracer.Touch("host", "127.0.0.1:80"),
        tracer.Touch("host", "elsewhere:80"),
        tracer.Touch("unseen", "a program in C"),
    ]
    hidden = f"{tmp_path}/hidden/tool"
    assert of_touches(touches, plan) == (
        Leak("file", hidden),
        Leak("host", "elsewhere:80"),
        Leak("library", hidden),
        Leak("program", hidden),
    )


@pytest.mark.parametrize(
    ("leak", "option"),
    [
        (Leak("file", "/data/words.txt"), "artifacts"),
        (Leak("file", "/code/own.py"), "code_paths"),
        (Leak("library", "/opt/libown.so"), "allow_paths"),
        (Leak("program", "/opt/bin/tool"), "allow_paths"),
        (Leak("host", "db:5432"), "allow_hosts"),
    ],
)
def test_the_option_that_allows_it(leak: Leak, option: str) -> None:
    assert leak.option == option


def test_a_file_in_a_temporary_folder_may_have_been_one_to_write() -> None:
    assert "tempfile.gettempdir()" in Leak("file", "/tmp/figure.png").remedy
    assert "tempfile" not in Leak("file", "/home/me/words.txt").remedy


def test_a_file_of_another_distribution_is_mended_by_a_pin() -> None:
    leak = Leak("file", "/site-packages/other/table.json", "other==1.0")
    assert leak.option == "extra_pip_requirements"
    assert "of other==1.0, which is not pinned: extra_pip_requirements=" in leak.remedy


def test_what_was_looked_for_where_another_folder_stands_for_it(
    tmp_path: Path, plan: SealPlan
) -> None:
    plan = replace(plan, stands_for=(("/replica/site", f"{tmp_path}/hidden"),))
    message = "FileNotFoundError: [Errno 2] No such file or directory: '/replica/site/{}'"
    assert of_failure(message.format("tool"), plan) == Leak("file", f"{tmp_path}/hidden/tool")
    assert of_failure(message.format("nothing"), plan) is None
    message = "OSError: /replica/site/tool: cannot open shared object file: No such file"
    assert of_failure(message, plan) == Leak("library", f"{tmp_path}/hidden/tool")


HELD = [
    "FileNotFoundError: [Errno 2] No such file or directory: '{site}/own/tool'",
    "OSError: {site}/own/tool: cannot open shared object file: No such file or directory",
    "ComputeError: error loading dynamic library: dlopen failed: ...{cut}/own/tool (set VERBOSE=1)",
    "NoSuchFile: Load model from {site}/own/tool failed. File doesn't exist",
]


@pytest.mark.parametrize("message", HELD)
def test_a_path_of_the_environment_that_a_model_was_made_in(
    tmp_path: Path, plan: SealPlan, message: str
) -> None:
    site = tmp_path / "made" / "site-packages"
    (site / "own").mkdir(parents=True)
    (site / "own" / "tool").touch()
    plan = replace(plan, stands_for=(("/replica/lib/site-packages", str(site)),))
    leak = of_failure(message.format(site=site, cut=str(site)[-18:]), plan)
    assert leak is not None
    assert (leak.name, leak.held) == (f"{site}/own/tool", True)
    assert not leak.by_path  # nobody's file may be carried as it is
    assert "artifacts=" in replace(leak, kind="file").remedy
    owned = replace(leak, owner="own==1.0")
    assert "of own==1.0 at that path, which no other environment has" in owned.remedy
    assert "pins it" not in owned.remedy


@pytest.mark.parametrize(
    "message",
    [
        "ValueError: cannot read /replica/lib/site-packages/own/tool",
        "ValueError: cannot read ...lib/site-packages/own/tool",
        "ValueError: cannot read site-packages/own/tool",
        "ValueError: cannot read {site}/own/other",
        '  File "{site}/own/tool", line 3, in read\nValueError: a mistake',
    ],
)
def test_a_path_that_is_no_hidden_one(tmp_path: Path, plan: SealPlan, message: str) -> None:
    site = tmp_path / "lib" / "site-packages"
    (site / "own").mkdir(parents=True)
    (site / "own" / "tool").touch()
    plan = replace(plan, stands_for=(("/replica/lib/site-packages", str(site)),))
    assert of_failure(message.format(site=site), plan) is None


def test_a_program_that_is_found_outside_alone(tmp_path: Path, plan: SealPlan) -> None:
    message = "FileNotFoundError: [Errno 2] No such file or directory: '{}'"
    assert of_failure(message.format("tool"), plan) == Leak("program", f"{tmp_path}/hidden/tool")
    assert of_failure(message.format("no-such-program"), plan) is None


@pytest.mark.parametrize("number", [2, 13, 30])
def test_a_failure_that_names_a_path_outside(tmp_path: Path, plan: SealPlan, number: int) -> None:
    for name in ("hidden", "home"):
        path = f"{tmp_path}/{name}/tool"
        message = f"PermissionError: [Errno {number}] Whatever it says: {path!r}"
        assert of_failure(message, plan) == Leak("file", path)


def test_a_failure_of_the_model_s_own(tmp_path: Path, plan: SealPlan) -> None:
    for path in (f"{tmp_path}/shown/tool", f"{tmp_path}/nowhere"):
        message = f"FileNotFoundError: [Errno 2] No such file or directory: {path!r}"
        assert of_failure(message, plan) is None
    assert of_failure("ValueError: a mistake", plan) is None


def test_a_network_that_is_not_there(plan: SealPlan) -> None:
    message = "OSError: [Errno 101] Network is unreachable"
    assert of_failure(message, plan) is None  # of its own: the network was left open
    assert of_failure(message, replace(plan, hosts=())) == Leak("host", "")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("lib/own/file", True),
        ("lib/site/near/file", True),
        ("lib/site/far/file", False),
        ("home/mine/file", False),
        ("home/run/file", True),
        ("else/where/file", False),
        ("alias/file", True),
    ],
)
def test_which_paths_are_allowed(tmp_path: Path, path: str, shown: bool) -> None:
    for name in ("lib/own", "lib/site/near", "lib/site/far", "home/mine", "home/run", "else/where"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "alias").symlink_to("lib/own")
    plan = SealPlan(
        reads=(f"{tmp_path}/lib", f"{tmp_path}/lib/site/near"),
        masks=(f"{tmp_path}/lib/site",),
        private=(f"{tmp_path}/home",),
        writes=(f"{tmp_path}/home/run",),
        environment={},
        folder=f"{tmp_path}/home/run",
    )
    assert (f"{tmp_path}/{path}" in Allowed(plan)) is shown


@pytest.mark.parametrize(
    ("name", "leaks"),
    [
        ("localhost:80", False),
        ("127.0.0.1", False),
        ("::1:80", False),
        ("db.example", False),
        ("db.example:5432", False),
        ("localhost.example:80", True),
        ("other.example", True),
    ],
)
def test_which_hosts_are_allowed(plan: SealPlan, name: str, leaks: bool) -> None:
    assert bool(of_touches([tracer.Touch("host", name)], plan)) is leaks


FAILURES = {
    "file": "import sys; open(sys.argv[1]).read()",
    "library": "import ctypes, sys; ctypes.CDLL(sys.argv[1])",
}


@pytest.mark.parametrize("kind", sorted(FAILURES))
def test_a_sealed_run_s_own_words_name_it(author: Author, sealed: Runs, kind: str) -> None:
    path = author.write("data/thing.bin")
    ended = sealed.run(FAILURES[kind], str(path))
    assert ended.code == 1
    (author.root / "plan").mkdir()
    assert of_failure(ended.output, author.plan(author.root / "plan")) == Leak(kind, str(path))  # type: ignore[arg-type]


def test_a_sealed_run_s_own_words_name_the_network(author: Author, sealed: Runs) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    ended = sealed.run(code)
    (author.root / "plan").mkdir()
    assert of_failure(ended.output, author.plan(author.root / "plan")) == Leak("host", "")
