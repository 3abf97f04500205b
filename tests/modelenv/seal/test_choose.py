"""The choice of a seal, on machines that are made to refuse some."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import WrongUseError
from modelenv.seal.choose import SealRequest, SealSupport, choose, this_machine
from modelenv.seal.command import check, command
from modelenv.seal.seals import KINDS, Seal, SealFailedError, SealUnavailableError

from .conftest import Runs, seal_of
from .test_installs import started_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .conftest import Author

ALL = SealSupport(landlock=7)
CONTAINER = SealSupport(namespaces="it is a container", own_processes=False, landlock=3)
NOTHING = SealSupport(namespaces="it is no Linux", why_no_landlock="nor there")


def test_the_strongest_is_taken() -> None:
    assert choose("auto", ALL).kind == "namespaces"
    assert choose("auto", CONTAINER).kind == "landlock"
    assert choose("auto", NOTHING).kind == "watch"


def test_what_the_user_asks_for_is_read(tmp_path: Path) -> None:
    request = SealRequest.read("off", "db.example", [tmp_path])
    assert request.allow_hosts == ("db.example",)
    assert request.allow_paths == (str(tmp_path),)
    assert request.chosen() == Seal(
        kind="off", allow_hosts=("db.example",), allow_paths=(str(tmp_path),)
    )


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"seal": "docker"}, "seal"),
        ({"allow_hosts": [""]}, "allow_hosts"),
        ({"allow_paths": "/nowhere/at/all"}, "allow_paths"),
    ],
)
def test_what_nobody_can_ask_for(wrong: Any, name: str) -> None:
    with pytest.raises(BadArgumentError, match=name):
        SealRequest.read(**wrong)


def test_why_it_is_not_a_stronger_one_is_said() -> None:
    assert choose("auto", ALL).reason == ""
    assert choose("auto", CONTAINER).reason == "no namespaces: it is a container"
    assert choose("auto", NOTHING).reason == "no namespaces: it is no Linux; no landlock: nor there"


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_asked_for_is_taken(kind: str) -> None:
    assert choose(kind, ALL).kind == kind  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "why"), [("namespaces", "it is no Linux"), ("landlock", "nor")])
def test_one_that_cannot_be_had_is_an_error(kind: str, why: str) -> None:
    with pytest.raises(SealUnavailableError, match=why) as raised:
        choose(kind, NOTHING)  # type: ignore[arg-type]
    assert raised.value.exit_code == 2


def test_what_is_left_open_is_said() -> None:
    open_network = choose("namespaces", ALL, hosts=["db"]).left_open
    assert any("network" in words for words in open_network)
    assert not any("network" in words for words in choose("namespaces", ALL).left_open)
    shared = SealSupport(own_processes=False, landlock=7)
    assert any("/proc" in words for words in choose("namespaces", shared).left_open)
    assert choose("watch", ALL).left_open
    assert choose("off", ALL).left_open == ()


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_each_version_of_landlock_leaves_less_open() -> None:
    said = [set(choose("landlock", SealSupport(landlock=n)).left_open) for n in range(1, 8)]
    assert all(newer <= older for older, newer in pairwise(said))
    assert any("TCP" in words and "over TCP too" in words for words in said[2])
    assert not any("over TCP too" in words for words in said[3])
    assert any("signals" in words for words in said[4])
    assert not any("signals" in words for words in said[5])


def test_only_a_seal_is_called_one() -> None:
    assert [str(choose(kind, ALL)) for kind in KINDS] == [
        "sealed by namespaces",
        "sealed by Landlock",
        "watched, not sealed",
        "not sealed",
    ]


@pytest.mark.skipif(sys.platform == "linux", reason="Linux has both")
def test_another_system_has_neither() -> None:
    assert choose("auto", this_machine()).kind == "watch"


# A machine as it is in a container, or was before: some system calls fail.
REFUSING = """
import ctypes, os, struct, sys
answers = eval(sys.argv[1])
steps = [(0x20, 0, 0, 0)]
for number, error in answers.items():
    steps += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]
