"""The choice of an environment manager, and the result of each."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import Entry
from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.environments import managers
from modelenv.environments.builders.virtualenv import Virtualenv
from modelenv.environments.cached import interpreter_in
from modelenv.environments.errors import BuildFailedError, ManagerMissingError, PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.spec import (
    BuiltFrom,
    EnvironmentContents,
    EnvironmentRequest,
    Manager,
    ReadyEnvironment,
    request_environment,
)
from modelenv.seal.choose import SealRequest
from modelenv.seal.seals import Seal

MINOR = "{}.{}".format(*sys.version_info)
UV = Settings.from_environment().uv
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not here")


@pytest.fixture
def settings(tmp_path: Path, wheelhouse: Any) -> Settings:
    """Offline, with a cache of its own and wheels at hand."""
    environment = {
        **os.environ,
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
        "PIP_FIND_LINKS": str(wheelhouse.folder),
        "PIP_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheelhouse.folder),
        "UV_NO_INDEX": "1",
    }
    return Settings(environment, UV)


def asked(*lines: str, **further: Any) -> EnvironmentRequest:
    contents = EnvironmentContents(requirements=lines, **further)
    return request_environment(contents, Python.current(), resolver.Installed.current())


def inside(place: ReadyEnvironment, code: str) -> str:
    interpreter = place.interpreter
    command = [str(interpreter.executable), *interpreter.options, "-c", code]
    ended = subprocess.run(
        command, env=dict(interpreter.environment or {}), capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


NAMES = "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"


def opened(wanted: EnvironmentRequest, settings: Settings, manager: Manager, **further: Any) -> Any:
    return managers.opened(wanted, resolver.Installed.current(), settings, manager, **further)


def test_auto_takes_a_replica_where_every_pin_is_installed(settings: Settings) -> None:
    wanted = asked("packaging")
    with opened(wanted, settings, "auto", seal=SealRequest(seal="off")) as place:
        assert place.label == "a replica"
        assert inside(place, NAMES) == "packaging"


@needs_uv
def test_auto_builds_with_uv_where_a_pin_is_not_installed(
    settings: Settings, wheelhouse: Any
) -> None:
    wheelhouse.add("sprout", "1.0")
    with opened(asked("sprout==1.0"), settings, "auto") as place:
        assert place.label == "an environment built with uv"
        assert inside(place, NAMES) == "sprout"


@pytest.mark.slow
def test_auto_builds_with_venv_and_pip_where_there_is_no_uv(
    settings: Settings, wheelhouse: Any
) -> None:
    wheelhouse.add("sprout", "1.0")
    said: list[str] = []
    without = replace(settings, known_uv=None)
    with opened(asked("sprout==1.0"), without, "auto", report=said.append) as place:
        assert place.label == "an environment built with venv and pip"
        assert inside(place, "import sprout; print(sprout.__name__)") == "sprout"
    assert said == ["building an environment of 1 distribution with virtualenv"]
    with opened(asked("sprout==1.0"), without, "auto", report=said.append) as again:
        assert again.interpreter.executable == place.interpreter.executable
    assert len(said) == 1


@needs_uv
def test_a_failed_build_tells_what_the_installer_said(settings: Settings) -> None:
    with (
        pytest.raises(BuildFailedError, match="nowhere-to-be-found"),
        opened(asked("nowhere-to-be-found==1.0"), settings, "uv"),
    ):
        pass


@needs_uv
def test_a_local_wheel_that_changes_is_another_environment(
    settings: Settings, wheelhouse: Any
) -> None:
    def build() -> str:
        wheel = wheelhouse.add("sprout", "1.0", source=f"leaves = {leaves}\n")
        with opened(asked(f"sprout @ {wheel.as_uri()}"), settings, "uv") as place:
            return inside(place, "import sprout; print(sprout.leaves)")

    leaves = 2
    assert build() == "2"
    leaves = 3
    assert build() == "3"


@needs_uv
def test_the_same_lines_open_are_another_environment(settings: Settings, wheelhouse: Any) -> None:
    wheelhouse.add("sprout", "1.0", requires=["soil"])
    wheelhouse.add("soil", "1.0")
    for closed, names in ((True, "sprout"), (False, "soil sprout"), (True, "sprout")):
        with opened(asked("sprout==1.0", closed=closed), settings, "uv") as place:
            assert inside(place, NAMES) == names


@pytest.mark.parametrize(
    "manager",
    [pytest.param("uv", marks=needs_uv), pytest.param("virtualenv", marks=pytest.mark.slow)],
)
def test_constraints_narrow_what_an_open_list_brings(
    settings: Settings, wheelhouse: Any, manager: Manager
) -> None:
    wheelhouse.add("sprout", "1.0", requires=["soil"])
    for version in ("1.0", "2.0", "3.0"):
        wheelhouse.add("soil", version, source=f"version = {version!r}")
    for limit, version in (("soil<3", "2.0"), ("soil<2", "1.0")):
        wanted = asked("sprout==1.0", closed=False, constraints=(limit, "nobody==1"))
        with opened(wanted, settings, manager) as place:
            assert inside(place, "import soil; print(soil.version)") == version


def test_local_is_this_interpreter(settings: Settings) -> None:
    with opened(asked("packaging"), settings, "local") as place:
        assert place.interpreter.executable == Path(sys.executable)


def test_a_replica_of_what_is_not_installed_is_refused(settings: Settings) -> None:
    with (
        pytest.raises(WrongUseError, match="uv or virtualenv"),
        opened(asked("not-installed==1"), settings, "replica"),
    ):
        pass


@pytest.mark.parametrize("manager", ["replica", "local"])
def test_another_python_needs_an_environment_that_is_built(
    settings: Settings, manager: Manager
) -> None:
    wanted = asked("packaging", python="3.6.1")
    with (
        pytest.raises(WrongUseError, match=r"needs Python 3\.6\.1.*uv, virtualenv or conda"),
        opened(wanted, settings, manager),
    ):
        pass


def test_a_python_that_is_nowhere_is_an_error_with_the_ways_to_get_it(settings: Settings) -> None:
    wanted = asked("packaging", python="3.99.1")
    with (
        pytest.raises(PythonMissingError, match=r"pyenv install 3\.99\.1"),
        opened(wanted, settings, "virtualenv"),
    ):
        pass


@pytest.mark.parametrize("manager", ["uv", "conda"])
def test_a_manager_that_is_not_there_is_named(
    settings: Settings, tmp_path: Path, manager: Manager
) -> None:
    bare = Settings({**settings.environment, "PATH": str(tmp_path)}, None)
    with (
        pytest.raises(ManagerMissingError, match=manager),
        opened(asked("packaging"), bare, manager),
    ):
        pass


# What each of conda's programs is called with, before the prefix and the file.
CONDAS = {
    "micromamba": ["create", "--yes", "--quiet"],
    "mamba": ["env", "create", "--quiet"],
    "conda": ["env", "create", "--quiet"],
}
# It does what they do with these arguments, as far as we look.
STAND_IN = """\
#!{python}
import json, os, shutil, subprocess, sys
prefix, file = (sys.argv[sys.argv.index(name) + 1] for name in ("--prefix", "--file"))
subprocess.run([{python!r}, "-m", "venv", "--without-pip", prefix], check=True)
shutil.copy(file, prefix + "/said.yaml")
said = {{"arguments": sys.argv[1:], "environment": dict(os.environ)}}
open(prefix + "/said.json", "w").write(json.dumps(said))
"""


def stand_in(folder: Path, name: str) -> Path:
    program = folder / name
    folder.mkdir(exist_ok=True)
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", CONDAS)
def test_conda_is_called_as_each_of_its_programs_wants_it(
    name: str, settings: Settings, wheelhouse: Any, tmp_path: Path
) -> None:
    program = stand_in(tmp_path / "programs", name)
    astray = {"PYTHONPATH": "/elsewhere", "PIP_TARGET": "/elsewhere"}
    environment = {**settings.environment, **astray, "PATH": str(program.parent)}
    wheel = wheelhouse.add("sprout", "1.0")
    wanted = asked("sprout==1.0", conda_dependencies=("libgomp=14",), wheels=wheelhouse.folder)
    with opened(wanted, Settings(environment, None), "conda") as place:
        root = place.interpreter.executable.parent.parent
        text = (root / "said.yaml").read_text()
        said = json.loads((root / "said.json").read_text())
        assert inside(place, "import sys; print(sys.prefix)") == str(root)
    assert place.label == "an environment built with conda"
    file = str(root.with_name(f"{root.name}.yaml"))
    assert said["arguments"] == [*CONDAS[name], "--prefix", str(root), "--file", file]
    told = said["environment"]
    assert (told["CONDA_ALWAYS_YES"], told["MAMBA_ALWAYS_YES"]) == ("true", "true")
    assert told["PIP_NO_DEPS"] == "1"
    assert not {"PYTHONPATH", "PIP_TARGET"} & told.keys()
    assert yaml.safe_load(text)["channels"] == ["conda-forge"]
    *packages, pip = yaml.safe_load(text)["dependencies"]
    assert packages == [f"python={wanted.python_version}", "libgomp=14", "pip"]
    assert pip == {"pip": [f"--find-links {wheel.parent.as_uri()}", "sprout==1.0"]}


def test_the_quickest_of_conda_s_programs_is_taken(settings: Settings, tmp_path: Path) -> None:
    for name in CONDAS:
        stand_in(tmp_path / "programs", name)
    there = Settings({**settings.environment, "PATH": str(tmp_path / "programs")}, None)
    with opened(asked("sprout==1.0"), there, "conda") as place:
        said = (place.interpreter.executable.parent.parent / "said.json").read_text()
    assert json.loads(said)["arguments"][0] == "create"


def test_what_conda_says_of_a_failure_is_told(settings: Settings, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "programs", "conda")
    program.write_text("#!/bin/sh\necho 'PackagesNotFoundError: libgone'\nexit 1\n")
    there = Settings({**settings.environment, "PATH": str(program.parent)}, None)
    with (
        pytest.raises(BuildFailedError, match="PackagesNotFoundError: libgone"),
        opened(asked("sprout==1.0"), there, "conda"),
    ):
        pass


@needs_uv
@pytest.mark.parametrize("manager", ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)])
def test_the_places_that_a_folder_names_are_looked_into(
    manager: Manager, settings: Settings, wheelhouse: Any, tmp_path: Path
) -> None:
    further = type(wheelhouse)(tmp_path / "further")
    further.add("sapling", "1.0")
    wanted = asked("sapling==1.0", options=(f"--find-links {further.folder.as_uri()}",))
    with opened(wanted, settings, manager) as place:
        assert "sapling" in inside(place, NAMES)


@needs_uv
def test_what_it_was_built_from_is_kept_and_compared(settings: Settings, wheelhouse: Any) -> None:
    wheelhouse.add("sprout", "1.0")
    with opened(asked("sprout==1.0"), settings, "uv") as place:
        assert place.built is not None
        assert place.built.sources == ("--no-index", f"--find-links {wheelhouse.folder}")
        first, *others = place.built.notes
        assert (
            first == f"built {place.built.when} from --no-index, --find-links {wheelhouse.folder}"
        )
        assert others == []
    elsewhere = {
        **settings.environment,
        "UV_NO_INDEX": "",
        "UV_DEFAULT_INDEX": "https://me:secret@host/simple",
    }
    with opened(asked("sprout==1.0"), replace(settings, environment=elsewhere), "uv") as place:
        assert place.built is not None
        assert list(place.built.notes) == [
            first,
            f"it would be built from --index-url https://****@host/simple, --find-links"
            f" {wheelhouse.folder} now; `modelenv cache clear` lets it be built again",
        ]


@needs_uv
def test_wheels_and_options_of_the_folder_are_among_what_it_was_built_from(
    settings: Settings, wheelhouse: Any, tmp_path: Path
) -> None:
    further = type(wheelhouse)(tmp_path / "wheels")
    further.add("sapling", "1.0")
    option = "--extra-index-url https://${TOKEN}@host/simple"
    wanted = asked("sapling==1.0", options=(option,), wheels=further.folder)
    allowed = {"MODELENV_ALLOW_VARIABLES": "TOKEN=host"}
    offline = {**settings.environment, "TOKEN": "secret", **allowed}
    with opened(wanted, replace(settings, environment=offline), "uv") as place:
        assert place.built is not None
        assert place.built.wheels == ("sapling-1.0-py3-none-any.whl",)
        assert place.built.sources is not None
        assert place.built.sources[-1] == option
        assert next(place.built.notes).endswith(", the folder's sapling-1.0-py3-none-any.whl")


def test_pips_configuration_is_what_venv_and_pip_build_from(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pip")
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://me:secret@host/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    builder = Virtualenv(settings)
    assert builder.sources(asked()) == ("--index-url https://****@host/simple",)
    own = ("--index-url https://other/simple", "--pre")
    assert builder.sources(asked(options=own)) == ("--index-url https://other/simple",)


def test_of_what_an_older_release_built_the_sources_are_not_known() -> None:
    built = BuiltFrom(sources=None, wheels=(), when="then", sources_now=("--no-index",))
    assert list(built.notes) == ["built then; with which sources was not kept"]


def test_a_python_that_is_too_old_to_run_a_model_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    python = tmp_path / "pyenv" / "versions" / "3.7.16" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3.7.16\n")
    python.chmod(0o755)
    environment = {**settings.environment, "PYENV_ROOT": str(tmp_path / "pyenv")}
    with (
        pytest.raises(WrongUseError, match=r"needs Python 3\.7\.16.* 3\.8 and newer"),
        opened(asked(python="3.7.16"), Settings(environment, None), "virtualenv"),
    ):
        pass


# Lines with something behind them

BACKEND = """\
import zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    told = repr(sorted((config_settings or {}).items()))
    name = "sprout-1.0-py3-none-any.whl"
    info = "sprout-1.0.dist-info"
    texts = {
        "sprout.py": "told = " + told,
        info + "/METADATA": "Metadata-Version: 2.1\\nName: sprout\\nVersion: 1.0\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "/RECORD": "",
    }
    with zipfile.ZipFile(folder + "/" + name, "w") as archive:
        for path, text in texts.items():
            archive.writestr(path, text)
    return name
