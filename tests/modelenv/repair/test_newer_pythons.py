"""Changed and new error messages of Python 3.14 and 3.15."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from modelenv.repair.context import Knowledge
from modelenv.repair.data import read_table
from modelenv.repair.diagnose import apply_rules, diagnose
from modelenv.repair.reading.failure import Failure
from modelenv.worker.errors import RunFailedError

STARTED = """\
RuntimeError:
        An attempt has been made to start a new process before the
        current process has finished its bootstrapping phase.

        This probably means that you are not using fork to start your
        child processes and you have forgotten to use the proper idiom
        in the main module:
"""
OF_3_14 = """\
Traceback (most recent call last):
  File "/app/train.py", line 2, in <module>
    print(list(ProcessPoolExecutor(2).map(abs, [-1])))
  File "/usr/lib/python3.14/multiprocessing/popen_forkserver.py", line 51, in _launch
    self.sentinel, w = forkserver.connect_to_new_process(self._fds)
  File "/usr/lib/python3.14/multiprocessing/connection.py", line 417, in _recv
    chunk = read(handle, to_read)
ConnectionResetError: [Errno 104] Connection reset by peer
"""
OF_3_15 = """\
concurrent.futures.process._RemoteTraceback:
'''
Process 2501 terminated abruptly with exit code 1'''

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/train.py", line 2, in <module>
    print(list(ProcessPoolExecutor(2).map(abs, [-1])))
  File "/usr/lib/python3.15/concurrent/futures/_base.py", line 396, in __get_result
    raise self._exception
concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly
"""
UNGUARDED = {
    "3.14": (STARTED + OF_3_14, True),
    "3.14, the parent alone": (OF_3_14, False),
    "3.15": (STARTED + OF_3_15, True),
    "3.15, the parent alone": (OF_3_15, False),
    "the child alone": (STARTED, True),
}


@pytest.mark.parametrize("case", UNGUARDED.values(), ids=UNGUARDED)
def test_a_script_without_a_main_guard_is_known(case: tuple[str, bool]) -> None:
    text, certain = case
    found = diagnose(text)
    assert (found.rule, found.certain) == ("main-guard", certain)
    assert "since Python 3.14 Linux starts them by forkserver" in found.problem
    assert '`if __name__ == "__main__":`' in found.remedy


def test_a_run_that_fails_for_it_says_why() -> None:
    failed = RunFailedError("this process", "predict", "ConnectionResetError: reset", OF_3_14)
    assert "since Python 3.14 Linux starts them by forkserver" in str(failed)
    other = RunFailedError("this process", "predict", "ConnectionResetError: reset")
    assert "forkserver" not in str(other)


SPAWNED = OF_3_14.replace("popen_forkserver.py", "popen_spawn_posix.py")
ASKED_FOR = {
    "spawn": STARTED + SPAWNED,
    "spawn, an older Python": STARTED + SPAWNED.replace("3.14", "3.11"),
    "forkserver, an older Python": STARTED + OF_3_14.replace("3.14", "3.11"),
    "forkserver, an older parent alone": OF_3_14.replace("3.14", "3.13"),
}


@pytest.mark.parametrize("text", ASKED_FOR.values(), ids=ASKED_FOR)
def test_who_asked_for_it_is_told_of_no_newer_python(text: str) -> None:
    found = diagnose(text)
    assert found.rule == "main-guard"
    assert "3.14" not in found.problem + found.remedy
    assert "no main guard" in found.problem
    assert "fork" not in found.remedy


def test_a_model_s_own_words_are_no_sign_of_it() -> None:
    own = "RuntimeError: worker 7 terminated abruptly with exit code 1"
    failed = RunFailedError("this process", "predict", own, own)
    assert "main guard" not in str(failed)
    assert diagnose(own).rule != "main-guard"


def test_a_pool_that_was_killed_is_no_such_script() -> None:
    killed = "BrokenProcessPool: A process in the process pool was terminated abruptly"
    assert diagnose(killed).rule != "main-guard"


@pytest.mark.skipif(sys.version_info < (3, 14), reason="before Python 3.14 processes are forked")
@pytest.mark.parametrize("starts", ["ProcessPoolExecutor(2).map(abs, [-1])", "process()"])
def test_python_s_own_words_are_known(starts: str, tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n"
        "def process():\n    one = multiprocessing.Process(target=abs, args=(1,))\n"
        f"    one.start()\n    one.join()\n    raise SystemExit(one.exitcode)\nlist({starts})\n"
    )
    command = [sys.executable, str(script)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode
    assert diagnose(ended.stderr).rule == "main-guard", ended.stderr


LAZY_PANDAS = """\
AttributeError: module 'pandas' has no attribute '_pandas_datetime_CAPI'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/serve.py", line 2, in <module>
    pd.DataFrame
  File "numpy/__init__.cython-30.pxd", line 1081, in numpy.import_array
