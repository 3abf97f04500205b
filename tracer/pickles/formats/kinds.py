"""File kinds by their first bytes: those that may hold pickles, and those that hold none."""

from __future__ import annotations

import codecs

HEAD = 4096
"""The number of bytes that are looked at."""
ARRAY = b"\x93NUMPY"
ZIP = b"PK\x03\x04"
TAR = (257, b"ustar")

_COMPRESSED = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"]\x00\x00", "lzma"),
    *((b"x" + bytes([level]), "zlib") for level in (0x01, 0x5E, 0x9C, 0xDA)),
)
# Formats that may hold a pickle that cannot be read here, and why.
_UNREAD = (
    (b"\x04\x22\x4d\x18", "compressed by lz4, which is not read here"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstandard, which is not read here"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which is not read here"),
    (b"Rar!", "a RAR archive, which is not read here"),
    (b"ZF0x", "compressed by joblib before 0.10, which is not read here"),
)
_OTHERS = (
    (b"\x89HDF\r\n\x1a\n", "HDF5: a Lambda layer of Keras brings code that loading may run"),
    (b"PAR1", "Parquet: a table"),
    (b"ARROW1", "Arrow: a table"),
    (b"GGUF", "GGUF: tensors"),
    (b"CBM1", "CatBoost's own format"),
    (b"\x7fELF", "compiled code, which runs when it is loaded"),
    (b"MZ", "compiled code, which runs when it is loaded"),
    (b"\xcf\xfa\xed\xfe", "compiled code, which runs when it is loaded"),
    (b"SQLite format 3\0", "a database of SQLite"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
_BY_NAME = (
    (".py", "Python code, which runs when it is imported"),
    (".onnx", "ONNX: a graph; the libraries of its own operators are compiled code"),
    (".pb", "a protocol buffer: a graph of TensorFlow may read and write files"),
    (".ubj", "UBJSON: values"),
    (".pyc", "compiled Python, which runs when it is imported"),
)
_LFS = b"version https://git-lfs.github.com/"
_SOURCES = (".py", ".r", ".js", ".sh")
_PICKLED = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_CONTROL = frozenset((*range(32), 127)) - frozenset(b"\t\n\r\f\x1b")


def compression(head: bytes) -> str:
    """Return the compression of a file, if the standard library can undo it; else empty."""
    return next((name for start, name in _COMPRESSED if head.startswith(start)), "")


def unread(head: bytes) -> str:
    """Return why a file that may hold a pickle cannot be read; empty for any other."""
    return next((what for start, what in _UNREAD if head.startswith(start)), "")


def is_tar(head: bytes) -> bool:
    """Return whether a file is a tar archive."""
    at, mark = TAR
    return head[at : at + len(mark)] == mark


def is_text(head: bytes) -> bool:
    r"""Return whether bytes are the beginning of UTF-8 text.

    >>> is_text("é".encode()), is_text(b"a\0")
    (True, False)
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return _CONTROL.isdisjoint(head)


def is_other_text(head: bytes, name: str) -> bool:
    """Return whether a file is text that is neither a pickle nor source code."""
    other = is_text(head) and not head.startswith(_LFS)
    return other and not name.lower().endswith((*_PICKLED, *_SOURCES))


def unscanned(head: bytes, name: str) -> str:
    """Return a description of a file in which no pickle is looked for."""
    if not head:
        return "empty"
    known = (what for start, what in _OTHERS if head.startswith(start))
    named = (what for suffix, what in _BY_NAME if name.lower().endswith(suffix))
    if head[8:10] == b'{"' and name.lower().endswith(".safetensors"):
        return "safetensors: tensors"
    if head.startswith(_LFS):
        return "a pointer of Git LFS: `git lfs pull` brings the file itself"
    said = next(known, "") or next(named, "")
    return said or ("text, and no pickle" if is_text(head) else "no format that is known here")
