"""Locks that only their own tool can export as requirements: poetry's, pdm's and pipenv's.

The tool is run on a copy of the lock and of its project: pdm, for one, makes an environment and
records an interpreter in the folder from which it exports.
"""

from __future__ import annotations

import json
import os
import re
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
            text, said = self._run(words, scratch, lock)
            if "--no-hashes" in said and name == "pdm":  # of a folder, and it writes all or none
                words.append("--no-hashes")
                text, said = self._run(words, scratch, lock)
                text = f"--no-require-hashes\n{text}"
        if said:
            raise _failed(words, lock, said)
        return _BESIDE.sub(lambda found: _address(lock, *found.groups("")), text)

    def _run(self, words: list[str], folder: Path, lock: Path) -> tuple[str, str]:
        """Return what a tool writes, and what it says if it fails, with the lock's own paths."""
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
        wrote, said = (_at_home(each, folder, lock) for each in (ended.stdout, ended.stderr))
        if not ended.returncode:
            return wrote, ""
        lines = (said.strip() or wrote.strip()).splitlines() or ["it says nothing"]
        told = lines[-1:] if _TRACEBACK in lines[0] else lines
        return "", " ".join(" ".join(told).split())


_TRACEBACK = "Traceback (most recent call last)"
_BESIDE = re.compile(r"^(-e +|--editable[ =]+)?(\.{1,2}(?:/[^\s;#]*)?)(?=[\s;#]|$)", re.MULTILINE)
"""A path at the head of a line: a tool means it beside its lock, and pip where it runs."""
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
        metadata = envfiles.read_toml(text, file=str(lock)).get("metadata")
        listed = metadata.get("groups") if isinstance(metadata, dict) else None
        groups = set(map(str, listed)) if isinstance(listed, list) else set()
        selection.check(place, extras=groups - {"default"}, groups=groups - {"default"})
    else:
        selection.check(place, groups=_categories(text, place) - {"_meta", "default"})


def _categories(text: str, place: envfiles.Location) -> set[str]:
    """Return the keys of a lock of pipenv's. Raises InvalidFile for any other text."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise envfiles.InvalidFile([envfiles.Fault(place, f"not JSON: {error}")]) from error
    if not isinstance(content, dict):
        raise envfiles.InvalidFile([envfiles.Fault(place, "is no object of JSON")])
    return set(content)


def _at_home(text: str, scratch: Path, lock: Path) -> str:
    """Name what lies beside a lock as it was named beside its copy."""
    here = lock.absolute().parent
    for old in (scratch, Path(os.path.realpath(scratch))):
        text = text.replace(old.as_uri(), here.as_uri()).replace(str(old), str(here))
    return text


def _address(lock: Path, editable: str, path: str) -> str:
    return f"{editable}{(lock.absolute().parent / path).resolve().as_uri()}"


def _failed(words: list[str], lock: Path, said: str) -> envfiles.InvalidFile:
    called = " ".join([Path(words[0]).name, *words[1:]])
    reason = f"`{called}` fails: {said}"
    return envfiles.InvalidFile([envfiles.Fault(envfiles.Location(str(lock)), reason)])
