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
    - ``failure_messages``: what failures say. ``rules``: each a `PatternRule`; ``asks``: how
      libraries say that something optional is not installed (the first group names it), some by
      ``brands``, names that are neither modules nor distributions; ``names``: how they name what
      may be a distribution, if nothing else is known of it; ``lacks``: how anybody says that
      something is not there, which need not be a distribution; ``made_elsewhere``: what a
      library says of a pickle, or of generated code, that another version of it made, with a line
      that mends it if one is sure; ``too_new``: what is said by a library that works with
      these versions of another one alone, with why; ``other_python``: of code that another Python
      compiled; ``newer_calls`` and ``newer_syntax``: of code for a newer one, with its versions;
      ``signals``; ``missing_parts``: how Python says that a module is not there (the first group
      is it); ``platform_modules``: those of the standard library that one system alone has
    """
    return MappingProxyType(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
