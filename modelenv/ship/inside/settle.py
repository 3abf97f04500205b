"""Check the contents of an image, and normalise them so that two builds give the same bytes.

``settle.py python VERSION`` exits with a message if this is no Python of that minor version, as
``3.11``. ``settle.py environment PREFIX LOCK`` exits with one if the virtual environment at PREFIX
does not hold exactly the names and versions of the lock; otherwise it compiles the environment.
``settle.py model FOLDER`` checks nothing. The last two give every file the same time, and a mode
that lets every user read it.

It runs as a program in the building stage: the standard library alone, on Python 3.8.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path

TESTS = r"[/\\]tests[/\\]"
"""The modules that are not compiled, by path."""
EPOCH = 315532800
"""The modification time of every file: in 1980, the earliest that a zip file can hold."""
_DATED = "uv_cache.json"
_LOCKED = ".lock"
_SEPARATORS = re.compile(r"[-_.]+")
_RELEASE = re.compile(r"[0-9.]*")
_PARTS = re.compile(r"[0-9]+|[a-z]+")
_SPELLINGS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc", "rev": "post"}


def main(words: list[str]) -> None:
    """Run the command line. Exits with a message if a check fails."""
    kind, place, *lock = words
    if kind == "python":
        check_python(place)
        return
    if kind == "environment":
        wanted = locked(Path(lock[0]).read_text("utf-8").splitlines())
        differences = [*differing(wanted, installed(Path(place)))]
        if differences:
            sys.exit("\n".join(["the environment is not what its lock says:", *differences]))
        forget_times(Path(place))
        compile_environment(Path(place))
    settle(Path(place))


def check_python(version: str) -> None:
    """Exit with a message if this Python is not of the version that the model needs."""
    found = "{}.{}".format(*sys.version_info)
    if found != version:
        sys.exit(
            f"the base has Python {found}, and the model needs {version}: name another base"
            f" (--base), as python:{version}-slim"
        )


def locked(lines: Iterable[str]) -> dict[str, str]:
    """Return the version of each name in a lock's lines."""
    found = {}
    for line in lines:
        requirement = re.split(r" --|;|#", line)[0].strip()
        if requirement and not requirement.startswith("-"):
            name, _, version = requirement.partition("==")
            found[canonical(name.partition("[")[0])] = version.strip()
    return found


def installed(prefix: Path) -> dict[str, str]:
    """Return the version of each distribution in the virtual environment at `prefix`."""
    found = {}
    for info in sorted(prefix.glob("lib/python*/site-packages/*.dist-info")):
        headers = HeaderParser().parsestr((info / "METADATA").read_text("utf-8"), headersonly=True)
        found[canonical(headers["Name"])] = headers["Version"]
    return found


def differing(wanted: dict[str, str], found: dict[str, str]) -> Iterator[str]:
    """Yield a phrase for each distribution that is missing, superfluous, or at another version."""
    for name in sorted({*wanted, *found}):
        if name not in found:
            yield f"{name}=={wanted[name]} is missing"
        elif name not in wanted:
            yield f"{name}=={found[name]} is in no line of it"
        elif version_key(wanted[name]) != version_key(found[name]):
            yield f"{name}=={wanted[name]} is there at {found[name]}"


def canonical(name: str) -> str:
    """Return a name normalised by PEP 503."""
    return _SEPARATORS.sub("-", name.strip()).lower()


def version_key(version: str) -> list[str | int]:
    """Return a key that is equal for equal versions (PEP 440), however they are spelled.

    >>> version_key("1.0.0-RC.1") == version_key("1.0rc1")
    True
    >>> version_key("v1.0+a.b") == version_key("1+a-b"), version_key("1.0") == version_key("1.0.1")
    (True, False)
    """
    public, plus, local = version.strip().lower().lstrip("v").partition("+")
    epoch, _, public = public.rpartition("!")
    public = re.sub(r"(?<=[0-9])-(?=[0-9])", ".post", public)
    end = _RELEASE.match(public).end()  # type: ignore[union-attr]  # it matches nothing, too
    numbers = [int(each) for each in public[:end].split(".") if each]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return [int(epoch or 0), *numbers, *_parts(public[end:]), plus, *_parts(local)]


def _parts(text: str) -> list[str | int]:
    """Return the numbers and words of a text, each word as PEP 440 spells it."""
    found = _PARTS.findall(text)
    return [int(each) if each.isdigit() else _SPELLINGS.get(each, each) for each in found]


def forget_times(prefix: Path) -> None:
    """Remove uv's record of when a local wheel was written, and the line that lists it.

    The lock file that uv leaves in the environment is removed, too.
    """
    if (prefix / _LOCKED).exists():
        (prefix / _LOCKED).unlink()
    for info in prefix.glob("lib/python*/site-packages/*.dist-info"):
        if (info / _DATED).exists():
            (info / _DATED).unlink()
            lines = (info / "RECORD").read_bytes().splitlines(keepends=True)
            named = f"{info.name}/{_DATED},".encode()
            kept = [line for line in lines if not line.startswith(named)]
            (info / "RECORD").write_bytes(b"".join(kept))


def compile_environment(prefix: Path) -> None:
    """Compile the modules in a fixed order; those that do not compile are left as they are.

    Bytecode that is checked by its source's hash (PEP 552) contains no time. Half of a scientific
    environment's bytecode is of tests that nobody imports: it is left out.
    """
    for site in sorted(prefix.glob("lib/python*/site-packages")):
        compileall.compile_dir(
            str(site),
            maxlevels=100,
            rx=re.compile(TESTS),
            quiet=2,
            force=True,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )


def settle(place: Path) -> None:
    """Give everything at `place`, and itself, the same time and a mode that every user can read."""
    for each in (*place.rglob("*"), place):
        mode = each.lstat().st_mode
        if not stat.S_ISLNK(mode):
            each.chmod(0o755 if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0o644)
        os.utime(each, (EPOCH, EPOCH), follow_symlinks=False)


if __name__ == "__main__":
    main(sys.argv[1:])
