from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tracer import Touch, trace
from tracer.probe.programs import find_program
from tracer.probe.shell import programs_in

World = Callable[[Mapping[str, str]], Path]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are made of lines for the shell")


@pytest.fixture
def grind(world: World) -> Path:
    """Make a program."""
    program = world({"bin/grind": "#!/bin/sh\nexit 0\n", "bin/notes": ""}) / "bin" / "grind"
    program.chmod(0o755)
    return program


def programs(action: Callable[[], object]) -> list[str]:
    with trace(touched=True, executed=False, children=False) as seen:
        action()
    return [each.name for each in seen.trace.touches if each.kind == "program"]


def run(*words: str, **options: object) -> None:
    subprocess.run(words, check=True, **options)  # type: ignore[call-overload]


def test_a_program_is_seen_by_its_path_with_who_started_it(grind: Path) -> None:
    with trace(touched=True, executed=False, children=False) as seen:
        run(str(grind))
    (touch,) = seen.trace.touches
    assert (touch.kind, touch.name) == ("program", str(grind))
    assert (touch.importer, touch.importer_file) == (__name__, __file__)
    assert touch.line is not None


def test_a_program_is_found_as_the_system_finds_it(
    grind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = {"PATH": str(grind.parent)}
    assert programs(lambda: run("grind", env=path)) == [str(grind)]
    assert programs(lambda: run("bin/grind")) == [str(grind)]
    assert programs(lambda: run("./grind", cwd=grind.parent)) == [str(grind)]
    assert programs(lambda: run("grind", env={"PATH": "bin"}, cwd=str(grind.parents[1]))) == [
        str(grind)
    ]
    monkeypatch.setenv("PATH", str(grind.parent))
    assert programs(lambda: run("grind")) == [str(grind)]


def test_a_link_to_a_program_keeps_its_own_path(grind: Path) -> None:
    link = grind.with_name("mill")
    link.symlink_to(grind)
    assert programs(lambda: run(str(link))) == [str(link)]


def test_a_program_that_is_not_found_is_seen_as_it_was_asked_for(grind: Path) -> None:
    def start() -> None:
        for name in ("never-there", str(grind.with_name("notes"))):
            with pytest.raises(OSError, match=name):
                run(name)

    assert programs(start) == [str(grind.with_name("notes")), "never-there"]


def test_every_way_to_start_a_program_is_seen(grind: Path) -> None:
    program = str(grind)

    def wait(pid: int) -> None:
        os.waitpid(pid, 0)

    async def start() -> None:
        await (await asyncio.create_subprocess_exec(program)).wait()

    ways: list[Callable[[], object]] = [
        lambda: os.system(program),
        lambda: subprocess.getoutput(program + " --all"),
        lambda: wait(os.posix_spawn(program, [program], os.environ)),
        lambda: asyncio.run(start()),
    ]
    for way in ways:
        assert program in programs(way)


def test_a_program_that_a_fork_becomes_is_seen(grind: Path) -> None:
    with trace(touched=True) as seen:
        os.spawnvpe(os.P_WAIT, "grind", ["grind"], {**os.environ, "PATH": f"/x:{grind.parent}"})
    assert seen.trace.touched("program") == (str(grind),)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("grind", "grind"),
        ("grind; ls", "grind ls"),
        ("grind>/dev/null", "grind"),
        ("LANG=C TZ= exec bin/grind -v | wc -l", "bin/grind wc"),
        ("cd bin && ./grind", "./grind"),
        ("$TOOL --all", ""),
        ("'my grind' x", "my grind"),
        ("for each in *; do grind; done", "grind"),
        ("", ""),
        ("echo '1 | x' | bc | cat", "bc cat"),
        ("x=$(echo 2+2 | bc); echo $x", "bc"),
        ('echo "it is `jq -n 1` and $(date)"', "date jq"),
        ("a 2>&1 <in | b &> out & c", "a b c"),
        ("if which dot >/dev/null; then dot -V; fi", "which dot"),
        ("(cd x; make) && time -p gs -q # | ls", "make gs"),
        ("timeout 5 env A=1 nice -n 3 jq .", "timeout env nice jq"),
        ("echo \\| ls", ""),
    ],
)
def test_what_a_shell_is_told_to_run_is_seen_where_it_is_plain(line: str, told: str) -> None:
    assert " ".join(programs_in(["/bin/sh", "-c", line])) == told
    assert [*programs_in(["/bin/ls", "-c", line])] == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("env LC_ALL=C bc", "bc"),
        ("env -u A -i B=1 sh -c jq", "sh jq"),
        ("timeout -k 1 5 jq", "jq"),
        ("xargs -n1 -P 4 jq -n", "jq"),
        ("nohup stdbuf -oL -e 0 bc", "stdbuf bc"),
        ("nice -10 gs -c x", "gs"),
        ("bash -lc soffice", "soffice"),
        ("bash work.sh -c x", ""),
        ("timeout", ""),
        ("env -- jq", "jq"),
    ],
)
def test_what_others_are_told_to_run_is_seen(command: str, told: str) -> None:
    assert " ".join(programs_in(command.split())) == told


def test_a_program_behind_another_is_seen_with_who_started_it(grind: Path) -> None:
    where = {"env": {**os.environ, "PATH": f"{grind.parent}:{os.environ['PATH']}"}}
    for words in ("env A=1 grind", "nice grind", "sh -c grind"):
        assert str(grind) in programs(partial(run, *words.split(), **where))
    assert str(grind) in programs(lambda: subprocess.getoutput(f"echo 1 | {grind}"))
    line = "true; echo 1 | grind"
    assert str(grind) in programs(partial(subprocess.run, line, shell=True, check=True, **where))


def test_what_is_no_program_of_the_shell_is_not_one_that_is_seen(grind: Path) -> None:
    assert programs(lambda: os.system("for each in a b; do :; done")) == []
    assert programs(lambda: os.system("exit 0")) == []


def test_this_interpreter_is_no_program_and_another_environments_is(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other"))
    other = tmp_path / "other" / "bin" / "python"
    beside = sorted(Path(sys.executable).parent.glob("python3*[0-9]"))
    assert programs(lambda: run(sys.executable, "-c", "")) == []
    for each in beside:
        assert programs(partial(run, str(each), "-c", "")) == []
    assert programs(lambda: run(str(other), "-c", "")) == [str(other)]


def test_where_no_environment_is_given_this_process_has_one(grind: Path) -> None:
    assert find_program("sh", None, None) == find_program("sh", None, {**os.environ})
    assert find_program("sh", None, {}) == find_program("sh")
    assert find_program("grind", None, {b"PATH": os.fsencode(grind.parent)}) == str(grind)


def test_what_a_traced_child_starts_is_seen_with_who_started_it(grind: Path) -> None:
    Path("mill.py").write_text("import subprocess\nsubprocess.run(['bin/grind'], check=True)\n")
    with trace() as seen:
        run(sys.executable, "mill.py")
    (touch,) = (each for each in seen.trace.touches if each.kind == "program")
    file = str(Path("mill.py").absolute())
    assert touch == Touch("program", str(grind), "", "__main__", file, 2)
