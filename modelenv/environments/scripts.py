"""The scripts of the pinned distributions, made for a replica's own interpreter.

An installer writes the path of the interpreter into a script, so a link to the script would leave
the replica: a copy is made that names the replica's interpreter. Declared entry points without a
listed script are made as an installer would. Windows starts such scripts through a compiled
launcher that holds the path, so there only the declared ones are made.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from installer.scripts import LauncherKind, ScriptSection

# The start that installers write into a script if the interpreter's path is too long for #!, or has
# spaces: lines that are a string to Python.
_BY_SHELL = b"#!/bin/sh\n'''exec'"
_SHELL_LINES = 3
_BY_SHELL_AT_ONCE = b'#!/bin/sh\n"exec" '
_AT_ONCE_LINES = 2
_LONGEST = 126
# A shell runs the next line as a command; to Python it begins a string.
_BESIDE = (
    b'#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/python "$0" "$@"\n\' \'\'\'\n'
)
_DECLARED = ("console_scripts", "gui_scripts")
_OBJECT = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<attr>[\w.]+)\s*(\[.*\]\s*)?")
"""The reference of an entry point: ``package.module:function [extra]``."""


class _EntryPoint(NamedTuple):
    """An entry point in the metadata that declares a script."""

    group: str
    name: str
    value: str


def add(source: Path, interpreter: Path) -> None:
    """Put the script `source` beside `interpreter`; a Python script is rewritten for it."""
    target = interpreter.parent / source.name
    if os.name != "posix" or os.path.lexists(target):
        return
    body = _body(source)
    if body is None:
        target.symlink_to(source)
    else:
        _write(target, interpreter, body)


def add_declared(info: Path, interpreter: Path, kind: LauncherKind | None = None) -> None:
    """Make the scripts declared by metadata in the folder `info` that do not exist yet.

    `kind` is the operating system's kind of launcher; None: this system's.
    """
    try:
        points = tuple(_entry_points((info / "entry_points.txt").read_text("utf-8")))
    except (OSError, ValueError):  # an invalid declaration, which installers refuse
        return
    for point in points:
        if point.group in _DECLARED:
            _add_entry_point(point, interpreter, kind or _kind())


def _entry_points(text: str) -> Iterator[_EntryPoint]:
    """Yield the declared entry points; importlib.metadata would take long to import.

    Raises ValueError for an invalid line.
    """
    group: str | None = None
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
        elif group is not None:
            name, value = line.split("=", 1)
            yield _EntryPoint(group, name.strip(), value.strip())


def _add_entry_point(point: _EntryPoint, interpreter: Path, kind: LauncherKind) -> None:
    name = point.name if kind == "posix" else f"{point.name}.exe"
    target = interpreter.parent / name
    found = _OBJECT.fullmatch(point.value)
    if found is None or target.name != name or os.path.lexists(target):
        return
    from installer.scripts import Script

    section: ScriptSection = "gui" if point.group == "gui_scripts" else "console"
    script = Script(point.name, found["module"], found["attr"], section)
    if kind == "posix":
        # The first line is ours: distlib's breaks at a tab, and takes only paths in UTF-8.
        _, body = script.generate("python", kind)
        _write(target, interpreter, body.partition(b"\n")[2])
    else:
        target.write_bytes(script.generate(str(interpreter), kind)[1])


def _kind() -> LauncherKind:
    if os.name == "posix":  # the common case, without an import
        return "posix"
    from installer.utils import get_launcher_kind

    return get_launcher_kind()


def without(environment: Mapping[str, str], programs: Path, base: Path) -> dict[str, str]:
    """Return `environment` with a PATH without the folder `programs` and other environments.

    Programs installed beside the model's interpreter, or in another environment, would lead out of
    the model's own. The folder of the `base` interpreter is the system's, and is kept.
    """
    system, own = (os.path.realpath(folder) for folder in (base.parent, programs))

    def stays(entry: str) -> bool:
        folder = os.path.realpath(entry)
        # An empty entry is the working directory.
        return not entry or folder == system or not (folder == own or _is_environment(folder))

    kept = filter(stays, environment.get("PATH", "").split(os.pathsep))
    return {**environment, "PATH": os.pathsep.join(kept)}


def _is_environment(programs: str) -> bool:
    """Return whether a folder of programs belongs to a virtual or conda environment."""
    root = Path(programs).parent
    return any(os.path.exists(root / name) for name in ("pyvenv.cfg", "conda-meta"))  # noqa: PTH110  # no error if it may not be entered


def _write(target: Path, interpreter: Path, body: bytes) -> None:
    target.write_bytes(_head(interpreter) + body)
    target.chmod(0o755)


def movable(program: bytes) -> bytes:
    """Return a script that finds its interpreter beside itself; other programs are unchanged."""
    body = _without_head(program)
    return program if body is None else _BESIDE + body


def _body(source: Path) -> bytes | None:
    """Return a Python script without the lines that name its interpreter; None: no such script."""
    with source.open("rb") as file:
        data = file.read(2)
        if data != b"#!":  # a binary, which may be large
            return None
        data += file.read()
    return _without_head(data)


def _without_head(data: bytes) -> bytes | None:
    if not data.startswith(b"#!"):
        return None
    if data.startswith(_BY_SHELL):
        return data.split(b"\n", _SHELL_LINES)[-1]
    if data.startswith(_BY_SHELL_AT_ONCE) and b"python" in data.split(b"\n", 2)[1]:
        return data.split(b"\n", _AT_ONCE_LINES)[-1]
    first, _, rest = data.partition(b"\n")
    return rest if first.startswith(b"#!") and _names_python(first[2:]) else None


def _names_python(command: bytes) -> bool:
    """Return whether the command after #! is Python, by a path or through ``env``."""
    names = [word.rpartition(b"/")[2] for word in command.split()]
    if names[:1] == [b"env"]:
        names = [name for name in names[1:] if b"=" not in name and not name.startswith(b"-")]
    return bool(names) and names[0].startswith((b"python", b"pypy"))


def _head(interpreter: Path) -> bytes:
    """Return the first lines of a script, which name its interpreter."""
    line = f"#!{interpreter}\n"
    if len(os.fsencode(line)) <= _LONGEST and not set(" \t") & set(line[:-1]):
        return os.fsencode(line)
    path = shlex.quote(os.fspath(interpreter))
    if not path.startswith("'"):
        path = f"'{path}'"
    return os.fsencode(f"#!/bin/sh\n'''exec' {path} \"$0\" \"$@\"\n' '''\n")
