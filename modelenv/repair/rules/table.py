"""The rules, the surest first."""

from __future__ import annotations

from ..context import Check
from . import binary, installing, misfits, modules, runtime, versions

RULES: tuple[Check, ...] = (
    installing.check_disk,
    runtime.check_timeout,
    runtime.check_memory,
    versions.check_compiled_code,
    runtime.check_crash,
    runtime.check_damaged,
    binary.check_shared_library,
    binary.check_system,
    binary.check_symbol,
    binary.check_numpy_abi,
    modules.check_metadata,
    modules.check_script_class,
    modules.check_stdlib_part,
    runtime.check_input,
    modules.check_own_code,
    modules.check_missing_module,
    versions.check_pickle_protocol,
    versions.check_pickle_version,
    misfits.check_made_elsewhere,
    versions.check_name,
    modules.check_optional,
    runtime.check_program,
    runtime.check_data,
    runtime.check_permission,
    runtime.check_network,
    versions.check_python_syntax,
    misfits.check_misfit,
    installing.check_install,
)
