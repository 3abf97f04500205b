"""A replica holds what is pinned, and what is not pinned cannot be had in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.errors import NotReplicableError
from modelenv.isolation import replica
from modelenv.isolation.python import Python
from modelenv.siblings import resolver

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links need no privilege on POSIX")


class Made:
    """A replica of some distributions of a site."""

    def __init__(self, root: Path, site: Any, *pinned: str, **environment: str) -> None:
        python = replace(Python.current(), path=(str(site.root),))
        installed = python.installed()
        chosen = [installed.get(name) for name in pinned]
        assert None not in chosen
        self.interpreter = replica.make(
            root, chosen, installed, python, {**os.environ, **environment}
        )
        self.site = next(root.glob("lib/python*/site-packages"))
        self.root = root

    def links(self) -> dict[str, str]:
        """Return what each link below its site-packages leads to, by their paths."""
        return {
            str(path.relative_to(self.site)): str(path.readlink())
            for folder, folders, files in os.walk(self.site)
            for path in (Path(folder, name) for name in (*folders, *files))
            if path.is_symlink()
        }

    def run(self, code: str) -> Any:
        """Run code in it; return what it prints as JSON."""
        command = [str(self.interpreter.executable), *self.interpreter.options, "-c", code]
        ended = subprocess.run(
            command,
            env=dict(self.interpreter.environment or {}),
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(ended.stdout)

    def imports(self, *names: str) -> dict[str, bool]:
        """Tell which modules can be imported in it."""
        return self.run(TRY.format(names=names))


TRY = """
import importlib, json
def there(name):
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True
print(json.dumps({{name: there(name) for name in {names!r}}}))
"""


def test_what_a_distribution_owns_wholly_is_one_link(site, tmp_path: Path) -> None:
    site.install("alpha", {"alpha/__init__.py": "", "alpha/deep/er/x.py": "", "alpha/data.bin": ""})
    site.install("beta")
    made = Made(tmp_path / "replica", site, "alpha")
    assert made.links() == {
        "alpha": str(site.root / "alpha"),
        "alpha-1.0.dist-info": str(site.root / "alpha-1.0.dist-info"),
    }
    assert made.imports("alpha.deep.er.x", "beta") == {"alpha.deep.er.x": True, "beta": False}


def test_a_shared_namespace_is_merged_from_the_pinned_alone(site, tmp_path: Path) -> None:
    site.install("g-auth", {"google/auth/__init__.py": "", "google/auth/jwt.py": ""})
    site.install("g-cloud", {"google/cloud/storage/__init__.py": ""})
    site.install("g-query", {"google/cloud/bigquery/__init__.py": "", "google/one.py": ""})
    made = Made(tmp_path / "replica", site, "g-auth", "g-cloud")
    links = {name for name in made.links() if not name.endswith("-info")}
    assert links == {"google/auth", "google/cloud/storage"}
    assert made.imports(
        "google.auth.jwt", "google.cloud.storage", "google.cloud.bigquery", "google.one"
    ) == {
        "google.auth.jwt": True,
        "google.cloud.storage": True,
        "google.cloud.bigquery": False,
        "google.one": False,
    }


def test_a_namespace_that_is_pinned_whole_is_one_link(site, tmp_path: Path) -> None:
    site.install("g-auth", {"google/auth.py": ""})
    site.install("g-cloud", {"google/cloud.py": ""})
    made = Made(tmp_path / "replica", site, "g-auth", "g-cloud")
    assert "google" in made.links()


def test_a_file_that_several_list_is_there_for_each(site, tmp_path: Path) -> None:
    site.install("fat", {"flow/__init__.py": "", "flow/server.py": ""})
    site.install("skinny", {"flow/__init__.py": ""})
    made = Made(tmp_path / "replica", site, "skinny")
    assert made.imports("flow", "flow.server") == {"flow": True, "flow.server": False}


def test_single_modules_and_folders_of_libraries_are_linked(site, tmp_path: Path) -> None:
    site.install("single", {"single.py": "", "single.libs/libblas.so": ""})
    made = Made(tmp_path / "replica", site, "single")
    assert set(made.links()) == {"single.py", "single.libs", "single-1.0.dist-info"}
    assert made.imports("single") == {"single": True}


def test_the_path_files_of_the_pinned_work_and_of_no_other(site, tmp_path: Path) -> None:
    (site.root / "inner").mkdir()
    site.install("editable", {"inner/edited.py": "", "editable.pth": "inner\n"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "stray.py").touch()
    site.install("other", {"other.pth": f"{tmp_path / 'elsewhere'}\n"})
    made = Made(tmp_path / "replica", site, "editable")
    assert made.imports("edited", "stray") == {"edited": True, "stray": False}


def test_data_outside_the_site_is_there(site, tmp_path: Path) -> None:
    files = {"tool.py": "", "../share/tool/data.txt": "data"}
    site.install("tool", files)
    made = Made(tmp_path / "replica", site, "tool")
    assert (made.site / "../share/tool/data.txt").resolve().read_text() == "data"


def test_a_record_that_leads_out_of_the_replica_makes_nothing_there(site, tmp_path: Path) -> None:
    site.install("evil", {"evil.py": ""})
    record = site.root / "evil-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "../../../../../outside/x,,\n/absolute/y,,\n")
    (tmp_path / "outside").mkdir()
    before = sorted(path for path in tmp_path.rglob("*"))
    made = Made(tmp_path / "a" / "b" / "replica", site, "evil")
    after = [path for path in tmp_path.rglob("*") if tmp_path / "a" not in (path, *path.parents)]
    assert sorted(after) == before
    assert made.imports("evil") == {"evil": True}


def test_what_has_no_list_of_files_is_refused_with_its_place(site, tmp_path: Path) -> None:
    info = site.install("bare", record=False)
    with pytest.raises(NotReplicableError) as caught:
        Made(tmp_path / "replica", site, "bare")
    assert str(info) in str(caught.value)


def test_two_sites_are_merged_into_one(site, tmp_path: Path) -> None:
    site.install("alpha")
    second = type(site)(tmp_path / "second")
    second.install("beta")
    python = replace(Python.current(), path=(str(site.root), str(second.root)))
    installed = python.installed()
    replica.make(tmp_path / "replica", list(installed), installed, python, {})
    made = next((tmp_path / "replica").glob("lib/*/site-packages"))
    assert {path.name for path in made.glob("*.py")} == {"alpha.py", "beta.py"}


HEADS = {
    "plain": "#!{python}\n",
    "by the shell": "#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_program_of_a_pinned_distribution_runs_in_it(site, tmp_path: Path, head: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    info = site.install("alpha")
    site.install("beta")
    for name, distribution in (("tool", info), ("native", info)):
        with (distribution / "RECORD").open("a") as record:
            record.write(f"../../../bin/{name},,\n")
    (folder / "tool").write_text(
        head.format(python=sys.executable) + "import sys\nprint(sys.prefix)\n"
    )
    (folder / "native").write_bytes(b"\x7fELF")
    made = Made(tmp_path / "replica", site, "alpha")
    ended = subprocess.run([made.root / "bin/tool"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"{made.root}\n"
    assert (made.root / "bin/native").readlink() == folder / "native"


def test_what_is_installed_beside_the_interpreter_is_not_on_its_path(site, tmp_path: Path) -> None:
    site.install("alpha")
    programs = tmp_path / "venv" / "bin"
    python = replace(Python.current(), path=(str(site.root),), executable=programs / "python")
    installed = python.installed()
    path = os.pathsep.join([str(programs), "/usr/bin"])
    made = replica.make(tmp_path / "r", list(installed), installed, python, {"PATH": path})
    assert made.environment is not None
    assert made.environment["PATH"] == os.pathsep.join([str(tmp_path / "r/bin"), "/usr/bin"])


def test_its_environment_leads_to_no_other_python() -> None:
    environment = {
        "PATH": "/usr/bin",
        "HOME": "/home/a",
        "PYTHONPATH": "/x",
        "PYTHONHOME": "/x",
        "VIRTUAL_ENV": "/x",
        "CONDA_PREFIX": "/x",
    }
    kept = replica.clean_environment(environment, Path("/replica/bin"))
    assert kept == {
        "PATH": os.pathsep.join(["/replica/bin", "/usr/bin"]),
        "HOME": "/home/a",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert "PYTHONPATH" in environment
    assert replica.clean_environment({}, Path("/r"))["PATH"] == "/r"


WAYS_OUT = """
import importlib.metadata as metadata, json, subprocess, sys, shutil
entry_points = [point.name for point in metadata.entry_points().select(group="own.plugins")]
def child(python):
    code = "import secret"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
