from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tracer import ImportRecord, Observation, trace
from tracer.probe.children import why_unseen

from ..small_worlds import notes_of

World = Callable[[Mapping[str, str]], Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

JOBS = {
    "jobs.py": (
        "import os, signal\n"
        "def work(number=0):\n"
        "    import fruit\n"
        "    return number\n"
        "def die(how):\n"
        "    import fruit\n"
        "    os._exit(3) if how == 'exit' else os.kill(os.getpid(), signal.SIGKILL)\n"
    ),
    "fruit/__init__.py": "from . import apple\n",
    "fruit/apple.py": "",
}
METHODS = ("fork", "spawn", "forkserver")


@pytest.fixture(autouse=True)
def no_forkserver() -> Iterator[None]:
    """End the fork server, which would outlive the block that it was started in."""
    yield
    from multiprocessing import forkserver

    forkserver._forkserver._stop()  # type: ignore[attr-defined]


def edges(seen: Observation) -> set[tuple[str, str | None]]:
    return {(record.name, record.importer) for record in seen.records if record.loaded}


def record_of(seen: Observation, name: str) -> ImportRecord:
    return next(record for record in seen.records if record.name == name)


def start(method: str, job: str, *arguments: object) -> int | None:
    import jobs  # type: ignore[import-not-found]

    context = multiprocessing.get_context(method)
    process = context.Process(  # type: ignore[attr-defined]
        target=getattr(jobs, job), args=arguments
    )
    process.start()
    process.join(60)
    return process.exitcode  # type: ignore[no-any-return]


@pytest.mark.parametrize("method", METHODS)
def test_what_a_child_imports_is_recorded_with_its_file(world: World, method: str) -> None:
    folder = world(JOBS)
    with trace() as seen:
        assert start(method, "work") == 0
    assert ("fruit", "jobs") in edges(seen)
    assert ("fruit.apple", "fruit") in edges(seen)
    assert record_of(seen, "fruit.apple").file == str(folder / "fruit" / "apple.py")


def test_a_fork_server_that_outlives_a_block_is_seen_in_the_next(world: World) -> None:
    world(JOBS)
    for _ in range(2):
        with trace() as seen:
            assert start("forkserver", "work") == 0
        assert ("fruit", "jobs") in edges(seen)
        assert notes_of(seen.trace) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody lists a process's children")
def test_a_fork_server_from_before_is_named(world: World) -> None:
    world(JOBS)
    assert start("forkserver", "work") == 0
    with trace() as seen:
        assert start("forkserver", "work") == 0
    assert "fruit" not in seen.modules
    (note,) = notes_of(seen.trace)
    assert note.startswith("unseen: the fork server, process ")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(["-m", "basket"], "basket"), (["-m", "fruit"], "fruit.__main__"), (["basket.py"], "basket")],
)
def test_the_program_of_a_child_interpreter_is_recorded(
    world: World, arguments: list[str], name: str
) -> None:
    folder = world({"basket.py": "import fruit", "fruit/__init__.py": "", "fruit/__main__.py": ""})
    with trace() as seen:
        subprocess.run([sys.executable, *arguments], cwd=folder, check=True)
    record = record_of(seen, name)
    assert (record.loaded, record.how, record.importer) == (True, "program", None)
    assert record.file == str(folder.joinpath(*name.split(".")).with_suffix(".py"))
    assert "fruit" in seen.modules


@pytest.mark.parametrize("method", METHODS)
def test_what_multiprocessing_starts_is_no_program(world: World, method: str) -> None:
    world(JOBS)
    with trace() as seen:
        assert start(method, "work") == 0
    assert not [record.name for record in seen.records if record.how == "program"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("how", "code"), [("exit", 3), ("signal", -signal.SIGKILL)])
