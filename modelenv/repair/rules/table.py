"""The rules, the surest first."""

from __future__ import annotations

from ..context import Check
from . import binary, installing, mismatches, modules, patterns, runtime, versions

RULES: tuple[Check, ...] = (
    patterns.DISK_FULL,
    runtime.check_timeout,
    runtime.check_memory,
    versions.check_compiled_code,
    runtime.check_crash,
    patterns.GIT_LFS_POINTER,
    patterns.DAMAGED_FILE,
    binary.check_shared_library,
    patterns.OLDER_SYSTEM,
    patterns.OTHER_PLATFORM,
    binary.check_symbol,
    binary.check_numpy_abi,
    patterns.MISSING_METADATA,
    patterns.CLASS_OF_SCRIPT,
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
    patterns.MISSING_NLTK_DATA,
    patterns.MISSING_SPACY_MODEL,
    patterns.MISSING_FILE,
    patterns.PERMISSION,
    patterns.NETWORK,
    versions.check_python_syntax,
    mismatches.check_mismatch,
    installing.check_other_python,
    installing.check_no_version,
    installing.check_not_built,
    patterns.CONFLICT,
)