steps.append((0x06, 0, 0, 0x7FFF0000))
raw = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(raw))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])
"""
UNSHARE = {"x86_64": 272, "aarch64": 97}
MOUNT_SETATTR, LANDLOCK_CREATE = 442, 444

SAY = """
from modelenv.seal.choose import choose, this_machine
machine = this_machine()
print(machine.namespaces, machine.own_processes, sep="|")
print(machine.landlock, machine.why_no_landlock, sep="|")
print(choose("auto", machine).kind)
"""


def refusing(answers: Mapping[int, int]) -> list[str]:
    """Return how a command is begun on a machine on which system calls fail with these numbers."""
    if os.name != "posix" or os.uname().machine not in UNSHARE:
        pytest.skip("the numbers of the system calls are those of x86-64 and arm64")
    return [sys.executable, "-c", REFUSING, repr(dict(answers))]


def said(line: list[str]) -> list[str]:
    ended = subprocess.run(
        line,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_a_container_that_refuses_namespaces() -> None:
    begin = refusing({UNSHARE.get(os.uname().machine, 0): errno.EPERM})
    lines = said([*begin, sys.executable, "-c", SAY])
    assert "--security-opt" in lines[0]
    assert lines[2] == ("landlock" if this_machine().landlock else "watch")


def test_a_kernel_without_either() -> None:
    unshare = UNSHARE.get(os.uname().machine, 0)
    begin = refusing({unshare: errno.ENOSYS, LANDLOCK_CREATE: errno.ENOSYS})
    lines = said([*begin, sys.executable, "-c", SAY])
    assert lines == [
        "the kernel is too old, or was built without it|False",
        "0|the kernel is too old, or was built without it",
        "watch",
    ]


def test_a_kernel_that_was_started_without_landlock() -> None:
    begin = refusing({LANDLOCK_CREATE: errno.EOPNOTSUPP})
    lines = said([*begin, sys.executable, "-c", SAY])
    assert lines[1].startswith("0|the kernel was started without it")


def test_a_limit_of_namespaces() -> None:
    lines = said(_below("echo 0 > /proc/sys/user/max_user_namespaces"))
    assert "user.max_user_namespaces" in lines[0]


def test_a_container_that_hides_a_part_of_proc(author: Author) -> None:
    lines = said(_below("mount -t tmpfs none /proc/bus || mount --bind /dev/null /proc/keys"))
    assert lines[0] == "|False"
    assert lines[2] == "namespaces"


def _below(command_line: str) -> list[str]:
    """Return a command that looks at a machine on which the root of a namespace did something."""
    seal_of("namespaces")
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no program unshare")
    script = textwrap.dedent(f"{command_line}\nexec \"$0\" -c '{SAY}'".replace("\n\n", "\n"))
    return [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", script, sys.executable]


def test_a_machine_that_shows_its_processes(author: Author) -> None:
    seal_of("namespaces")
    seal = Seal(kind="namespaces", own_processes=False)
    code = "import os; print(os.path.exists(f'/proc/{os.getppid()}'), os.getpid() > 100)"
    assert Runs(author, seal).run(code).output.split() == ["True", "True"]


def test_a_kernel_that_sets_one_mount_at_a_time(author: Author) -> None:
    begin = refusing({MOUNT_SETATTR: errno.ENOSYS})
    seal_of("namespaces")
    author.install("pinned")
    assert started_by([*begin, sys.executable], author, "namespaces") == "ran"


def test_there_nothing_is_written_to_either(author: Author, tmp_path: Path) -> None:
    begin = refusing({MOUNT_SETATTR: errno.ENOSYS})
    seal = seal_of("namespaces")
    file = author.write("model/data.txt")
    scratch = author.root / "run"
    scratch.mkdir()
    plan = author.plan(scratch)
    code = f"open('ours', 'w'); open('/tmp/x', 'w'); open({str(file)!r}, 'a')"
    line = command(seal, plan, [str(author.python), "-c", code], scratch)
    ended = subprocess.run(
        [*begin, *line],
        env=dict(plan.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Read-only file system" in ended.stderr
    assert (scratch / "folder" / "ours").exists()


def test_a_seal_that_fails_says_what(author: Author) -> None:
    seal = seal_of("namespaces")
    scratch = author.root / "run"
    scratch.mkdir()
    plan = author.plan(scratch)
    line = command(seal, plan, ["/nowhere/python"], scratch)
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    with pytest.raises(WrongUseError, match="/nowhere/python cannot be started: No such file"):
        check(seal, ended.returncode, ended.stderr)
    (scratch / "folder").rmdir()
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    with pytest.raises(SealFailedError, match="No such file") as raised:
        check(seal, ended.returncode, ended.stderr)
    assert raised.value.number == errno.ENOENT
    check(seal, 120, "a program's own exit code")  # is no refusal
