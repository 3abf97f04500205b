"""Usual operations of a model work in a seal as without one."""

from __future__ import annotations

import shutil
import socket
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Author, Runs

SKLEARN = ("numpy", "scipy", "scikit-learn", "joblib", "threadpoolctl")

PREDICT = """
import numpy, sklearn.datasets, sklearn.linear_model
features, kinds = sklearn.datasets.load_iris(return_X_y=True)
model = sklearn.linear_model.LogisticRegression(max_iter=200).fit(features, kinds)
print(model.predict(features[::50]).tolist())
try:
    import pytest
except ModuleNotFoundError:
    print("alone")
"""

POOLS = """
import multiprocessing, sys

def square(number):
    return number * number

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(square, range(4)))
    with context.Lock(), context.Semaphore(2):
        print("locked")
    with context.Manager() as manager:
        print(manager.list([1, 2]))
"""

LOKY = """
from joblib import Parallel, delayed

def square(number):
    return number * number

if __name__ == "__main__":
    print(Parallel(n_jobs=2)(delayed(square)(number) for number in range(4)))
"""

SHARED = """
from multiprocessing import shared_memory
block = shared_memory.SharedMemory(create=True, size=10)
block.buf[0] = 7
again = shared_memory.SharedMemory(block.name)
print(again.buf[0])
again.close()
block.close()
block.unlink()
"""

SMALL_THINGS = """
import locale, os, pathlib, ssl, subprocess, sys, tempfile, threading, time
assert ssl.create_default_context().get_ca_certs() or not os.path.exists("/etc/ssl/certs")
os.environ["TZ"] = "Europe/Berlin"
time.tzset()
assert time.tzname[0] == "CET" or not os.path.exists("/usr/share/zoneinfo/Europe/Berlin")
locale.setlocale(locale.LC_ALL, "C.UTF-8")
done = []
thread = threading.Thread(target=done.append, args=(1,))
thread.start()
thread.join()
assert done
with tempfile.NamedTemporaryFile() as file:
    file.write(b"x")
home = pathlib.Path.home()
(home / ".cache").mkdir(parents=True)
(home / ".cache" / "new").write_text("x")
pathlib.Path("result.txt").write_text("x")
assert len(os.urandom(8)) == 8
open("/dev/null", "w").write("x")
os.cpu_count()
assert subprocess.run(["sh", "-c", "exit 3"]).returncode == 3
assert subprocess.run([sys.executable, "-c", "import json"]).returncode == 0
import getpass, platform, socket
getpass.getuser(), platform.platform(), socket.gethostname()
print("all done")
"""

COMPILES = """
import subprocess, sys, sysconfig
module = '''
#include <Python.h>
static PyObject *seven(PyObject *self, PyObject *none) { return PyLong_FromLong(7); }
static PyMethodDef methods[] = {{"seven", seven, METH_NOARGS, 0}, {0}};
static struct PyModuleDef made = {PyModuleDef_HEAD_INIT, "made", 0, -1, methods};
PyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&made); }
'''
open("made.c", "w").write(module)
headers = sysconfig.get_path("include")
subprocess.run(["cc", "-shared", "-fPIC", "-I", headers, "made.c", "-o", "made.so"], check=True)
sys.path.insert(0, ".")
import made
print(made.seven())
"""

LOOPBACK = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    client.sendall(b"there")
    print(peer.recv(5).decode())