"""
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "sprout"
version = "1.0"
"""


def add_source(folder: Path) -> Path:
    """Write a source distribution whose build backend notes what it is told."""
    texts = {
        "pyproject.toml": PROJECT,
        "backend.py": BACKEND,
        "PKG-INFO": "Metadata-Version: 2.2\nName: sprout\nVersion: 1.0\n",
    }
    path = folder / "sprout-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in texts.items():
            member = tarfile.TarInfo(f"sprout-1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    "manager",
    [pytest.param("virtualenv", marks=pytest.mark.slow), pytest.param("uv", marks=needs_uv)],
)
def test_a_build_backend_is_told_what_stands_behind_its_line(
    settings: Settings, wheelhouse: Any, manager: Manager
) -> None:
    source = add_source(wheelhouse.folder)
    digest = "sha256:" + hashlib.sha256(source.read_bytes()).hexdigest()
    for hashes in ((), (digest,)):
        entry = Entry("sprout==1.0", hashes=hashes, settings=("--fast=1", "size=big one"))
        wanted = asked("sprout==1.0", behind={"sprout==1.0": entry})
        with opened(wanted, settings, manager) as place:
            told = inside(place, "import sprout; print(sprout.told)")
        assert told == "[('--fast', '1'), ('size', 'big one')]"
    with opened(asked("sprout==1.0"), settings, manager) as place:
        assert inside(place, "import sprout; print(sprout.told)") == "[]"


