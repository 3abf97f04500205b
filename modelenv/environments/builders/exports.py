"""Locks that only their own tool can export as requirements: poetry's, pdm's and pipenv's.

The tool is run on a copy of the lock and of its project: pdm, for one, makes an environment and
records an interpreter in the folder from which it exports.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...base.files.scratch import scratch_folder
from ...base.siblings import envfiles

_SECONDS = 120.0  # seconds, most of them for starting the tool
_PROJECTS = ("pyproject.toml", "pdm.toml", "Pipfile")
_QUIET = {
    "PDM_CHECK_UPDATE": "0",
    "PDM_IGNORE_SAVED_PYTHON": "1",
    "PIPENV_NOSPIN": "1",
    "PIPENV_QUIET": "1",
    "POETRY_VIRTUALENVS_CREATE": "0",
}


@dataclass(frozen=True, slots=True)
class ToolExport:
    """Exports the lock of a tool as requirements, if that tool is installed."""

    environment: Mapping[str, str]
    """The environment variables of the tool; its program is searched on their PATH."""

    def __call__(self, lock: Path, form: str, selection: envfiles.Selection) -> str | None:
        """Return a lock of this form as pip's lines; None if its tool is not installed.

        Raises InvalidFile with the tool's output if it fails, and for extras or groups that it
        would ignore.
        """
        name = _TOOLS.get(form)
        path = self.environment.get("PATH")
        tool = None if name is None else shutil.which(name, path=path)
        if name is None or tool is None:
            return None
        _check_known(lock, name, selection)
        words = [tool, *_iter_words(name, selection)]
        with scratch_folder() as scratch:
            for each in (lock, *(lock.with_name(project) for project in _PROJECTS)):
                if each.is_file():
                    shutil.copyfile(each, scratch / each.name)
            text = self._run(words, scratch, lock)
            # Paths beside the lock are the same beside the copy.
            here, there = lock.absolute().parent, Path(os.path.realpath(scratch))
            for old in (scratch, there):
                text = text.replace(old.as_uri(), here.as_uri()).replace(str(old), str(here))
        return text

    def _run(self, words: list[str], folder: Path, lock: Path) -> str:
        try:
            ended = subprocess.run(
                words,
                cwd=folder,
                env={**self.environment, **_QUIET},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(words, lock, str(error)) from error
        if ended.returncode:
            said = ended.stderr.strip() or ended.stdout.strip()
            raise _failed(words, lock, " ".join(said.split()))
        return ended.stdout


_TOOLS = {"poetry lock": "poetry", "pdm lock": "pdm", "Pipfile.lock": "pipenv"}


def _iter_words(tool: str, selection: envfiles.Selection) -> Iterator[str]:
    """Yield the arguments that export a lock as requirements, with these extras and groups."""
    if tool == "poetry":
        yield from ("export", "--no-interaction", "--no-ansi", "--format", "requirements.txt")
        for extra in selection.extras:
            yield from ("--extras", extra)
        for group in selection.groups:
            yield from ("--with", group)
    elif tool == "pdm":
        yield from ("export", "--quiet", "--format", "requirements")
        yield from () if selection.groups else ("--prod",)
        for name in (*selection.extras, *selection.groups):
            yield from ("--group", name)
    else:
        yield from ("requirements", "--hash")
        if selection.groups:
            names = ("dev-packages" if each == "develop" else each for each in selection.groups)
            yield from ("--categories", " ".join(("packages", *names)))


def _check_known(lock: Path, tool: str, selection: envfiles.Selection) -> None:
    """Raise InvalidFile for an extra or a group that the lock lacks and its tool would ignore.

    pdm exports every group if it knows none of those that are named; poetry reports such errors
    itself.
    """
    text = envfiles.read_text(lock, any_kind=True) if selection else None
    if text is None or tool == "poetry":
        return
    place = envfiles.Location(str(lock))
    if tool == "pdm":
        metadata = envfiles.read_toml(text, file=str(lock)).get("metadata", {})
        known = [str(each) for each in metadata.get("groups", ()) if each != "default"]
        selection.check(place, extras=known, groups=known)
    else:
        groups = json.loads(text).keys() - {"_meta", "default"}
        selection.check(place, groups=sorted(groups))


def _failed(words: list[str], lock: Path, said: str) -> envfiles.InvalidFile:
    called = " ".join([Path(words[0]).name, *words[1:]])
    reason = f"`{called}` fails: {said}"
    return envfiles.InvalidFile([envfiles.Fault(envfiles.Location(str(lock)), reason)])