def listed(name):
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False
try:
    import secret
except ImportError:
    secret = None
print(json.dumps({
    "imported": secret is not None,
    "listed": listed("secret"),
    "pinned": listed("open-one"),
    "entry points": entry_points,
    "its child": child(sys.executable),
    "python on PATH": child(shutil.which("python")),
    "prefix": sys.prefix,
}))
"""


def test_nothing_leads_out_of_it(site, tmp_path: Path) -> None:
    points = "[own.plugins]\n{0} = {0}:go\n"
    site.install("open-one", {"open_one.py": ""}, entry_points=points.format("open_one"))
    site.install("secret", entry_points=points.format("secret"))
    home = tmp_path / "home"
    minor = ".".join(map(str, sys.version_info[:2]))
    user = type(site)(home / ".local" / "lib" / f"python{minor}" / "site-packages")
    user.install("secret")
    places = {
        "PYTHONPATH": str(site.root),
        "HOME": str(home),
        "PYTHONUSERBASE": str(home / ".local"),
        "VIRTUAL_ENV": sys.prefix,
    }
    made = Made(tmp_path / "replica", site, "open-one", **places)
    assert made.run(WAYS_OUT) == {
        "imported": False,
        "listed": False,
        "pinned": True,
        "entry points": ["open_one"],
        "its child": False,
        "python on PATH": False,
        "prefix": str(made.root),
    }


def test_no_bytecode_is_written_into_the_source(site, tmp_path: Path) -> None:
    site.install("alpha", {"alpha/__init__.py": "", "alpha/x.py": ""})
    before = sorted(site.root.rglob("*"))
    made = Made(tmp_path / "replica", site, "alpha")
    code = "import json, subprocess, sys, alpha.x\n"
    code += "subprocess.run([sys.executable, '-c', 'import alpha.x'], check=True)\nprint('1')"
    assert made.run(code) == 1
    assert sorted(site.root.rglob("*")) == before


def test_this_very_environment_can_be_replicated_in_part(tmp_path: Path) -> None:
    python = Python.current()
    installed = python.installed()
    packaging = installed.get("packaging")
    assert isinstance(packaging, resolver.Distribution)
    interpreter = replica.make(tmp_path / "replica", [packaging], installed, python, {})
    code = TRY.format(names=("packaging.version", "yaml", "click", "pytest"))
    command = [str(interpreter.executable), *interpreter.options, "-c", code]
    environment = dict(interpreter.environment or {})
    ended = subprocess.run(command, env=environment, capture_output=True, check=True)
    told = json.loads(ended.stdout)
    assert told == {"packaging.version": True, "yaml": False, "click": False, "pytest": False}
