"""Mutations of a folder: its bytes, its trees, its files' kinds; each choice from a seed."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w
import yaml

from envfiles import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

LONG = 10**4999
OTHERS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 3.5, float("inf"), 2**70, "", "x", "é\u202e\x1b[31m", "\ud800"),
    *("../../etc/passwd", "/proc/self/environ", "a/../../b", "C:\\x", "yes", "2026-13-45"),
    *("3.11.7", "1.0", "none", "examples", "dataframe", "~", "${HOME}", "-r /etc/passwd"),
    *([], {}, [[]], [None], {"": None}, {"a": {"b": []}}, [1, "a"], {"type": "examples"}),
    *({"type": "examples", "items": [1]}, {"type": 5}, {"file": 1, "type": "pickle"}),
)
NESTED = 200
WORDS = (
    *(b"\0", b"\xff\xfe", b"9" * 5000, b"[" * 300, b"{", b"'", b'"', b": ", b"- ", b"&a ", b"*a"),
    *(b"!!python/object:os.x ", b"!!timestamp 2026-13-45", b"2026-02-31", b"!!int x", b"!!bool x"),
    *(b"<<: ", b"\n", b"\t", b"\\", b"=", b"@", b"file:///etc/passwd", b"-r ", b"-e .", b"? "),
    *(b"PK\x03\x04", b"\x1f\x8b", b"\x80\x05", b"0o9", b"1e999", b"!!float 1_", b"---\n", b"...\n"),
)


def mutate(folder: Path, rng: Random) -> str:
    """Change something in a folder; return in words what."""
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        files = sorted(each for each in folder.rglob("*") if _is_plain(each))
        # The smaller ones hold what is read.
        named = [each for each in files if each.suffix in (".json", ".yaml", ".toml", ".txt", "")]
        file = rng.choice(named if named and rng.random() < 0.8 else files or [folder / "MLmodel"])
        change = rng.choices((_bytes, _tree, _kind, _size), (60, 120, 20, 1))[0]
        done.append(f"{file.relative_to(folder)}: {change(file, rng)}")
    return "; ".join(done)


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size < 10_000_000


def _bytes(file: Path, rng: Random) -> str:
    data = bytearray(file.read_bytes() if _is_plain(file) else b"")
    at = rng.randrange(len(data) + 1)
    kind = rng.randrange(6)
    if kind == 0:
        del data[at:]
    elif kind == 1:
        data[at : at + rng.randrange(1, 9)] = rng.randbytes(rng.randrange(1, 9))
    elif kind == 2:
        data[at:at] = rng.choice(WORDS)
    elif kind == 3:
        data[at : at + 1] = bytes([rng.randrange(256)])
    elif kind == 4:
        end = rng.randrange(at, len(data) + 1)
        data[at:at] = data[at:end] * rng.choice((1, 2, 50))
    else:
        lines = bytes(data).split(b"\n")
        rng.shuffle(lines)
        data = bytearray(b"\n".join(lines))
    _replace(file, bytes(data))
    return f"bytes {kind} at {at}"


def _tree(file: Path, rng: Random) -> str:
    try:
        read, write = _FORMATS[_format(file)]
        tree = read(file.read_text("utf-8"))
    except Exception:  # noqa: BLE001  # an earlier mutation spoiled it
        return _bytes(file, rng)
    holder: dict[Any, Any] = {"": tree}
    places = list(_places(holder))
    container, key = rng.choice(places)
    said = f"{key!r}"
    value = container[key]
    kind = rng.randrange(7)
    if kind <= 2:
        container[key] = copy.deepcopy(rng.choice(OTHERS))
        said += f" = {container[key]!r}"
    elif kind == 3 and container is not holder:
        del container[key]
        said += " gone"
    elif kind == 4:
        for _ in range(NESTED):
            value = [value]
        container[key] = value
        said += " nested"
    elif kind == 5:
        container[key] = LONG if rng.random() < 0.5 else [value] * rng.choice((2, 1000))
        said += " huge"
    else:
        other, place = rng.choice(places)
        container[key] = copy.deepcopy(other[place])
        said += " swapped"
    try:
        text = write(holder[""])
    except (TypeError, ValueError, AttributeError, RecursionError, yaml.YAMLError):
        return _bytes(file, rng)
    _replace(file, text.encode("utf-8", "surrogatepass"))
    return said


def _kind(file: Path, rng: Random) -> str:
    kinds: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(file),
        "device": lambda: file.symlink_to("/dev/zero"),
        "outside": lambda: file.symlink_to("/etc/passwd"),
        "process": lambda: file.symlink_to("/proc/self/environ"),
        "itself": lambda: file.symlink_to(file.name),
        "nowhere": lambda: file.symlink_to("gone"),
        "above": lambda: file.symlink_to(".."),
        "folder": file.mkdir,
        "empty": lambda: file.write_bytes(b""),
        "gone": lambda: None,
        "large": lambda: _sparse(file),
    }
    name = rng.choice(sorted(kinds))
    if _is_plain(file):
        file.unlink()
    elif file.exists() or file.is_symlink():
        return "as it is"
    kinds[name]()
    return name


def _size(file: Path, rng: Random) -> str:
    """Write as much as four fifths of what is read of such a file."""
    if not _is_plain(file):
        return "as it is"
    record = {"name": "a", "loaded": True, "phase": "load", "how": "imported", "order": 1}
    short = [1, "b", 0, 0, 7]
    told = {"schema": 2, "files": [["", ".py"]], "touches": []}
    made: dict[str, Callable[[], bytes]] = {
        "lines": lambda: b"".join(b"a%d==1.0\n" % number for number in range(4_000)),
        "hashes": lambda: (b"a==1 \\\n" + b" --hash=sha256:0 \\\n" * 8 + b"\n") * 1_600,
        "values": lambda: file.read_bytes() + b"\nx:\n" + b"- a=1\n" * 20_000,
        "imports": lambda: json.dumps({"schema": 1, "imports": [record] * 17_000}).encode(),
        "short": lambda: json.dumps(
            {
                **told,
                "imports": [{"phase": "load", "seen": [[0, "a", 0, None, 1], *[short] * 20_000]}],
            }
        ).encode(),
        "opcodes": lambda: b"\x80\x04" + b"N0" * 400_000 + b"N.",
    }
    fitting = {"requirements.txt": ("lines", "hashes"), "trace.json": ("imports", "short")}
    by_name = fitting.get(file.name) or {"yaml": ("values",)}.get(_format(file), ("opcodes",))
    name = rng.choice(by_name)
    _replace(file, made[name]())
    return f"size of {name}"


def _sparse(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(300 << 20)  # more than memory may hold; digests read it whole


def _replace(file: Path, data: bytes) -> None:
    if _is_plain(file) or not (file.exists() or file.is_symlink()):
        file.write_bytes(data)


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        keys = list(each) if isinstance(each, dict) else list(range(len(each)))
        for key in keys[:200]:
            found.append((each, key))
            if isinstance(each[key], (dict, list)):
                waiting.append(each[key])
    return found


def _format(file: Path) -> str:
    return {".json": "json", ".toml": "toml", ".lock": "toml", ".txt": "lines"}.get(
        file.suffix, "yaml"
    )


_FORMATS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "json": (json.loads, json.dumps),
    "toml": (read_toml, tomli_w.dumps),
    "lines": (str.splitlines, "\n".join),
    "yaml": (yaml.safe_load, lambda tree: yaml.safe_dump(tree, allow_unicode=True)),
}
