"""Find a pack on a node, and check its hash."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ....base.files.hashing import digest
from ..job import NodeEnvironment
from .errors import NodeError


def found_pack(environment: NodeEnvironment) -> Path:
    """Return the file of a pack on this node, after checking its hash. Raises NodeError.

    It is at the driver's path if both share a file system, or at the place of files that an engine
    sends along: the working folder of the process, or Spark's folder of files.
    """
    tried = []
    for place in _places(environment.file):
        if not place.is_file():
            tried.append(f"{place}: there is no such file")
            continue
        found = digest(place)
        if found == environment.sha256:
            return place
        tried.append(f"{place}: its SHA-256 is {found}, not {environment.sha256}")
    way = f"put it there, or have the engine send {environment.file} along (spark.files)"
    raise NodeError("the pack of the model's environment is not there", tuple(tried), (way,))


def _places(file: str) -> Iterator[Path]:
    yield Path(file)
    yield Path.cwd() / Path(file).name
    spark = getattr(sys.modules.get("pyspark"), "SparkFiles", None)  # only in a process of Spark
    if spark is not None:
        yield Path(spark.getRootDirectory()) / Path(file).name
