"""Make the old models: ``python -m benchmarks.revive.make FOLDER [--python 3.8=PATH …]``.

Each is made by the releases of its day, with the MLflow of its day, on a Python of its line; then
its day, and the Python that it states, are written into it as they would have been. A story that
stands in FOLDER already is left. Needs `uv`, an index that tells when it received a file, and for
some a C compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from .stories import STORIES
from .story import Story

INSIDE = Path(__file__).parent / "inside"
_CHECKOUT = Path(__file__).parent.parent.parent
_STATED = ("MLmodel", "conda.yaml", "python_env.yaml")
"""The files of a folder that state the Python."""


class NoPythonError(Exception):
    """No Python of that line was found."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revive.make", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", action="append", default=[], metavar="MINOR=PATH")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="kept, if given")
    options = parser.parse_args(arguments)
    pythons = dict(each.split("=", 1) for each in options.python)
    environments = options.environments or options.folder / ".environments"
    failed = 0
    for story in STORIES:
        if options.only and story.name not in options.only:
            continue
        if (options.folder / story.name).exists():
            continue
        try:
            made = make(story, options.folder, environments, pythons, options.uv)
        except (NoPythonError, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"{story.name}: {error}\n{getattr(error, 'stderr', '')}", file=sys.stderr)
        else:
            print(f"{made.name}: {story.wrong}")
    if options.environments is None:
        shutil.rmtree(environments, ignore_errors=True)
    _write_index(options.folder)
    return 1 if failed else 0


def make(
    story: Story, folder: Path, environments: Path, pythons: Mapping[str, str], uv: str
) -> Path:
    """Make one story below `folder`; return its folder, which appears when it is whole.

    Raises NoPythonError, and CalledProcessError where uv or the maker fails.
    """
    python = _environment(story, environments, find_python(story.python, pythons), uv)
    unfinished = folder / f".{story.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    script, function = story.maker.split()
    # Numbers that MLflow reads from where it stands (a commit, a uv project) are not of the model.
    _run([python, INSIDE / script, function, unfinished], cwd=unfinished)
    _age(story, unfinished)
    frozen = _run([uv, "pip", "freeze", "-q", "--python", python]).split()
    told = {"schema": 1, **asdict(story), "made_with": frozen, "as_of": story.moment}
    (unfinished / "story.json").write_text(json.dumps(told, indent=1), "utf-8")
    return unfinished.rename(folder / story.name)


def find_python(minor: str, given: Mapping[str, str]) -> str:
    """Return an interpreter of a minor line: the given one, else pyenv's, else on PATH."""
    if minor in given:
        return given[minor]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted(root.glob(f"versions/{minor}.*/bin/python"))
    found = str(kept[-1]) if kept else shutil.which(f"python{minor}")
    if found is None:
        raise NoPythonError(f"no Python {minor} was found: name one with --python {minor}=PATH")
    return found


def _environment(story: Story, environments: Path, python: str, uv: str) -> Path:
    """Return the Python of an environment with what a story installs, as of its day."""
    wanted = ["pip", "setuptools", "wheel", *story.installed]
    key = [python, story.moment, story.setuptools, *wanted]
    folder = environments / hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]
    interpreter = folder / "bin" / "python"
    if not (folder / "made").exists():
        _run([uv, "venv", "-q", "--clear", "--python", python, folder])
        install: list[str | Path] = [uv, "pip", "install", "-q", "--python", interpreter]
        install += ["--exclude-newer", story.moment]
        for name in story.build:
            install += ["--no-binary", name]
        _run([*install, *wanted])
        if story.maker.startswith("ours.py"):
            # Of today, among libraries of then: what it needs itself moves none of these.
            held = _run([uv, "pip", "freeze", "-q", "--python", interpreter])
            (folder / "held.txt").write_text(held, "utf-8")
            _run([*install[:6], "--constraint", folder / "held.txt", "--editable", _CHECKOUT])
        if story.setuptools:
            _rename_setuptools(folder, story.setuptools)
        (folder / "made").touch()
    return interpreter


def _rename_setuptools(environment: Path, version: str) -> None:
    """Let setuptools say of itself what Anaconda's build says: its number, and a post release."""
    for metadata in environment.glob("lib/*/site-packages/setuptools-*.dist-info/METADATA"):
        text = metadata.read_text("utf-8")
        # Another file in its place: this one may be a link into the cache of uv.
        metadata.unlink()
        metadata.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", text, count=1))
        metadata.parent.rename(metadata.parent.with_name(f"setuptools-{version}.dist-info"))


def _age(story: Story, folder: Path) -> None:
    """Write the day and the Python of a story into the files of its model."""
    model = folder / story.model
    for file in (model / name for name in _STATED):
        if file.exists():
            text = file.read_text("utf-8")
            if file.name == "MLmodel":
                day = f"utc_time_created: '{story.written} 09:30:00.000000'"
                text = re.sub(r"(?m)^utc_time_created: .*", day, text)
                text = re.sub(r"(?m)(python_version: ).*", rf"\g<1>{story.states}", text)
            else:
                text = re.sub(r"(?m)(python(?:=|: ))\S+", rf"\g<1>{story.states}", text)
            file.write_text(text, "utf-8")


def _write_index(folder: Path) -> None:
    lines = []
    for file in sorted(folder.glob("*/story.json")):
        story = json.loads(file.read_text("utf-8"))
        expected = f"{story['verdict']}; rules: {', '.join(['date', 'python', *story['rules']])}"
        if story["changes"]:
            expected += f"; changes: {', '.join(story['changes'])}"
        lines.append(f"{story['name']}: {story['wrong']} -> {expected}\n")
    (folder / "README").write_text("".join(lines), "utf-8")


def _run(command: Sequence[str | Path], cwd: Path | None = None) -> str:
    environment = {name: os.environ[name] for name in os.environ if name != "UV_PYTHON"}
    ran = subprocess.run(
        [str(each) for each in command],
        check=True, capture_output=True, text=True, cwd=cwd, env=environment,
    )  # fmt: skip
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
