"""The programs of pinned distributions run in a replica, and no others are there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.environments import replica, scripts
from modelenv.environments.interpreter import Python
from modelenv.worker.process import Interpreter

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs here are of posix")

PRINTS = "import sys\nprint(sys.prefix)\n"


class World:
    """An environment with a folder of programs, and replicas of it."""

    def __init__(self, root: Path, site: Any) -> None:
        self.root = root
        self.site = site
        self.bin = root / "bin"
        self.bin.mkdir()

    def program(self, info: Path, name: str, text: str) -> Path:
        """Install a program of the distribution with the metadata `info`."""
        with (info / "RECORD").open("a") as record:
            record.write(f"../../../bin/{name},,\n")
        file = self.bin / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def replica(self, *pinned: str, name: str = "replica", wheels: tuple[Path, ...] = ()) -> Path:
        """Make a replica of some distributions; return its folder."""
        root = self.root / name
        self.opened(*pinned, root=root)
        replica.add_wheels(root, self.python, wheels)
        return root

    def opened(self, *pinned: str, root: Path) -> Interpreter:
        """Make a replica in the folder `root`."""
        installed = self.python.installed()
        chosen = [found for each in pinned if (found := installed.get(each))]
        path = os.pathsep.join([str(self.bin), "/usr/bin", "/bin"])
        return replica.make(root, chosen, installed, self.python, {"PATH": path})

    @property
    def python(self) -> Python:
        here = Python.current()
        return replace(here, path=(str(self.site.root),), executable=self.bin / "python")


@pytest.fixture
def there(site: Any, tmp_path: Path) -> World:
    return World(tmp_path, site)


def said(program: Path) -> str:
    ended = subprocess.run([program], capture_output=True, text=True, check=True)
    return ended.stdout.strip()


HEADS = {
    "plain": "#!{python}\n",
    "with a space and an option": "#! {python} -s\n",
    "found on PATH": "#!/usr/bin/env python3\n",
    "found on PATH, with options": "#!/usr/bin/env -S PYTHONUTF8=1 python3 -s\n",
    "by the shell, as pip writes it": "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\n",
    "by the shell, where the path has spaces": (
        "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"
    ),
    "by the shell, as uv makes it relocatable": (
        '#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/\'python\' "$0" "$@"\n'
        "' '''\n"
    ),
    "by the shell, in one line": '#!/bin/sh\n"exec" "{python}" "$0" "$@"\n',
}


@pytest.mark.parametrize("place", ["short", "a folder's own, $HOME and `pwd`", "long" * 40])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_script_runs_in_the_replica_however_it_begins(
    there: World, head: str, place: str
) -> None:
    info = there.site.install("alpha")
    there.program(info, "tool", head.format(python=sys.executable) + PRINTS)
    made = there.replica("alpha", name=place)
    assert said(made / "bin" / "tool") == str(made)


def test_a_script_of_the_shell_that_python_has_a_part_in_stays_what_it_is(there: World) -> None:
    text = "#!/bin/sh -e\n# not for python\necho $(basename $0)\n"
    source = there.program(there.site.install("alpha"), "tool", text)
    made = there.replica("alpha")
    assert (made / "bin" / "tool").readlink() == source
    assert said(made / "bin" / "tool") == "tool"


def test_a_program_by_another_interpreter_in_a_folder_of_that_name_stays_what_it_is(
    there: World, tmp_path: Path
) -> None:
    shell = tmp_path / "python3" / "sh"
    shell.parent.mkdir()
    shell.symlink_to("/bin/sh")
    there.program(there.site.install("alpha"), "tool", f"#!{shell}\necho well\n")
    assert said(there.replica("alpha") / "bin" / "tool") == "well"


def test_a_binary_and_a_link_to_one_are_there(there: World) -> None:
    info = there.site.install("alpha")
    there.program(info, "native", "").unlink()
    (there.bin / "native").write_bytes(Path("/bin/true").read_bytes())
    (there.bin / "native").chmod(0o755)
    there.program(info, "linked", "").unlink()
    (there.bin / "linked").symlink_to("native")
    made = there.replica("alpha")
    for name in ("native", "linked"):
        assert said(made / "bin" / name) == ""


@pytest.mark.parametrize("kind", ["console_scripts", "gui_scripts"])
def test_the_programs_of_entry_points_are_there_for_what_is_pinned_alone(
    there: World, kind: str
) -> None:
    for name in ("alpha", "beta"):
        points = f"[{kind}]\n{name}-tool = {name}:main\n"
        source = {f"{name}.py": "import sys\ndef main():\n    print(sys.prefix)\n"}
        info = there.site.install(name, source, entry_points=points)
        there.program(info, f"{name}-tool", f"#!{sys.executable}\nimport {name}\n{name}.main()\n")
    interpreter = there.opened("alpha", root=there.root / "replica")
    assert said(there.root / "replica/bin/alpha-tool") == str(there.root / "replica")
    assert not (there.root / "replica/bin/beta-tool").exists()
    find = "import shutil; print(shutil.which('alpha-tool'), shutil.which('beta-tool'))"
    command = [str(interpreter.executable), "-c", find]
    ended = subprocess.run(
        command, env=dict(interpreter.environment or {}), capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == f"{there.root}/replica/bin/alpha-tool None"


def test_a_program_that_is_declared_and_in_no_list_of_files_is_made(there: World) -> None:
    points = "[console_scripts]\ntool = alpha:Made.main [fast]\n\n[own.plugins]\nx = alpha:x\n"
    source = "import sys\nclass Made:\n    def main():\n        print(sys.prefix); return 0\n"
    there.site.install("alpha", {"alpha.py": source}, entry_points=points)
    made = there.replica("alpha")
    assert said(made / "bin" / "tool") == str(made)
    assert not (made / "bin" / "x").exists()


def test_a_distribution_that_declares_nonsense_has_no_programs(there: World) -> None:
    there.site.install("alpha", entry_points="[console_scripts]\ntool = alpha:main\nbroken\n")
    assert not (there.replica("alpha") / "bin" / "tool").exists()


def test_no_program_takes_the_place_of_the_interpreter(there: World) -> None:
    points = "[console_scripts]\npython = alpha:main\n../up = alpha:main\n"
    info = there.site.install("alpha", entry_points=points)
    there.program(info, "python3", "#!/bin/sh\necho wrong\n")
    made = there.replica("alpha")
    assert (made / "bin" / "python").samefile(sys.executable)
    assert (made / "bin" / "python3").readlink() == Path("python")
    assert not (made / "up").exists()


def test_windows_starts_what_is_declared_by_a_launcher(there: World) -> None:
    points = "[console_scripts]\ntool = alpha:main\n\n[gui_scripts]\nwindow = alpha:main\n"
    source = {"alpha.py": "import sys\ndef main():\n    print('well')\n"}
    info = there.site.install("alpha", source, entry_points=points)
    interpreter = there.root / "a replica" / "Scripts" / "python.exe"
    interpreter.parent.mkdir(parents=True)
    scripts.add_declared(info, interpreter, "win-amd64")
    tool, window = (interpreter.parent / name for name in ("tool.exe", "window.exe"))
    for program, by in ((tool, interpreter), (window, interpreter.with_name("pythonw.exe"))):
        assert program.read_bytes().startswith(b"MZ")
        assert f"#!{by}\n".encode() in program.read_bytes()
    # What the launcher hands to the interpreter is the file itself, a zip file at its end.
    command = [sys.executable, str(tool)]
    environment = {"PYTHONPATH": str(there.site.root)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == "well\n"


def wheel_of(folder: Path, files: dict[str, str]) -> Path:
    """Write a wheel of `own` 1.0."""
    wheel = folder / "own-1.0-py3-none-any.whl"
    info = "own-1.0.dist-info"
    needed = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: own\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**needed, **files}.items():
            archive.writestr(name, text)
    return wheel


def test_the_programs_of_wheels_that_travel_are_there(there: World) -> None:
    files = {
        "own.py": "import sys\ndef main():\n    print(sys.prefix)\n",
        "own-1.0.dist-info/entry_points.txt": "[console_scripts]\nown-tool = own:main\n",
        "own-1.0.data/scripts/own-script": "#!python\nimport own\nown.main()\n",
        "own-1.0.data/scripts/own-shell": "#!/bin/sh\necho well\n",
        "own-1.0.data/scripts/python": "#!/bin/sh\necho wrong\n",
    }
    made = there.replica(wheels=(wheel_of(there.root, files),))
    assert said(made / "bin" / "own-tool") == str(made)
    assert said(made / "bin" / "own-script") == str(made)
    assert said(made / "bin" / "own-shell") == "well"
    assert (made / "bin" / "python").samefile(sys.executable)


def test_the_data_of_a_wheel_takes_the_place_of_none_that_is_the_users(there: World) -> None:
    info = there.site.install("alpha", {"alpha/__init__.py": ""})
    users = there.root / "LICENSE"
    users.write_text("the user's")
    with (info / "RECORD").open("a") as record:
        record.write("../../../LICENSE,,\n")
    inside = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/alpha"
    files = ("LICENSE", f"{inside}/new/more.py", "share/own.txt")
    wheel = wheel_of(there.root, {f"own-1.0.data/data/{file}": "own" for file in files})
    made = there.replica("alpha", wheels=(wheel,))
    assert (made / "share/own.txt").read_text() == "own"
    assert (made / "LICENSE").read_text() == users.read_text() == "the user's"
    assert [path.name for path in (there.site.root / "alpha").iterdir()] == ["__init__.py"]


def test_a_module_that_is_not_pinned_cannot_be_run(there: World) -> None:
    for name in ("alpha", "beta"):
        there.site.install(name, {f"{name}.py": PRINTS})
    interpreter = there.opened("alpha", root=there.root / "replica")
    for program in (interpreter.executable, "python3"):
        for name, works in (("alpha", True), ("beta", False)):
            ended = subprocess.run(
                [str(program), "-m", name],
                env=dict(interpreter.environment or {}),
                executable=str(interpreter.executable.parent / Path(program).name),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (ended.returncode == 0) is works
            told = f"{there.root}/replica\n" if works else "No module named beta"
            assert told in (ended.stdout if works else ended.stderr)


def test_what_a_program_starts_by_its_own_interpreter_stays_in_it(there: World) -> None:
    info = there.site.install("alpha")
    there.site.install("beta")
    child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import alpha, beta'])\n"
    there.program(info, "tool", f"#!{sys.executable}\n{child}")
    made = there.replica("alpha")
    ended = subprocess.run([made / "bin" / "tool"], capture_output=True, text=True, check=True)
    assert "No module named 'beta'" in ended.stderr


def test_the_folder_of_programs_is_off_the_path_however_it_is_spelled(tmp_path: Path) -> None:
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to("venv")
    spellings = (f"{folder}/", f"{folder}/../bin", f"{tmp_path}/link/bin", f"{folder}")
    path = os.pathsep.join(["/usr/bin", *spellings, ""])
    found = scripts.without({"PATH": path}, folder, Path("/usr/bin/python3"))
    assert found["PATH"] == os.pathsep.join(["/usr/bin", ""])
