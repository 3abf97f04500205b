"""Tables on operating systems and their packages: one JSON file each, read when needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent


@cache
def read_table(name: str) -> Mapping[str, Any]:
    """Return the table in the file ``{name}.json``.

    - ``debian_packages``: the Debian package of a shared library (by its soname), a program, a part
      of Python: a name, or one for each release that has it; what every slim base has
      (``slim_bases``)
    - ``system_files``: what files of the system are, by patterns of their paths (``kinds``, the
      first that fits), with the Debian package and the distribution that bring them, and the
      distributions that read the system's ``besides``; whose code ``looks_around``, starting
      programs that list what is there; the paths that are ``everywhere``; the libraries that every
      Python links to, without their versions
    - ``loaded_by_name``: what distributions load or start by its name, which no link tells
    """
    return MappingProxyType(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
