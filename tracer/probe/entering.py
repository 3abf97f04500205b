"""Lay a copy of these files beside the records, by which children enter.

When a child begins, the folder that we run from may have moved; the folder of the records has to be
there in any case. A copy also keeps what other versions of Python compile out of the folder that we
are installed in. It takes a few milliseconds; links would be quicker, and would let whoever writes
into the folder of the records change what is installed.
"""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_FIRST = "sitecustomize.py"


def entry_in(spool: str) -> str:
    """Return the folder to put on the path of children; the copy in `spool` is made once.

    Where none can be made (a full disk, a tracer in an archive) our own folder has to do.
    """
    entry = os.path.join(spool, "probe", "entry")
    if os.path.isfile(os.path.join(entry, _FIRST)):
        return entry
    try:
        _copy(_HERE, os.path.join(spool, "probe"))
        _copy(os.path.join(_HERE, "entry"), entry)
    except OSError:
        return os.path.join(_HERE, "entry")
    return entry


def _copy(source: str, target: str) -> None:
    """Copy the modules of a folder, before them what this Python compiled of them."""
    os.makedirs(target, 0o700, exist_ok=True)
    cache = os.path.join(source, "__pycache__")
    ending = ".%s.pyc" % sys.implementation.cache_tag
    if os.path.isdir(cache):
        os.makedirs(os.path.join(target, "__pycache__"), 0o700, exist_ok=True)
        for name in os.listdir(cache):
            if name.endswith(ending):
                _copy_file(os.path.join("__pycache__", name), source, target)
    names = [name for name in os.listdir(source) if name.endswith(".py")]
    for name in sorted(names, key=lambda name: name == _FIRST):  # by which a whole copy is known
        _copy_file(name, source, target)


def _copy_file(name: str, source: str, target: str) -> None:
    """Copy a file with its time, by which Python tells whether it was compiled since."""
    with open(os.path.join(source, name), "rb") as file:
        data = file.read()
        status = os.fstat(file.fileno())
    path = os.path.join(target, name)
    # Under its name it is whole: a child may enter meanwhile, and the disk may be full.
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.utime(path + ".part", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(path + ".part", path)
