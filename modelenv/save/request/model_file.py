"""The content of a model's file, looked at before anything runs; nothing is unpickled."""

from __future__ import annotations

import pickletools
from collections.abc import Sequence
from pathlib import Path

from ...base.errors import WrongUseError
from ...folder.errors import NotAModelError

_HEAD = 1 << 20  # bytes that are looked at
_PARSED = 1 << 16  # bytes of the largest file whose opcodes are read: that takes 1 µs a byte
_BY_JOBLIB = "python -c \"import joblib, pickle; pickle.dump(joblib.load('{}'), open('{}', 'wb'))\""
_BY_SCRIPT = (
    "load it, as its library does, in a script that assigns the model to `model`, and save that"
)
_FORMATS = {
    b"PK\x03\x04": "a zip archive, as torch and Keras write one",
    b"\x89HDF": "an HDF5 file, as Keras writes one",
    b"\x93NUMPY": "an array of numpy's, not a model",
    b"PAR1": "a Parquet table, not a model",
    b"ARROW1": "an Arrow table, not a model",
}
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"]\x00\x00": "lzma",
    b"\x04\x22\x4d\x18": "lz4",
    b"x\x01": "zlib",
    b"x^": "zlib",
    b"x\x9c": "zlib",
    b"x\xda": "zlib",
}
# Arrays follow joblib's wrappers of them in the file, which joblib alone reads.
_IN_JOBLIB = (b"joblib.numpy_pickle", b"ArrayWrapper")
_PASSED = ("PROTO", "FRAME", "STOP", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT")
_TYPES = {
    **dict.fromkeys(("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"), "tuple"),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"), "int"),
    **dict.fromkeys(("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"), "str"),
    **dict.fromkeys(("SHORT_BINBYTES", "BINBYTES", "BINBYTES8"), "bytes"),
    **dict.fromkeys(("FLOAT", "BINFLOAT"), "float"),
    **dict.fromkeys(("NEWTRUE", "NEWFALSE"), "bool"),
    **dict.fromkeys(("EMPTY_DICT", "DICT"), "dict"),
    **dict.fromkeys(("EMPTY_LIST", "LIST"), "list"),
    "EMPTY_SET": "set",
    "FROZENSET": "frozenset",
    "NONE": "NoneType",
}
_FILLED = {
    "EMPTY_DICT": ("SETITEM", "SETITEMS"),
    "EMPTY_LIST": ("APPEND", "APPENDS"),
    "EMPTY_SET": ("ADDITEMS",),
}


def check_pickled_model(file: Path) -> None:
    """Raise NotAModelError for a pickle whose value cannot predict, as far as its opcodes tell.

    Raises WrongUseError for a file that is no pickle.
    """
    found = _plain_type(file, check_pickle(file))
    if found:
        raise NotAModelError(file, found)


def check_pickle(file: Path) -> tuple[str, ...]:
    """Return the opcodes of a pickle; none of a large one, nor of one that only pickle reads.

    Raises WrongUseError for a file that is no pickle, with what it is and how to make one.
    """
    head = _head(file)
    said = next((said for start, said in _FORMATS.items() if head.startswith(start)), "")
    if said:
        raise WrongUseError(f"{file} is no pickle, but {said}: {_BY_SCRIPT}")
    packed = next((name for start, name in _COMPRESSED.items() if head.startswith(start)), "")
    if packed or all(each in head for each in _IN_JOBLIB):
        form = f"compressed by {packed}" if packed else "of joblib, with arrays as it writes them"
        way = _BY_JOBLIB.format(
            file.as_posix(), file.with_name(f"{file.stem}-plain.pkl").as_posix()
        )
        raise WrongUseError(f"{file} is {form}, and only a plain pickle is loaded: {way}")
    if file.stat().st_size > _PARSED:
        return ()
    try:
        return tuple(opcode.name for opcode, _, _ in pickletools.genops(head))
    except UnicodeDecodeError:  # before Python 3.14 it knows only names in ASCII
        return ()
    except ValueError as error:
        raise WrongUseError(f"{file} is no pickle: {_broken(head, error)}") from error


def _plain_type(file: Path, opcodes: Sequence[str]) -> str:
    """Return the name of the builtin type that a pickle holds; empty if it is another one.

    Without the opcodes only a dict and a list are told, by the first and the last one.
    """
    names = [name for name in opcodes if name not in _PASSED]
    if names:
        filled = _FILLED.get(names[0], ())
        return _TYPES.get(names[0] if names[-1] in filled else names[-1], "")
    head = _head(file)
    start = head[2:].removeprefix(head[2:11] if head[2:3] == b"\x95" else b"")
    kinds = {b"}": (b"u.", b"s.", "dict"), b"]": (b"e.", b"a.", "list")}
    many, one, name = kinds.get(start[:1], (b"", b"", ""))
    return name if _end(file) in (many, one) else ""


def _end(file: Path) -> bytes:
    with file.open("rb") as stream:
        stream.seek(-min(2, file.stat().st_size), 2)
        return stream.read()


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_HEAD)


def _broken(head: bytes, error: ValueError) -> str:
    if not head:
        return "it is empty"
    if head[:1] == b"\x80":
        return f"it is cut off or damaged ({error}): copy it again, or write it anew"
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return f"{error}. {_BY_SCRIPT[0].upper()}{_BY_SCRIPT[1:]}"
    if text.startswith("version https://git-lfs"):
        return "it is what Git LFS leaves in place of a file: `git lfs pull` fetches it"
    return "it is text; pickle.dump(value, file) writes a pickle"
