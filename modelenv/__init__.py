"""Turn a fitted model into a folder that runs anywhere: traced, pinned, proven.

import modelenv
modelenv.save_model(model, "churn_model", input_example=X[:5])
"""

from __future__ import annotations

from importlib import import_module

from .version import VERSION

__version__ = VERSION

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .chains import Why as Why
    from .chains import why as why
    from .diagnosing import diagnose as diagnose
    from .diagnosis.diagnosis import Diagnosis as Diagnosis
    from .edits import Edited as Edited
    from .edits import update_requirements as update_requirements
    from .errors import ModelenvError as ModelenvError
    from .fixing import Fixed as Fixed
    from .fixing import fix as fix
    from .infer import infer_pip_requirements as infer_pip_requirements
    from .inspection import Inspection as Inspection
    from .inspection import inspect_model as inspect_model
    from .loading import EnvironmentWarning as EnvironmentWarning
    from .loading import compare_environment as compare_environment
    from .loading import load_model as load_model
    from .lock import Locking as Locking
    from .lock import lock_model as lock_model
    from .migration import Migrated as Migrated
    from .migration import migrate_channels as migrate_channels
    from .minimizing import Minimized as Minimized
    from .minimizing import minimize as minimize
    from .pipeline import save_model as save_model
    from .replay import predict as predict
    from .replay import verify as verify
    from .saved import Account as Account
    from .verdict import Verdict as Verdict

_HOME = {
    "Account": "saved",
    "Diagnosis": "diagnosis.diagnosis",
    "Edited": "edits",
    "EnvironmentWarning": "loading",
    "Fixed": "fixing",
    "Inspection": "inspection",
    "Locking": "lock",
    "Migrated": "migration",
    "Minimized": "minimizing",
    "ModelenvError": "errors",
    "Verdict": "verdict",
    "Why": "chains",
    "compare_environment": "loading",
    "diagnose": "diagnosing",
    "fix": "fixing",
    "infer_pip_requirements": "infer",
    "inspect_model": "inspection",
    "load_model": "loading",
    "lock_model": "lock",
    "migrate_channels": "migration",
    "minimize": "minimizing",
    "predict": "replay",
    "save_model": "pipeline",
    "update_requirements": "edits",
    "verify": "replay",
    "why": "chains",
}

__all__ = [
    "Account",
    "Diagnosis",
    "Edited",
    "EnvironmentWarning",
    "Fixed",
    "Inspection",
    "Locking",
    "Migrated",
    "Minimized",
    "ModelenvError",
    "Verdict",
    "Why",
    "__version__",
    "compare_environment",
    "diagnose",
    "fix",
    "infer_pip_requirements",
    "inspect_model",
    "load_model",
    "lock_model",
    "migrate_channels",
    "minimize",
    "predict",
    "save_model",
    "update_requirements",
    "verify",
    "why",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
