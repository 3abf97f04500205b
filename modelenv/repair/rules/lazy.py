"""The rule for what fails as imports are lazy (PEP 810): what relies on an import as it runs."""

from __future__ import annotations

import re

from ..context import Case
from ..diagnosis import Diagnosis
from ..reading.failure import named_missing
from .patterns import line_of

# As Python 3.15 says it: in the exception that is the cause, and in notes below the message.
_LAZY = re.compile(
    r"lazy import of '(?P<cause>[\w.]+)' raised an exception during resolution|"
    r"^lazy import of '(?P<note>[\w.]+)' declared in ",
    re.MULTILINE,
)
# What an import does besides: it makes an interface for C, or switches something on.
_BESIDES = re.compile(
    r"_CAPI'|multiarray failed to import|is experimental and the API might change"
)


def check_lazy_imports(case: Case) -> Diagnosis | None:
    """Diagnose what failed where a lazy import was resolved, and is not just missing."""
    last, found = case.failure.last, _LAZY.search(case.failure.own)
    if found is None or last is None or any(map(named_missing, _messages(case))):
        return None
    name = found["cause"] or found["note"]
    top = name.partition(".")[0]
    return case.diagnosis(
        "lazy-imports",
        f"{name} was imported lazily, and something relies on what that import does as it runs",
        top,
        (str(last), line_of(found)),
        remedy=(
            "import it at once: without PYTHON_LAZY_IMPORTS=all, -X lazy_imports=all and"
            f" sys.set_lazy_imports('all'), with a filter that keeps {top} out of it"
            " (sys.set_lazy_imports_filter), or without the word `lazy` before your own import"
        ),
        certain=_BESIDES.search(case.failure.own) is not None,
    )


def _messages(case: Case) -> list[str]:
    return [raised.message.partition("\n")[0] for raised in case.failure.chain]
