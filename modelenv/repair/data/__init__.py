"""The lookup tables of the rules, each a JSON file that is read when it is needed."""

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

    - ``version_facts``: by distribution (or ``python``) and version specifier, the modules and the
      attributes of modules that these versions alone have
    - ``module_owners``: the distributions of well-known modules, the one to take first, and the
      names that many distributions have modules below
    - ``failure_messages``: messages of failures. ``rules``: each a `PatternRule`; ``asks``: a
      library's messages that something optional is not installed (the first group names it);
      ``brands``: names in these that are neither modules nor distributions; ``names``: messages
      that name a possible distribution, if nothing else is known of it; ``lacks``: messages that
      something is missing, which need not be a distribution; ``made_elsewhere``: a library's
      messages about a pickle, or generated code, of another version of itself, with a line that
      mends it if one is sure; ``too_new``: messages of a library that works only with these
      versions of another one, with the reason; ``other_python``: messages about code that another
      Python compiled; ``newer_calls`` and ``newer_syntax``: about code for a newer Python, with its
      versions; ``signals``; ``missing_parts``: Python's messages that a module is missing (the
      first group names it); ``platform_modules``: modules of the standard library that only one
      system has
    """
    return MappingProxyType(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
