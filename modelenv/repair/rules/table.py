"""The rules, the surest first."""

from __future__ import annotations

from functools import cache

from ..context import Check
from . import asked, binary, installing, mismatches, modules, recorded, runtime, versions
from .patterns import read_rules


@cache
def all_rules() -> tuple[Check, ...]:
    """Return them; those that know a failure by its words alone are read from their table."""
    by_words = read_rules()
    return (
        by_words["disk-full"],
        runtime.check_timeout,
        by_words["device-memory"],
        runtime.check_memory,
        runtime.check_main_guard,
        by_words["pickled-lazy-import"],
        by_words["no-lazy-import"],
        by_words["no-event-loop"],
        runtime.check_lazy_imports,
        versions.check_compiled_code,
        runtime.check_crash,
        by_words["git-lfs-pointer"],
        by_words["damaged-file"],
        binary.check_shared_library,
        by_words["older-system"],
        by_words["other-platform"],
        binary.check_symbol,
        binary.check_numpy_abi,
        modules.check_metadata,
        by_words["class-of-script"],
        by_words["old-loader"],
        modules.check_stdlib_part,
        runtime.check_input,
        modules.check_own_code,
        modules.check_missing_module,
        versions.check_pickle_protocol,
        versions.check_pickle_version,
        mismatches.check_made_elsewhere,
        mismatches.check_too_new,
        versions.check_name,
        installing.check_other_python,
        installing.check_no_index,
        installing.check_no_version,
        installing.check_not_built,
        by_words["conda-package"],
        by_words["conflict"],
        by_words["missing-java"],
        recorded.check_used,
        asked.check_asked,
        asked.check_expected,
        asked.check_guessed,
        runtime.check_program,
        by_words["missing-nltk-data"],
        by_words["said-nltk-data"],
        by_words["missing-spacy-model"],
        runtime.check_file,
        by_words["permission"],
        by_words["network"],
        versions.check_python_syntax,
        mismatches.check_mismatch,
    )
