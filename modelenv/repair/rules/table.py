"""The rules, the surest first."""

from __future__ import annotations

from ..context import Check
from . import binary, installing, mismatches, modules, runtime, versions
from .patterns import read_rules

_BY_WORDS = read_rules()

RULES: tuple[Check, ...] = (
    _BY_WORDS["disk-full"],
    runtime.check_timeout,
    runtime.check_memory,
    versions.check_compiled_code,
    runtime.check_crash,
    _BY_WORDS["git-lfs-pointer"],
    _BY_WORDS["damaged-file"],
    binary.check_shared_library,
    _BY_WORDS["older-system"],
    _BY_WORDS["other-platform"],
    binary.check_symbol,
    binary.check_numpy_abi,
    _BY_WORDS["missing-metadata"],
    _BY_WORDS["class-of-script"],
    modules.check_stdlib_part,
    runtime.check_input,
    modules.check_own_code,
    modules.check_missing_module,
    versions.check_pickle_protocol,
    versions.check_pickle_version,
    mismatches.check_made_elsewhere,
    versions.check_name,
    modules.check_optional,
    runtime.check_program,
    _BY_WORDS["missing-nltk-data"],
    _BY_WORDS["missing-spacy-model"],
    _BY_WORDS["missing-file"],
    _BY_WORDS["permission"],
    _BY_WORDS["network"],
    versions.check_python_syntax,
    mismatches.check_mismatch,
    installing.check_other_python,
    installing.check_no_version,
    installing.check_not_built,
    _BY_WORDS["conflict"],
)
