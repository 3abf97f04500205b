"""An author's machine, with an environment on it, and runs that are kept from both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.seal import plan as plans
from modelenv.seal.choose import choose, this_machine
from modelenv.seal.command import check, command, fit
from modelenv.seal.distributions import SiteFiles
from modelenv.seal.seals import OFF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modelenv.seal.plan import SealPlan
    from modelenv.seal.seals import Seal

_DESCRIBE = """
import json, sys, sysconfig, site
print(json.dumps({
    "executable": sys.executable,
    "base": getattr(sys, "_base_executable", None) or sys.executable,
    "stdlib": sorted({sysconfig.get_path(key) for key in ("stdlib", "platstdlib")}),
    "path": sys.path[1:],
    "site": sysconfig.get_path("purelib"),
    "user": site.getusersitepackages(),
}))
"""


@cache
def describe(python: str, home: str) -> Mapping[str, Any]:
    """Have an interpreter say what it is made of."""
    variables = {"HOME": home, "PATH": os.environ["PATH"]}
    told = subprocess.run(
        [python, "-c", _DESCRIBE], env=variables, capture_output=True, text=True, check=True
    )
    described: Mapping[str, Any] = json.loads(told.stdout)
    return described


@dataclass(frozen=True)
class Ended:
    code: int
    output: str


class Author:
    """An author's machine: a home, a project, and an environment with distributions."""

    def __init__(self, root: Path, python: Path | None = None) -> None:
        self.root = root
        self.home = root / "home"
        self.home.mkdir(parents=True)
        self.use(python or skeleton(root / "environment", Path(sys.executable)))
        self.variables = {
            "HOME": str(self.home),
            "PATH": f"{root / 'bin'}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TMPDIR": str(root / "temporary"),
        }
        (root / "temporary").mkdir()
        self._pinned: dict[str, list[Sequence[str]]] = {}
        self._foreign: dict[str, list[str]] = {}
        self.runs = 0

    def use(self, python: Path) -> None:
        """Have the author's environment be that of an interpreter."""
        self.python = python
        self.described = describe(str(python), str(self.home))
        self.site = Path(self.described["site"])

    def write(self, name: str, text: str = "found") -> Path:
        """Write a file below the author's folder."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def install(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        pinned: bool = True,
        site: Path | None = None,
    ) -> None:
        """Install a distribution, by default one with a module of its name."""
        where = site or self.site
        texts = {f"{name}.py": "place = __file__\n"} if files is None else dict(files)
        info = f"{name}-1.0.dist-info"
        texts[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        texts[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*texts, f"{info}/RECORD"])
        for path, text in texts.items():
            file = where / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if pinned:
            self._pinned.setdefault(str(where), []).append(tuple(texts))
        else:
            self._foreign.setdefault(str(where), []).extend(texts)

    def pin(self, names: Sequence[str]) -> None:
        """Use the environment that this runs in, with some of its distributions pinned."""
        from importlib.metadata import distribution

        self.use(Path(sys.executable))
        for name in names:
            found = distribution(name)
            files = tuple(str(file) for file in found.files or ())
            self._pinned.setdefault(str(found.locate_file("")), []).append(files)

    @property
    def site_files(self) -> list[SiteFiles]:
        """What of its folders of distributions is pinned."""
        return [
            SiteFiles(site, tuple(files), tuple(self._foreign.get(site, ())))
            for site, files in self._pinned.items()
        ]

    def plan(
        self,
        scratch: Path,
        *,
        reads: Sequence[Path] = (),
        hosts: Sequence[str] = (),
        allow: Sequence[Path] = (),
        variables: Mapping[str, str] | None = None,
    ) -> SealPlan:
        """Plan a run with what is pinned, and with the folder ``model``."""
        described = self.described
        folder = scratch / "folder"
        folder.mkdir()
        return plans.make(
            executable=described["executable"],
            base=described["base"],
            stdlib=described["stdlib"],
            path=described["path"],
            installed=[path for each in self.site_files for path in each.visible()],
            environment={**self.variables, **(variables or {})},
            hosts=hosts,
            allow_paths=[str(path) for path in allow],
        ).of_run(
            reads=[str(self.root / "model"), *map(str, reads)],
            writes=[str(scratch)],
            folder=str(folder),
        )


class Runs:
    """Runs on an author's machine, each in a folder of its own."""

    def __init__(self, author: Author, seal: Seal = OFF) -> None:
        self.author = author
        self.seal = seal

    def start(
        self, code: str, *arguments: str, options: Sequence[str] = ("-B",), **given: Any
    ) -> subprocess.Popen[str]:
        """Start a run of some code."""
        author = self.author
        scratch = author.root / f"run-{author.runs}"
        author.runs += 1
        scratch.mkdir()
        plan = author.plan(scratch, **given)
        # A file, as a start by another method needs one.
        file = scratch / "folder" / "body.py"
        file.write_text(textwrap.dedent(code))
        program = [str(author.described["executable"]), *options, str(file), *arguments]
        plan = fit(plan, self.seal, scratch)
        if self.seal.kind == "landlock":
            program[0] = str(_real_files(author, scratch))
            # What an environment is made of must not be written to, nor lie in what may be.
            plan = _without_originals(plan, author, author.root / f"{scratch.name}-replica")
        return subprocess.Popen(
            command(self.seal, plan, program, scratch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, code: str, *arguments: str, **given: Any) -> Ended:
        """Run some code to its end."""
        process = self.start(code, *arguments, **given)
        output, _ = process.communicate(timeout=120)
        check(self.seal, process.returncode, output)
        return Ended(process.returncode, output)


def skeleton(root: Path, python: Path) -> Path:
    """Lay out a virtual environment with nothing in it."""
    base = Path(os.path.realpath(python))
    program = root / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to(base)
    (root / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (root / "lib" / version / "site-packages").mkdir(parents=True)
    return program


def _real_files(author: Author, scratch: Path) -> Path:
    """Lay out what is pinned once more, as Landlock needs it: with files of its own."""
    root = author.root / f"{scratch.name}-replica"
    program = skeleton(root, Path(author.described["executable"]))
    (site,) = root.glob("lib/*/site-packages")
    for each in author.site_files:
        for path in filter(os.path.exists, each.visible()):
            target = site / os.path.relpath(path, each.location)
            target.parent.mkdir(parents=True, exist_ok=True)
            if Path(path).is_dir():
                shutil.copytree(path, target, copy_function=_share)
            else:
                _share(path, str(target))
    return program


def _share(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _without_originals(plan: SealPlan, author: Author, replica: Path) -> SealPlan:
    from dataclasses import replace

    originals = tuple(each.location for each in author.site_files)
    kept = [path for path in plan.reads if not path.startswith(originals)]
    return replace(plan, reads=(*kept, str(replica)))


@pytest.fixture
def author() -> Iterator[Author]:
    """An author's machine with an empty model folder and nothing pinned."""
    # Elsewhere than other temporary folders: the paths of sockets may not be long.
    with tempfile.TemporaryDirectory(prefix="author-", dir="/tmp") as folder:
        made = Author(Path(folder) / "author")
        (made.root / "model").mkdir()
        yield made


def seal_of(kind: str, hosts: Sequence[str] = ()) -> Seal:
    """Return a seal of this kind, or skip the test with the reason why there is none."""
    machine = this_machine()
    refusal = {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}[kind]
    if refusal:
        pytest.skip(f"no {kind} here: {refusal}")
    return choose(kind, machine, hosts)  # type: ignore[arg-type]


@pytest.fixture(params=["namespaces", "landlock"])
def sealed(request: pytest.FixtureRequest, author: Author) -> Runs:
    """Runs on the author's machine in a seal of each kind."""
    return Runs(author, seal_of(request.param))


@pytest.fixture
def namespaces(author: Author) -> Runs:
    """Runs on the author's machine in namespaces."""
    return Runs(author, seal_of("namespaces"))


@pytest.fixture
def landlock(author: Author) -> Runs:
    """Runs on the author's machine under Landlock."""
    return Runs(author, seal_of("landlock"))


@pytest.fixture
def free(author: Author) -> Runs:
    """Runs on the author's machine without a seal."""
    return Runs(author)
