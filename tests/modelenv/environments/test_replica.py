"""A replica holds what is pinned, and what is not pinned cannot be had in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.siblings import resolver
from modelenv.environments import replica
from modelenv.environments.errors import NotReplicableError
from modelenv.environments.interpreter import Python

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links need no privilege on POSIX")


class Made:
    """A replica of some distributions of a site."""

    def __init__(self, root: Path, site: Any, *pinned: str, **environment: str) -> None:
        python = replace(Python.current(), path=(str(site.root),))
        installed = python.installed()
        chosen = [found for name in pinned if (found := installed.get(name))]
        assert len(chosen) == len(pinned)
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
        found: dict[str, bool] = self.run(TRY.format(names=names))
        return found


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


def test_what_a_distribution_owns_wholly_is_one_link(site: Any, tmp_path: Path) -> None:
    site.install("alpha", {"alpha/__init__.py": "", "alpha/deep/er/x.py": "", "alpha/data.bin": ""})
    site.install("beta")
    made = Made(tmp_path / "replica", site, "alpha")
    assert made.links() == {
        "alpha": str(site.root / "alpha"),
        "alpha-1.0.dist-info": str(site.root / "alpha-1.0.dist-info"),
    }
    assert made.imports("alpha.deep.er.x", "beta") == {"alpha.deep.er.x": True, "beta": False}


def test_a_shared_namespace_is_merged_from_the_pinned_alone(site: Any, tmp_path: Path) -> None:
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


def test_a_namespace_that_is_pinned_whole_is_one_link(site: Any, tmp_path: Path) -> None:
    site.install("g-auth", {"google/auth.py": ""})
    site.install("g-cloud", {"google/cloud.py": ""})
    made = Made(tmp_path / "replica", site, "g-auth", "g-cloud")
    assert "google" in made.links()


def test_a_file_that_several_list_is_there_for_each(site: Any, tmp_path: Path) -> None:
    site.install("fat", {"flow/__init__.py": "", "flow/server.py": ""})
    site.install("skinny", {"flow/__init__.py": ""})
    made = Made(tmp_path / "replica", site, "skinny")
    assert made.imports("flow", "flow.server") == {"flow": True, "flow.server": False}


def test_single_modules_and_folders_of_libraries_are_linked(site: Any, tmp_path: Path) -> None:
    site.install("single", {"single.py": "", "single.libs/libblas.so": ""})
    made = Made(tmp_path / "replica", site, "single")
    assert set(made.links()) == {"single.py", "single.libs", "single-1.0.dist-info"}
    assert made.imports("single") == {"single": True}


def test_the_path_files_of_the_pinned_work_and_of_no_other(site: Any, tmp_path: Path) -> None:
    (site.root / "inner").mkdir()
    site.install("editable", {"inner/edited.py": "", "editable.pth": "inner\n"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "stray.py").touch()
    site.install("other", {"other.pth": f"{tmp_path / 'elsewhere'}\n"})
    made = Made(tmp_path / "replica", site, "editable")
    assert made.imports("edited", "stray") == {"edited": True, "stray": False}


@pytest.mark.skipif(sys.version_info < (3, 15), reason="Python reads .start files since 3.15")
def test_the_start_files_of_the_pinned_work_and_of_no_other(site: Any, tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        code = f"import sys\ndef go():\n    sys.flags_of_{name} = True\n"
        site.install(name, {f"{name}.py": code, f"{name}.start": f"# as\n{name}:go\n"})
    made = Made(tmp_path / "replica", site, "alpha")
    started = "import json, sys; print(json.dumps([n for n in dir(sys) if n.startswith('flags_')]))"
    assert made.run(started) == ["flags_of_alpha"]


def test_a_wheel_that_travels_begins_as_where_it_is_installed(site: Any, tmp_path: Path) -> None:
    site.install("alpha")
    made = Made(tmp_path / "replica", site, "alpha")
    finds = "import sys, types; sys.modules.setdefault('found', types.ModuleType('found'))\n"
    files = {
        "carried.py": "def go():\n    import sys; sys.carried_started = True\n",
        "carried.pth": finds,
        "others.start": "carried:go\n",
        "carried-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: carried\nVersion: 1.0\n",
        "carried-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    }
    wheel = tmp_path / "carried-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        rows = "".join(f"{name},,\n" for name in (*files, "carried-1.0.dist-info/RECORD"))
        archive.writestr("carried-1.0.dist-info/RECORD", rows)
    replica.add_wheels(made.root, Python.current(), [wheel])
    told = "import carried, found, json, sys; print(json.dumps(hasattr(sys, 'carried_started')))"
    assert made.run(told) is (sys.version_info >= (3, 15))
    lines = [
        line
        for file in made.site.glob("*.pth")
        for line in file.read_text().splitlines()
        if line.startswith("import")
    ]
    assert len(lines) == (0 if sys.version_info >= (3, 15) else 1)


def test_data_outside_the_site_is_there(site: Any, tmp_path: Path) -> None:
    files = {"tool.py": "", "../share/tool/data.txt": "data"}
    site.install("tool", files)
    made = Made(tmp_path / "replica", site, "tool")
    assert (made.site / "../share/tool/data.txt").resolve().read_text() == "data"


def test_a_record_that_leads_out_of_the_replica_makes_nothing_there(
    site: Any, tmp_path: Path
) -> None:
    site.install("evil", {"evil.py": ""})
    record = site.root / "evil-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "../../../../../outside/x,,\n/absolute/y,,\n")
    (tmp_path / "outside").mkdir()
    before = sorted(path for path in tmp_path.rglob("*"))
    made = Made(tmp_path / "a" / "b" / "replica", site, "evil")
    after = [path for path in tmp_path.rglob("*") if tmp_path / "a" not in (path, *path.parents)]
    assert sorted(after) == before
    assert made.imports("evil") == {"evil": True}


def test_what_has_no_list_of_files_is_refused_with_its_place(site: Any, tmp_path: Path) -> None:
    info = site.install("bare", {"naked.py": ""}, record=False)
    with pytest.raises(NotReplicableError) as caught:
        Made(tmp_path / "replica", site, "bare")
    assert str(info) in str(caught.value)


def test_what_has_no_list_of_files_is_there_by_the_names_of_its_modules(
    site: Any, tmp_path: Path
) -> None:
    site.install("bare", {"bare/__init__.py": "", "bare/deep/x.py": ""}, record=False)
    site.install("g", {"g/__init__.py": ""}, record=False)
    site.install("g-plugin", {"g/plugin.py": ""})
    made = Made(tmp_path / "replica", site, "bare", "g")
    assert made.imports("bare.deep.x", "g", "g.plugin") == {
        "bare.deep.x": True,
        "g": True,
        "g.plugin": False,
    }


def test_two_sites_are_merged_into_one(site: Any, tmp_path: Path) -> None:
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
def test_a_program_of_a_pinned_distribution_runs_in_it(
    site: Any, tmp_path: Path, head: str
) -> None:
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


def test_what_is_installed_beside_the_interpreter_is_not_on_its_path(
    site: Any, tmp_path: Path
) -> None:
    site.install("alpha")
    programs = tmp_path / "venv" / "bin"
    python = replace(Python.current(), path=(str(site.root),), executable=programs / "python")
    installed = python.installed()
    path = os.pathsep.join([str(programs), "/usr/bin"])
    made = replica.make(tmp_path / "r", list(installed), installed, python, {"PATH": path})
    assert made.environment is not None
    assert made.environment["PATH"] == os.pathsep.join([str(tmp_path / "r/bin"), "/usr/bin"])
    assert made.environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_its_environment_leads_to_no_other_python() -> None:
    environment = {
        "PATH": "/usr/bin",
        "HOME": "/home/a",
        "PYTHONPATH": "/x",
        "PYTHONHOME": "/x",
        "PYTHONHASHSEED": "7",
        "VIRTUAL_ENV": "/x",
        "CONDA_PREFIX": "/x",
    }
    kept = replica.clean_environment(environment, Path("/replica/bin"))
    assert kept == {
        "PATH": os.pathsep.join(["/replica/bin", "/usr/bin"]),
        "HOME": "/home/a",
        "PYTHONHASHSEED": "7",
        "PYTHONNOUSERSITE": "1",
    }
    assert "PYTHONPATH" in environment
    assert replica.clean_environment({}, Path("/r"))["PATH"] == "/r"


IMPORTED = "import importlib\ntry:\n    importlib.import_module({0!r})\nexcept ImportError:\n    "
IMPORTED += "found = False\nelse:\n    found = True\n"
CHILD = "import subprocess, sys\nchild = [{0}, '-c', 'import secret']\n"
CHILD += "found = subprocess.run(child, capture_output=True).returncode == 0\n"
# What a model may try, to reach a distribution that is installed and not pinned.
WAYS_OUT = {
    "the site it is installed in": IMPORTED.format("secret"),
    "a path file": IMPORTED.format("stray"),
    "a namespace of path files": IMPORTED.format("olden.secret"),
    "a namespace that extends itself": IMPORTED.format("extended.secret"),
    "a namespace of parts": IMPORTED.format("parts.secret"),
    "entry points": """
        from importlib.metadata import entry_points
        found = "secret" in {each.name for each in entry_points(group="own.plugins")}
    """,
    "metadata by name": """
        from importlib import metadata
        try:
            found = bool(metadata.version("secret"))
        except metadata.PackageNotFoundError:
            found = False
    """,
    "all metadata": """
        from importlib import metadata
        found = "secret" in {each.metadata["Name"] for each in metadata.distributions()}
    """,
    "whose module it is": """
        from importlib.metadata import packages_distributions
        found = "secret" in packages_distributions()
    """,
    "a child": CHILD.format("sys.executable"),
    "a child that hears the environment": CHILD.format("sys.executable, '-X', 'utf8'"),
    "python on PATH": CHILD.format("'python'"),
    "python3 on PATH": CHILD.format("'python3'"),
    "this Python on PATH": CHILD.format("'python%d.%d' % sys.version_info[:2]"),
    "a process that is spawned": """
        import multiprocessing
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=exec, args=("import secret",))
        process.start()
        process.join()
        found = process.exitcode == 0
    """,
}
OLDEN = (
    "import sys, types, os; p = os.path.join(sys._getframe(1).f_locals['sitedir'], 'olden');"
    " m = sys.modules.setdefault('olden', types.ModuleType('olden'));"
    " m.__dict__.setdefault('__path__', []).append(p)\n"
)


@pytest.fixture
def secretive(site: Any, tmp_path: Path) -> Any:
    """Install one distribution to pin, and a secret one in every way there is."""
    extends = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    elsewhere = type(site)(tmp_path / "elsewhere")
    elsewhere.install("strange", {"stray.py": ""})
    files = {"olden/{0}.py": "", "parts/{0}.py": "", "extended/{0}.py": "", "{0}.py": ""}
    for name, further in (("pinned", ""), ("secret", f"{elsewhere.root}\n")):
        own = {path.format(name): text for path, text in files.items()}
        own |= {"extended/__init__.py": extends, f"{name}-nspkg.pth": OLDEN + further}
        own[f"{name}-1.0.dist-info/top_level.txt"] = f"{name}\n"  # Python 3.10 reads no other
        points = f"[own.plugins]\n{name} = {name}:go\n"
        site.install(name, own, entry_points=points)
    minor = ".".join(map(str, sys.version_info[:2]))
    user = type(site)(tmp_path / "user" / "lib" / f"python{minor}" / "site-packages")
    user.install("secret")
    return site


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_leads_out_of_it(way: str, secretive: Any, tmp_path: Path) -> None:
    code = textwrap.dedent(WAYS_OUT[way])
    out = "if __name__ == '__main__':\n" + textwrap.indent(code, "    ")
    told = f"{out}    print(__import__('json').dumps(found))\n"
    places = {
        "PYTHONPATH": str(secretive.root),
        "PYTHONUSERBASE": str(tmp_path / "user"),
        "VIRTUAL_ENV": sys.prefix,
    }
    # The way is one: it leads to the secret where the site is a site.
    opening = f"import site; site.addsitedir({str(secretive.root)!r})\n"
    open_to_all = subprocess.run(
        [sys.executable, "-c", opening + told],
        env={**os.environ, **places, "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    if "on PATH" not in way:
        assert json.loads(open_to_all.stdout) is True
    assert Made(tmp_path / "replica", secretive, "pinned", **places).run(told) is False


def test_the_pinned_are_reached_in_each_of_these_ways(secretive: Any, tmp_path: Path) -> None:
    made = Made(tmp_path / "replica", secretive, "pinned")
    names = ("pinned", "olden.pinned", "extended.pinned", "parts.pinned")
    assert made.imports(*names) == dict.fromkeys(names, True)
    points = "import json\nfrom importlib.metadata import entry_points\n"
    points += "print(json.dumps([each.name for each in entry_points(group='own.plugins')]))"
    assert made.run(points) == ["pinned"]
    assert made.run("import json, sys; print(json.dumps(sys.prefix))") == str(made.root)


def test_no_bytecode_is_written_into_the_source(site: Any, tmp_path: Path) -> None:
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
