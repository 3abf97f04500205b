"""Models that need something of the system work in a slim Debian with exactly what is named.

MODELENV_DEBIAN_ROOTS: a folder that has roots made by debootstrap under their releases' names, with
python3, python3-venv and ca-certificates; they stay as they are. Where it is unset debootstrap
makes them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons import discovery

HERE = Path(__file__).parent
PROJECT = HERE.parents[3]
RELEASES = {"bookworm": "3.11", "trixie": "3.13"}
NEEDED = {
    "zones": ["tzdata"],
    "draws": ["fonts-dejavu-core", "libfribidi0"],
    "runs": ["git"],
    "boosted": ["libgomp1"],
}
PROGRAMS = ("unshare", "chroot", "cp")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PREDICT = """
import json, sys
folder, example = sys.argv[1:]
sys.path.insert(0, folder + "/code")
import numpy
from modelenv_pyfunc_loader import load_model
print(json.dumps(load_model(folder).predict(numpy.array(json.loads(example))).tolist()))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not all(map(shutil.which, PROGRAMS)),
        reason="takes the rights to enter another root",
    ),
]


@dataclass(frozen=True)
class Slim:
    """A slim Debian below a folder, and what the models saved for its Python need there."""

    root: Path
    told: Mapping[str, Any]

    def run(self, *command: str, user: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in it; its mounts end with it."""
        enter = f'mount -t proc proc {self.root}/proc; exec chroot --userspec={user}:{user} "$@"'
        whole = ["unshare", "--mount", "sh", "-c", enter, "sh", str(self.root), *command]
        variables = {"PATH": PATH, "HOME": "/tmp", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(whole, env=variables, capture_output=True, text=True, check=False)

    def predict(self, name: str) -> subprocess.CompletedProcess[str]:
        example = json.dumps(self.told[name]["example"])
        python = f"/opt/{name}-environment/bin/python"
        return self.run(python, "-BIc", PREDICT, f"/opt/{name}", example, user=10001)


def checked(ran: subprocess.CompletedProcess[str]) -> str:
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout


@pytest.fixture(scope="module", params=RELEASES)
def slim(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slim]:
    release: str = request.param
    folder = tmp_path_factory.mktemp(release)
    try:
        base = discovery.find(RELEASES[release], Python.current(), Settings.from_environment())
    except PythonMissingError:
        pytest.skip(f"no Python {RELEASES[release]}")
    told = saved(folder, base.executable, f"python:{RELEASES[release]}-slim-{release}")
    found = Slim(rooted(folder / "root", release), told)
    for name in NEEDED:
        shutil.copytree(folder / "models" / name, found.root / "opt" / name)
        wheels = found.root / "opt" / f"{name}-wheels"
        lines = ["-r", str(folder / "models" / name / "requirements.txt")]
        pip = [str(folder / "venv/bin/python"), "-m", "pip", "--isolated"]
        checked(ran(*pip, "wheel", "--quiet", "--no-deps", "-w", str(wheels), *lines))
        environment = f"/opt/{name}-environment"
        checked(found.run("python3", "-m", "venv", environment))
        options = ["--quiet", "--no-deps", "--no-index", "--find-links", f"/opt/{name}-wheels"]
        pip = [f"{environment}/bin/python", "-m", "pip", "--isolated", "install"]
        checked(found.run(*pip, *options, "-r", f"/opt/{name}/requirements.txt"))
    yield found
    shutil.rmtree(folder)


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def saved(folder: Path, python: Path, base: str) -> Mapping[str, Any]:
    """Save the models by an interpreter; return what they predict, and need on that base."""
    checked(ran(str(python), "-m", "venv", str(folder / "venv")))
    own = str(folder / "venv/bin/python")
    with_them = ("lightgbm", "pillow", "numpy", "pyelftools", "-e", str(PROJECT))
    checked(ran(own, "-m", "pip", "install", "--quiet", *with_them))
    told = checked(ran(own, str(HERE / "saved_models.py"), str(folder / "models"), base))
    found: Mapping[str, Any] = json.loads(told.splitlines()[-1])
    return found


def rooted(root: Path, release: str) -> Path:
    """Make a root of a release that has Python, and less than any image: no time zones either."""
    roots = os.environ.get("MODELENV_DEBIAN_ROOTS")
    if roots is not None:
        checked(ran("cp", "-a", str(Path(roots) / release), str(root)))
    elif shutil.which("debootstrap"):
        packages = "--include=python3,python3-venv,ca-certificates"
        checked(ran("debootstrap", "--variant=minbase", packages, release, str(root)))
    else:
        pytest.skip("no debootstrap, and MODELENV_DEBIAN_ROOTS is unset")
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    slim = Slim(root, {})
    checked(slim.run("dpkg", "--purge", "--force-depends", "tzdata"))
    checked(slim.run("apt-get", "update", "--quiet"))
    return root


@pytest.mark.parametrize("name", NEEDED)
def test_a_model_works_there_with_what_is_named_and_not_without(slim: Slim, name: str) -> None:
    told = slim.told[name]
    assert told["packages"] == NEEDED[name]
    assert told["needs"] == []
    without = slim.predict(name)
    assert without.returncode != 0, without.stdout
    checked(slim.run("apt-get", "install", "--yes", "--no-install-recommends", *told["packages"]))
    assert json.loads(checked(slim.predict(name))) == told["prediction"]