@pytest.mark.parametrize(
    "manager",
    [pytest.param("virtualenv", marks=pytest.mark.slow), pytest.param("uv", marks=needs_uv)],
)
def test_an_installer_checks_hashes_where_only_some_lines_have_them(
    settings: Settings, wheelhouse: Any, manager: Manager
) -> None:
    wheel = wheelhouse.add("sprout", "1.0")
    wheelhouse.add("leaf", "1.0")
    digest = "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest()
    for behind, fits in ((digest, True), ("sha256:" + "0" * 64, False)):
        entry = Entry("sprout==1.0", hashes=(behind,))
        wanted = asked("sprout==1.0", "leaf==1.0", behind={"sprout==1.0": entry})
        if fits:
            with opened(wanted, settings, manager) as place:
                assert {"leaf", "sprout"} <= set(inside(place, NAMES).split())
        else:
            with (
                pytest.raises(BuildFailedError, match=r"(?i)hash"),
                opened(wanted, settings, manager),
            ):
                pass


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_uv_is_told_which_hosts_to_trust(settings: Settings, tmp_path: Path) -> None:
    program, said = tmp_path / "uv", tmp_path / "said.txt"
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}\n[ "$1" = venv ]\n')
    program.chmod(0o755)
    wanted = asked("sprout==1.0", options=("--trusted-host host:8080",))
    with pytest.raises(BuildFailedError), opened(wanted, replace(settings, known_uv=program), "uv"):
        pass
    assert "--allow-insecure-host host:8080" in said.read_text().splitlines()[-1]


def test_the_distributions_beside_an_interpreter_of_its_own_are_seen(tmp_path):
    """They stand in its standard library, where those of another Python are kept away."""
    root = tmp_path / "environment"
    library = root / f"lib/python{MINOR}"
    (library / "site-packages").mkdir(parents=True)
    here = Python.current()
    own = replace(
        here,
        executable=root / "bin/python",
        base=root / "bin/python",
        path=(str(library), str(library / "site-packages")),
        stdlib=(str(library),),
    )
    settings = Settings.from_environment()
    found = interpreter_in(root, own, here, settings, Seal(kind="namespaces"))
    assert found.plan is not None
    assert not [mask for mask in found.plan.masks if mask.startswith(str(root))]
    other = interpreter_in(tmp_path / "other", own, here, settings, Seal(kind="namespaces"))
    assert other.plan is not None
    assert str(library / "site-packages") in other.plan.masks