"""


def test_a_pinned_set_predicts_and_nothing_else_is_there(author: Author, sealed: Runs) -> None:
    author.pin(_with_requirements(SKLEARN))
    assert sealed.run(PREDICT).output.splitlines() == ["[0, 1, 2]", "alone"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_locks_and_managers(sealed: Runs, method: str) -> None:
    lines = sealed.run(POOLS, method).output.splitlines()
    assert lines == ["[0, 1, 4, 9]", "locked", "[1, 2]"]


def test_joblib_s_processes(author: Author, sealed: Runs) -> None:
    author.pin(_with_requirements(("joblib",)))
    assert sealed.run(LOKY).output.strip() == "[0, 1, 4, 9]"


def test_shared_memory(sealed: Runs) -> None:
    assert sealed.run(SHARED).output.strip() == "7"


def test_threads_files_time_zones_certificates_and_children(sealed: Runs) -> None:
    assert sealed.run(SMALL_THINGS).output.strip() == "all done"


def test_what_compiles_for_its_interpreter(sealed: Runs) -> None:
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which("cc", path="/usr/bin:/bin") is None or not headers.is_file():
        pytest.skip("a C compiler and Python's headers are needed")
    assert sealed.run(COMPILES).output.strip() == "7"


def test_matplotlib_finds_the_system_s_fonts_anew(author: Author, sealed: Runs) -> None:
    pytest.importorskip("matplotlib")
    author.pin(_with_requirements(("matplotlib",)))
    code = """
    import io, os, matplotlib
    from matplotlib import pyplot
    pyplot.plot([1, 2])
    pyplot.savefig(io.BytesIO(), format="png")
    print(os.path.realpath(matplotlib.get_cachedir()) == os.path.expanduser("~/.cache/matplotlib"))
    """
    assert sealed.run(code).output.splitlines()[-1] == "True"
    assert not (author.home / ".cache").exists()


def test_numba_s_cache_is_its_own(author: Author, sealed: Runs) -> None:
    pytest.importorskip("numba")
    author.pin(_with_requirements(("numba",)))
    code = """
    import numba
    @numba.njit(cache=True)
    def square(number):
        return number * number
    print(square(3), sum(square.stats.cache_misses.values()))
    """
    for _ in range(2):
        assert sealed.run(code).output.split() == ["9", "1"]


def test_torch_s_loader_has_its_workers(author: Author, sealed: Runs) -> None:
    pytest.importorskip("torch")
    author.pin(_with_requirements(("torch",)))
    code = """
    import torch
    if __name__ == "__main__":
        data = torch.utils.data.TensorDataset(torch.arange(4))
        loader = torch.utils.data.DataLoader(data, num_workers=2)
        print([int(batch[0]) for batch in loader])
    """
    assert sealed.run(code).output.splitlines()[-1] == "[0, 1, 2, 3]"


def test_the_network_is_open_where_hosts_are_allowed(author: Author, sealed: Runs) -> None:
    code = """
    import socket, sys
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))):
        print("reached")
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert sealed.run(code, port, hosts=["127.0.0.1"]).output.strip() == "reached"


def test_a_connection_to_oneself(namespaces: Runs) -> None:
    # Landlock tells ports apart and not addresses: it closes this too.
    assert namespaces.run(LOOPBACK).output.strip() == "there"


def test_what_is_allowed_is_there(author: Author, sealed: Runs) -> None:
    file = author.write("data/words.txt", "allowed")
    code = "import sys; print(open(sys.argv[1]).read())"
    assert sealed.run(code, str(file), allow=[file.parent]).output.strip() == "allowed"


def test_the_model_s_folder_is_there_by_a_link_to_it(author: Author, sealed: Runs) -> None:
    author.write("model/words.txt", "read")
    link = author.root / "latest"
    link.symlink_to("model")
    code = "import sys; print(open(sys.argv[1] + '/words.txt').read())"
    assert sealed.run(code, str(link), reads=[link]).output.strip() == "read"


def test_a_pinned_distribution_is_at_its_own_place(author: Author, namespaces: Runs) -> None:
    author.install("pinned")
    output = namespaces.run("import pinned, os; print(os.path.realpath(pinned.place))").output
    assert output.strip() == str((author.site / "pinned.py").resolve())


def test_its_programs_and_data_are_there(author: Author, namespaces: Runs) -> None:
    program = author.python.parent / "grind"
    program.write_text(f"#!{author.python}\nimport pinned\nprint('ground')\n")
    program.chmod(0o755)
    author.write("environment/share/pinned/table.txt", "of data")
    author.write("environment/share/other.txt", "of another")
    below = "../../.."
    author.install("pinned", {"pinned.py": "", f"{below}/bin/grind": program.read_text()})
    program.chmod(0o755)
    author.install("data", {f"{below}/share/pinned/table.txt": "of data"})
    code = """
    import os, pathlib, subprocess, sys
    print(subprocess.run([os.path.dirname(sys.executable) + "/grind"], stdout=-1, text=True).stdout)
    print(pathlib.Path(sys.prefix, "share", "pinned", "table.txt").read_text())
    print(os.listdir(sys.prefix + "/share"))
    """
    assert namespaces.run(code).output.split() == ["ground", "of", "data", "['pinned']"]


def _with_requirements(names: tuple[str, ...]) -> list[str]:
    """Return the names with all that they require here."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        found[name] = None
        waiting += [
            requirement.name
            for requirement in map(Requirement, lines)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        ]
    return list(found)