ImportError: numpy._core.multiarray failed to import
lazy import of 'pandas._libs.lib' declared in <module> at /env/pandas/core/base.py:21
lazy import of 'pandas.core.api.DataFrame' declared in <module> at /env/pandas/__init__.py:46
"""
LAZY_SKLEARN = """\
Traceback (most recent call last):
  File "/app/l2.py", line 2, in <module>
    from sklearn.impute import IterativeImputer
ImportError: lazy import of 'sklearn.impute.IterativeImputer' raised an exception during resolution

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/l2.py", line 3, in <module>
    IterativeImputer
ImportError: IterativeImputer is experimental and the API might change without any deprecation
"""
LAZY_OTHER = LAZY_SKLEARN.rpartition("ImportError")[0] + "ValueError: nothing is registered\n"
LAZY_ABSENT = (
    LAZY_SKLEARN.rpartition("ImportError")[0] + "ModuleNotFoundError: No module named 'cv2'\n"
)


@pytest.mark.parametrize(
    ("text", "rule", "subject", "certain"),
    [
        (LAZY_PANDAS, "lazy-imports", "pandas", True),
        (LAZY_SKLEARN, "lazy-imports", "sklearn", True),
        (LAZY_OTHER, "lazy-imports", "sklearn", False),
        (LAZY_ABSENT, "missing-module", "opencv-python-headless", True),
    ],
)
def test_what_relies_on_an_import_fails_where_it_is_lazy(
    text: str, rule: str, subject: str, certain: bool
) -> None:
    found = diagnose(text)
    assert (found.rule, found.subject, found.certain) == (rule, subject, certain)
    assert (rule == "lazy-imports") == ("PYTHON_LAZY_IMPORTS=all" in found.remedy)


TOLD_WITHOUT_MEMORY = """\
Traceback (most recent call last):
  File "/usr/lib/python3.15/traceback.py", line 20, in <module>
ImportError: lazy import of '_colorize' raised an exception during resolution

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/serve.py", line 272, in <module>
  File "/usr/lib/python3.15/traceback.py", line 50, in _safe_get_theme
  File "<frozen importlib._bootstrap_external>", line 926, in get_data
