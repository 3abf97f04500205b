"""The author's files are visible to a run, and not to a sealed run."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Author, Runs

FOUND = "found"


@pytest.fixture
def listening() -> Iterator[int]:
    """A server of the author's, on this machine alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def both(free: Runs, sealed: Runs, code: str, *arguments: object, **given: object) -> str:
    """Make sure that a free run finds what the code looks for; return what a sealed one says."""
    words = [str(each) for each in arguments]
    there = free.run(code, *words, **given)
    assert FOUND in there.output.splitlines(), there.output
    kept = sealed.run(code, *words, **given)
    assert FOUND not in kept.output.splitlines(), kept.output
    return kept.output


def test_a_file_by_its_absolute_path(author: Author, free: Runs, sealed: Runs) -> None:
    file = author.write("data/words.txt")
    output = both(free, sealed, "import sys; print(open(sys.argv[1]).read())", file)
    assert "Permission denied" in output or "No such file" in output


def test_a_file_beside_where_a_link_leads(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("data/code.py", "")
    author.write("data/words.txt")
    (author.root / "model" / "code.py").symlink_to(author.root / "data" / "code.py")
    code = """
    import pathlib, sys
    print(pathlib.Path(sys.argv[1]).resolve().with_name("words.txt").read_text())
    """
    both(free, sealed, code, author.root / "model" / "code.py")


def test_data_beside_a_pinned_distribution(author: Author, free: Runs, sealed: Runs) -> None:
    author.install("orchard", {"orchard/__init__.py": ""})
    author.install("tables", {"tables/words.txt": FOUND}, pinned=False)
    code = """
    import orchard, pathlib
    place = pathlib.Path(orchard.__file__).resolve().parent.parent
    print((place / "tables" / "words.txt").read_text())
    """
    both(free, sealed, code)


def test_a_distribution_that_is_not_pinned(author: Author, free: Runs, sealed: Runs) -> None:
    author.install("pinned")
    author.install("other", {"other.py": "word = 'found'\n"}, pinned=False)
    output = both(free, sealed, "import pinned, other; print(other.word)")
    assert "No module named 'other'" in output


def test_another_owner_of_a_namespace(author: Author, free: Runs, sealed: Runs) -> None:
    author.install("near", {"group/near.py": "word = 'fou'\n"})
    author.install("far", {"group/far.py": "word = 'nd'\n"}, pinned=False)
    code = "from group import near; print(near.word); from group import far; print('found')"
    output = both(free, sealed, code)
    assert "fou" in output
    assert "cannot import name 'far'" in output


def test_the_metadata_of_another(author: Author, free: Runs, sealed: Runs) -> None:
    author.install("pinned")
    author.install("other", pinned=False)
    code = "from importlib import metadata; metadata.version('other'); print('found')"
    assert "PackageNotFoundError" in both(free, sealed, code)


def test_a_setting_in_the_home_folder(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("home/.config/tool/settings.ini")
    code = """
    import pathlib
    print((pathlib.Path.home() / ".config/tool/settings.ini").read_text())
    """
    both(free, sealed, code)


def test_a_warm_cache(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("home/.cache/engine/compiled.bin")
    author.write("xdg/engine/compiled.bin")
    code = """
    import os, pathlib
    default = pathlib.Path.home() / ".cache"
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", default)) / "engine/compiled.bin"
    if not cache.exists():
        cache.parent.mkdir(parents=True)
        cache.write_text("made anew")
    print(cache.read_text())
    """
    for variables in ({}, {"XDG_CACHE_HOME": str(author.root / "xdg")}):
        assert both(free, sealed, code, variables=variables).strip() == "made anew"


def test_what_an_earlier_run_wrote(author: Author, sealed: Runs) -> None:
    code = """
    import pathlib, tempfile
    for folder in (pathlib.Path.home(), pathlib.Path(tempfile.gettempdir()), pathlib.Path.cwd()):
        print((folder / "result.bin").exists())
        (folder / "result.bin").write_text("")
    """
    for _ in range(2):
        assert sealed.run(code).output.split() == ["False"] * 3
    assert not (author.home / "result.bin").exists()


def test_a_program_on_path(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("bin/grind", "#!/bin/sh\necho found\n").chmod(0o755)
    code = "import subprocess; print(subprocess.run(['grind'], stdout=-1, text=True).stdout)"
    both(free, sealed, code)


def test_the_user_s_own_site(author: Author, free: Runs, sealed: Runs) -> None:
    author.python.parent.parent.joinpath("pyvenv.cfg").write_text(
        f"home = {Path(os.path.realpath(sys.executable)).parent}\n"
        "include-system-site-packages = true\n"  # without it there is no user site
    )
    author.install(
        "own", {"own.py": "word = 'found'\n"}, pinned=False, site=Path(author.described["user"])
    )
    assert "No module named 'own'" in both(free, sealed, "import own; print(own.word)")


def test_a_module_on_pythonpath(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("shelf/own.py", "word = 'found'\n")
    variables = {"PYTHONPATH": str(author.root / "shelf")}
    output = both(free, sealed, "import own; print(own.word)", variables=variables)
    assert "No module named 'own'" in output or "Permission denied" in output


def test_a_folder_that_a_pth_file_names(author: Author, free: Runs, sealed: Runs) -> None:
    author.write("shelf/own.py", "word = 'found'\n")
    author.install("linked", {"linked.pth": f"{author.root / 'shelf'}\n"})
    output = both(free, sealed, "import own; print(own.word)")
    assert "No module named 'own'" in output or "Permission denied" in output


@pytest.mark.parametrize(
    "code",
    [
        "import runpy, sys; runpy.run_path(sys.argv[1])",
        "import sys; exec(open(sys.argv[1]).read())",
        "import sys; from importlib.machinery import SourceFileLoader as Loader;"
        "exec(Loader('own', sys.argv[1]).get_code('own'))",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import runpy, sys;"
        "runpy.run_path(sys.argv[1])', sys.argv[1]])",
    ],
    ids=["runpy", "exec", "loader", "child"],
)
def test_a_script_by_its_path(author: Author, free: Runs, sealed: Runs, code: str) -> None:
    both(free, sealed, code, author.write("scripts/own.py", "print('found')\n"))


def test_a_library_by_its_path(author: Author, free: Runs, sealed: Runs) -> None:
    folder = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
    modules = sorted(folder.glob("_bisect*.so")) + sorted(folder.glob("*.so"))
    if not modules:
        pytest.skip("this Python has no dynamic modules, which are the libraries at hand")
    library = author.root / "libown.so"
    shutil.copy(modules[0], library)
    output = both(
        free, sealed, "import ctypes, sys; ctypes.CDLL(sys.argv[1]); print('found')", library
    )
    assert "cannot open shared object file" in output


def test_a_server_on_this_machine(free: Runs, sealed: Runs, listening: int) -> None:
    code = """
    import socket, sys
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
    print("found")
    """
    both(free, sealed, code, listening)


def test_an_abstract_socket(free: Runs, sealed: Runs) -> None:
    code = """
    import socket, sys
    socket.socket(socket.AF_UNIX).connect("\\0" + sys.argv[1])
    print("found")
    """
    if any("abstract" in words for words in sealed.seal.left_open):
        pytest.skip("this kernel's Landlock leaves them open, and the seal says so")
    with socket.socket(socket.AF_UNIX) as server:
        name = f"modelenv-{os.getpid()}"
        server.bind(f"\0{name}")
        server.listen()
        both(free, sealed, code, name)


def test_a_signal_to_a_process_outside(free: Runs, sealed: Runs) -> None:
    if any("signals" in words for words in sealed.seal.left_open):
        pytest.skip("this kernel's Landlock leaves them open, and the seal says so")
    code = "import os, sys; os.kill(int(sys.argv[1]), 0); print('found')"
    both(free, sealed, code, os.getpid())


# What Landlock cannot keep back, and says so.


def test_a_socket_by_its_path(author: Author, free: Runs, namespaces: Runs) -> None:
    code = """
    import socket, sys
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
    print("found")
    """
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(author.root / "socket"))
        server.listen()
        both(free, namespaces, code, author.root / "socket")


def test_processes_and_shared_memory_of_others(
    author: Author, free: Runs, namespaces: Runs
) -> None:
    both(
        free,
        namespaces,
        "import os, sys; os.stat('/proc/' + sys.argv[1]); print('found')",
        os.getpid(),
    )
    shared = Path(f"/dev/shm/modelenv-{os.getpid()}")
    shared.write_text(FOUND)
    try:
        both(free, namespaces, "import sys; print(open(sys.argv[1]).read())", shared)
    finally:
        shared.unlink()


def test_the_root_holds_what_was_put_there(author: Author, namespaces: Runs) -> None:
    code = """
    import os
    print(*os.listdir("/"))
    print(*os.listdir("/tmp"), *os.listdir("/var"), *os.listdir(os.path.expanduser("~")))
    for reach in (os.readlink, os.listdir, open):
        for name in ("root", "cwd", "mem", "exe"):
            try:
                reach("/proc/1/" + name)
            except OSError:
                continue
            print("reached", name)
    """
    root, folders, *reached = namespaces.run(code).output.splitlines()
    system = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "usr"}
    prefix = os.path.realpath(sys.base_prefix).split("/")[1]
    assert set(root.split()) <= {*system, "tmp", "var", prefix}
    assert folders.split() == [author.root.parent.name, "tmp"]
    assert reached == []


def test_whether_a_path_is_there(author: Author, free: Runs, namespaces: Runs) -> None:
    file = author.write("data/words.txt")
    both(free, namespaces, "import os, sys; os.stat(sys.argv[1]); print('found')", file)


def test_landlock_says_what_it_leaves_open(landlock: Runs, namespaces: Runs) -> None:
    said = "; ".join(landlock.seal.left_open)
    for word in ("stat", "UDP", "shared memory", "/proc", "path"):
        assert word in said
    assert len(namespaces.seal.left_open) < len(landlock.seal.left_open)


# What may not be written.


def test_nothing_of_the_author_s_is_written_to(author: Author, sealed: Runs) -> None:
    author.install("pinned")
    author.write("model/data.txt")
    author.write("home/notes.txt")

    def state() -> dict[str, str]:
        files = [path for path in author.root.rglob("*") if path.is_file()]
        own = [path for path in files if "run-" not in str(path.relative_to(author.root))]
        return {str(path): path.read_text("latin-1") for path in own}

    before = state()
    code = """
    import os, pathlib, sys
    import pinned
    for path in map(pathlib.Path, sys.argv[1:]):
        for work in (
            lambda: path.write_text("changed"),
            path.unlink,
            lambda: path.with_suffix(".new").write_text(""),
        ):
            try:
                work()
            except OSError as error:
                print(type(error).__name__)
    print("done")
    """
    paths = [path for path in before if "bin" not in path]
    output = sealed.run(code, *paths, options=()).output  # without -B: bytecode may be written
    assert output.splitlines()[-1] == "done"
    assert state() == before