def test_a_child_that_dies_keeps_what_it_recorded(
    world: World, method: str, how: str, code: int
) -> None:
    folder = world(JOBS)
    with trace() as seen:
        assert start(method, "die", how) == code
    assert record_of(seen, "fruit.apple").file == str(folder / "fruit" / "apple.py")
    assert record_of(seen, "fruit").loaded


@pytest.mark.parametrize("method", METHODS)
def test_the_workers_of_a_pool_are_seen(world: World, method: str) -> None:
    world(JOBS)
    import jobs

    with trace() as seen:
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            assert list(pool.map(jobs.work, range(4))) == [0, 1, 2, 3]
    assert ("fruit.apple", "fruit") in edges(seen)


def test_what_a_spawned_child_unpickles_is_the_blocks_own(world: World) -> None:
    world(JOBS)
    with trace() as seen:
        start("spawn", "work")
    assert ("jobs", None) in edges(seen)


def test_the_workers_of_joblib_are_seen_and_joblib_is_its_own_importer(run: Run) -> None:
    pytest.importorskip("joblib")
    text = (
        "import joblib, jobs\n"
        "from tracer import trace\n"
        "with trace() as seen:\n"
        "    joblib.Parallel(n_jobs=2)(joblib.delayed(jobs.work)(n) for n in range(4))\n"
        "for r in seen.records:\n"
        "    if r.loaded and not r.importer_file: print(r.name, r.importer)\n"
        "    if r.name == 'fruit': print(r.name, r.importer)\n"
    )
    done = run(text, jobs=JOBS["jobs.py"], fruit="")
    lines = done.stdout.splitlines()
    assert "jobs None" in lines, done.stderr
    assert "fruit jobs" in lines
    assert not [line for line in lines if line.startswith("joblib") and line.endswith(" None")]


def test_a_subprocess_of_python_is_seen_and_its_program_counts_as_the_block(world: World) -> None:
    folder = world({"script.py": "import pear\n", "pear.py": "", "plum.py": ""})
    with trace() as seen:
        subprocess.run([sys.executable, "-c", "import plum"], check=True)
        subprocess.run([sys.executable, "script.py"], check=True)
    assert record_of(seen, "plum").importer is None
    pear = record_of(seen, "pear")
    assert (pear.importer, pear.importer_file) == ("__main__", str(folder / "script.py"))


def test_children_of_children_are_seen(world: World) -> None:
    world({"peach.py": ""})
    inner = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import peach'])"
    with trace() as seen:
        subprocess.run([sys.executable, "-c", inner], check=True)
    assert record_of(seen, "peach").loaded


def test_nested_traces_both_see_a_child(world: World) -> None:
    world({"early.py": "", "late.py": ""})
    with trace() as outer:
        subprocess.run([sys.executable, "-c", "import early"], check=True)
        with trace() as inner:
            subprocess.run([sys.executable, "-c", "import late"], check=True)
    assert "early" not in inner.modules
    assert "late" in inner.modules
    assert {"early", "late"} <= set(outer.modules)


def test_a_trace_inside_a_traced_child_leaves_the_records_to_both(world: World) -> None:
    world({"deep.py": ""})
    text = (
        "import subprocess, sys\nfrom tracer import trace\n"
        "with trace() as seen:\n"
        "    subprocess.run([sys.executable, '-c', 'import deep'], check=True)\n"
        "assert 'deep' in seen.modules, seen.trace\n"
    )
    root = Path(__file__).resolve().parents[2]
    with trace() as seen:
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.append({str(root)!r})\n{text}"],
            check=True,
        )
    assert "deep" in seen.modules


def test_interpreters_that_shut_the_tracer_out_are_named(world: World) -> None:
    world({})
    with trace() as seen:
        subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
        subprocess.run([sys.executable, "-c", "pass"], check=True, env={"PATH": "/usr/bin"})
    isolated, bare = (note for note in notes_of(seen.trace) if note.startswith("unseen"))
    assert "-I keeps the tracer out" in isolated
    assert "its environment does not name the tracer" in bare