object address  : 0x7f26bb441f60
object refcount : 3
object type     : 0xbfb820
object type name: MemoryError
object repr     : MemoryError()
lost sys.stderr
"""


@pytest.mark.parametrize("text", [TOLD_WITHOUT_MEMORY, "MemoryError\n", "MemoryError: \n"])
def test_memory_that_ran_out_while_that_was_told_is_what_ran_out(text: str) -> None:
    assert diagnose(text).rule == "out-of-memory"


PYTHON_S = {
    "Standard library module '_bz2' was not found": ("incomplete-python", "_bz2", "libbz2-dev"),
    "Standard library module '_zstd' was not found": ("incomplete-python", "_zstd", "libzstd-dev"),
    "Standard library module 'idlelib' was not found": ("incomplete-python", "idlelib", ""),
    "Standard library module 'brand_new' was not found": ("incomplete-python", "brand_new", ""),
    "Please install the python3-tk package for tkinter support.": (
        "incomplete-python",
        "python3-tk",
        "apt-get install -y python3-tk",
    ),
    "Please install the python3-gdbm package for GDBM support.": (
        "incomplete-python",
        "python3-gdbm",
        "apt-get",
    ),
    "Unsupported platform for Windows-only standard library module '_winapi'": (
        "other-system",
        "_winapi",
        "Windows",
    ),
    "Unsupported platform for standard library module '_scproxy'": (
        "other-system",
        "_scproxy",
        "macOS",
    ),
    "No module named 'winreg'": ("other-system", "winreg", "Windows"),
    "No module named 'sre_parse'": ("python-version", "python", "before 3.15"),
    "No module named 'sre_constants'": ("python-version", "python", "before 3.15"),
    "No module named 'parser'": ("python-version", "python", "before 3.10"),
    "No module named 'symbol'": ("python-version", "python", "before 3.10"),
    "No module named 'formatter'": ("python-version", "python", "before 3.10"),
    "No module named '_bootlocale'": ("python-version", "python", "before 3.10"),
    "No module named 'dummy_threading'": ("python-version", "python", "before 3.9"),
    "No module named 'macpath'": ("python-version", "python", "before 3.8"),
    "No module named 'imp'": ("python-version", "python", "before 3.12"),
    "No module named 'asyncore'": ("python-version", "python", "before 3.12"),
    "No module named 'asynchat'": ("python-version", "python", "before 3.12"),
    "No module named 'telnetlib'": ("python-version", "python", "before 3.13"),
    "No module named 'xdrlib'": ("python-version", "python", "before 3.13"),
    "No module named 'lib2to3'": ("python-version", "python", "before 3.13"),
    "No module named 'annotationlib'": ("python-version", "python", "3.14 and later"),
    "No module named 'compression'": ("python-version", "python", "3.14 and later"),
    "No module named 'concurrent.interpreters'": ("python-version", "python", "3.14 and later"),
    "No module named 'distutils'": ("python-version", "python", "setuptools"),
    "No module named 'distutils.util'": ("python-version", "python", "setuptools"),
    "No module named 'nobody_knows'. Did you mean: 'nobody_knew'?": (
        "missing-module",
        "nobody-knows",
        "if it is your own",
    ),
}


@pytest.mark.parametrize("said", PYTHON_S)
def test_what_python_says_of_its_own_modules_is_known(said: str) -> None:
    rule, subject, remedy = PYTHON_S[said]
    found = diagnose(f"ModuleNotFoundError: {said}")
    assert (found.rule, found.subject) == (rule, subject)
    assert remedy in found.remedy
    if remedy != "setuptools":
        assert found.edit is None
        assert "requirements add" not in found.remedy
        assert "pip install" not in found.remedy


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("AttributeError: module '__main__' has no attribute 'Model'", "__main__.Model"),
        ("AttributeError: module '__mp_main__' has no attribute 'work'", "__main__.work"),
        (
            "AttributeError: Can't get attribute 'f' on <module '__mp_main__'>",
            "__main__.f",
        ),
        ("AttributeError: Can't get attribute 'M' on <module '__main__' (built-in)>", "__main__.M"),
    ],
)
def test_a_class_of_a_script_is_known_in_either_words(said: str, subject: str) -> None:
    found = diagnose(said)
    assert (found.rule, found.subject) == ("missing-own-code", subject)


@pytest.mark.parametrize("name", ["parser", "symbol", "formatter", "macpath"])
@pytest.mark.parametrize(("traced", "own"), [("3.12.1", True), ("3.7.18", False)])
def test_a_module_that_bears_a_removed_one_s_name_is_the_user_s_own(
    name: str, traced: str, own: bool
) -> None:
    seen: dict[str, Any] = {"name": name, "loaded": True, "file": f"{name}.py"}
    known = Knowledge(traced=traced, imports=(seen,))
    text = f"ModuleNotFoundError: No module named '{name}'"
    found = apply_rules(Failure.of_text(text), known)
    assert found.rule == ("missing-own-code" if own else "python-version")


@pytest.mark.parametrize(
    ("said", "rule", "remedy"),
    [
        ("TypeError: cannot pickle 'lazy_import' object", "lazy-imports", "before pickling"),
        ("ImportError: __lazy_import__ not found", "lazy-imports", "PYTHON_LAZY_IMPORTS"),
        (
            "RuntimeError: There is no current event loop in thread 'MainThread'.",
            "no-event-loop",
            "asyncio.run()",
        ),
        (
            "RuntimeError: There is no current event loop in thread 'ThreadPool_0'.",
            "no-event-loop",
            "new_event_loop",
        ),
    ],
)
def test_what_newer_pythons_refuse_is_known(said: str, rule: str, remedy: str) -> None:
    found = diagnose(said)
    assert found.rule == rule
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("said", "versions"),
    [
        ("AttributeError: module 'ast' has no attribute 'Str'", "before 3.14"),
        ("AttributeError: module 'pkgutil' has no attribute 'find_loader'", "before 3.14"),
        ("AttributeError: module 'glob' has no attribute 'glob1'", "before 3.15"),
        ("ImportError: cannot import name 'TypeForm' from 'typing' (/a/typing.py)", "3.15 and"),
        ("AttributeError: 'SourceFileLoader' object has no attribute 'load_module'", "before 3.15"),
        ("AttributeError: 'OldLoader' object has no attribute 'exec_module'", "before 3.15"),
    ],
)
def test_what_came_and_went_is_known(said: str, versions: str) -> None:
    found = diagnose(said)
    assert found.rule == "python-version"
    assert versions in f"{found.problem} {found.remedy}"


def test_the_table_of_modules_holds_for_this_python() -> None:
    here = Version(f"{sys.version_info[0]}.{sys.version_info[1]}")
    wrong = [
        name
        for versions, names in read_table("version_facts")["python"].items()
        for name in names
        if name.isidentifier()
        and SpecifierSet(versions).contains(here) != (name in sys.stdlib_module_names)
    ]
    assert not wrong