def test_an_interpreter_that_a_shell_starts_is_named_as_well(world: World) -> None:
    world({})
    with trace() as seen:
        subprocess.run(f"{sys.executable} -S -c pass", shell=True, check=True)
    (unseen,) = notes_of(seen.trace)
    assert "-S keeps the tracer out" in unseen


@pytest.mark.parametrize("own", [None, "import sys\nsys.own = 1\n"])
def test_a_python_too_old_to_record_behaves_as_without_us_and_is_named(
    world: World, old_python: Path, own: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world({} if own is None else {"site/sitecustomize.py": own})
    monkeypatch.setenv("PYTHONPATH", str(folder / "site"))
    program = "import sys; print('sitecustomize' in sys.modules, hasattr(sys, 'own'), sys.path)"
    command = [str(old_python), "-c", program]
    plain = subprocess.run(command, capture_output=True, text=True, check=True)
    with trace() as seen:
        traced = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (traced.stdout, traced.stderr) == (plain.stdout, plain.stderr)
    (note,) = notes_of(seen.trace)
    assert note.endswith("is too old for the tracer")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["python", "-c", "-I"], None),
        (["python3.8", "-Xdev", "-S", "x.py"], "-S"),
        (["python", "-W", "error", "-E", "x.py"], "-E"),
        (["python", "-X", "dev", "x.py", "-I"], None),
        (["python", "-OIc", "pass"], "-I"),
        (["python", "-m", "tool", "-S"], None),
        (["ls", "-I"], None),
        (["/bin/sh", "-c", "python3 -I x.py"], "-I"),
        (["sh", "-c", "ls -I"], None),
        ([], None),
    ],
)
def test_only_the_interpreters_own_options_shut_out(words: list[str], reason: str | None) -> None:
    said = why_unseen(words, None)
    assert said is None if reason is None else reason in str(said)


def test_without_children_the_environment_is_left_alone(world: World) -> None:
    world({"plum.py": ""})
    before = dict(os.environ)
    with trace(children=False) as seen:
        assert dict(os.environ) == before
        subprocess.run([sys.executable, "-c", "import plum"], check=True)
    assert "plum" not in seen.modules


def test_what_the_block_itself_changes_in_the_environment_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world({})
    monkeypatch.setenv("PYTHONPATH", "before")
    with trace():
        os.environ["PYTHONPATH"] += os.pathsep + "added"
    assert os.environ["PYTHONPATH"] == os.pathsep.join(["before", "added"])


@pytest.mark.parametrize("own", [None, "import own_marker\n", "raise RuntimeError('sick')\n"])
def test_the_sites_own_sitecustomize_runs_as_without_us(
    world: World, own: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"own_marker.py": "", "plum.py": ""}
    if own is not None:
        files["site/sitecustomize.py"] = own
    folder = world(files)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder / "site"), str(folder)]))
    program = (
        "import sys, plum\n"
        "print('sitecustomize' in sys.modules, 'own_marker' in sys.modules)\n"
        "print(getattr(sys.modules.get('sitecustomize'), '__file__', None))\n"
        "print([entry for entry in sys.path if 'entry' in entry])\n"
    )
    command = [sys.executable, "-c", program]
    plain = subprocess.run(command, capture_output=True, text=True, check=True)
    with trace() as seen:
        traced = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (traced.stdout, traced.stderr) == (plain.stdout, plain.stderr)
    assert "plum" in seen.modules
    assert "own_marker" not in seen.modules


def test_a_child_that_closes_every_file_tears_nobody_elses(world: World) -> None:
    world({"plum.py": "", "other.py": ""})
    program = (
        "import os, plum\n"
        "os.closerange(3, 256)\n"
        "mine = [os.open('mine.txt', os.O_CREAT | os.O_WRONLY) for _ in range(20)]\n"
        "import other\n"
    )
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert {"plum", "other"} <= set(seen.modules)
    assert Path("mine.txt").read_bytes() == b""
