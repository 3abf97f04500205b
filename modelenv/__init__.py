"""Turn a fitted model into a folder that runs anywhere: traced, pinned, proven.

import modelenv
modelenv.save_model(model, "churn_model", input_example=X[:5])
"""

from __future__ import annotations

from importlib import import_module

from .base import VERSION

__version__ = VERSION

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .audit.auditing import audit_model as audit_model
    from .audit.outcome import Audit as Audit
    from .base.errors import ModelenvError as ModelenvError
    from .base.indexes import Indexes as Indexes
    from .batch.batches import predict_batches as predict_batches
    from .batch.files.run_files import FilesPredicted as FilesPredicted
    from .batch.model import BatchModel as BatchModel
    from .batch.pack.packing import PackedEnvironment as PackedEnvironment
    from .batch.pack.packing import pack_environment as pack_environment
    from .batch.predict_files import predict_files as predict_files
    from .edit.lock import Locking as Locking
    from .edit.lock import lock_model as lock_model
    from .edit.migrate_channels import Migrated as Migrated
    from .edit.migrate_channels import migrate_channels as migrate_channels
    from .edit.requirements import Edited as Edited
    from .edit.requirements import update_requirements as update_requirements
    from .export.exported import Exported as Exported
    from .export.exporting import export_environment as export_environment
    from .fleet.audit.audit import audit_fleet as audit_fleet
    from .fleet.audit.report import FleetAudit as FleetAudit
    from .fleet.fleets import FleetOptions as FleetOptions
    from .fleet.fleets import inspect_fleet as inspect_fleet
    from .fleet.fleets import lock_fleet as lock_fleet
    from .fleet.fleets import migrate_fleet as migrate_fleet
    from .fleet.fleets import verify_fleet as verify_fleet
    from .fleet.results.report import FleetReport as FleetReport
    from .fleet.state.outcome import ModelOutcome as ModelOutcome
    from .repair.diagnose import diagnose as diagnose
    from .repair.diagnosis import Diagnosis as Diagnosis
    from .repair.fix import fix as fix
    from .repair.mend.steps import Fixed as Fixed
    from .repair.minimize import Minimized as Minimized
    from .repair.minimize import minimize as minimize
    from .repair.why import Why as Why
    from .repair.why import why as why
    from .report.model_report import ModelReport as ModelReport
    from .report.reporting import report_model as report_model
    from .run.drift import compare_environment as compare_environment
    from .run.inspect import Inspection as Inspection
    from .run.inspect import inspect_model as inspect_model
    from .run.load import EnvironmentWarning as EnvironmentWarning
    from .run.load import load_model as load_model
    from .run.loading.loaded import LoadedModel as LoadedModel
    from .run.predict import predict as predict
    from .run.verify import verify as verify
    from .save.account import Account as Account
    from .save.captured import Capture as Capture
    from .save.save_model import capture as capture
    from .save.save_model import infer_pip_requirements as infer_pip_requirements
    from .save.save_model import save_model as save_model
    from .serving.server import serve as serve
    from .ship.build import BuiltImage as BuiltImage
    from .ship.build import build_docker as build_docker
    from .ship.generate import BuildContext as BuildContext
    from .ship.generate import generate_dockerfile as generate_dockerfile
    from .ship.image import ImageOptions as ImageOptions
    from .ship.oci.export import export_model as export_model
    from .ship.oci.write import ExportedImage as ExportedImage
    from .time.bisection import bisect as bisect
    from .time.culprits.outcome import Bisection as Bisection
    from .time.newest.outcome import Upgrade as Upgrade
    from .time.revival.values import Revival as Revival
    from .time.reviving import revive as revive
    from .time.upgrading import upgrade as upgrade
    from .worker.verdict import Verdict as Verdict
else:  # nothing is loaded before it is asked for
    _PUBLISHED = {
        "audit.auditing": ("audit_model",),
        "audit.outcome": ("Audit",),
        "base.errors": ("ModelenvError",),
        "base.indexes": ("Indexes",),
        "batch.batches": ("predict_batches",),
        "batch.files.run_files": ("FilesPredicted",),
        "batch.model": ("BatchModel",),
        "batch.pack.packing": ("pack_environment", "PackedEnvironment"),
        "batch.predict_files": ("predict_files",),
        "edit.lock": ("lock_model", "Locking"),
        "edit.migrate_channels": ("migrate_channels", "Migrated"),
        "edit.requirements": ("Edited", "update_requirements"),
        "export.exported": ("Exported",),
        "export.exporting": ("export_environment",),
        "fleet.audit.audit": ("audit_fleet",),
        "fleet.audit.report": ("FleetAudit",),
        "fleet.fleets": (
            "FleetOptions",
            "inspect_fleet",
            "lock_fleet",
            "migrate_fleet",
            "verify_fleet",
        ),
        "fleet.results.report": ("FleetReport",),
        "fleet.state.outcome": ("ModelOutcome",),
        "repair.diagnose": ("diagnose",),
        "repair.diagnosis": ("Diagnosis",),
        "repair.fix": ("fix",),
        "repair.mend.steps": ("Fixed",),
        "repair.minimize": ("minimize", "Minimized"),
        "repair.why": ("Why", "why"),
        "report.model_report": ("ModelReport",),
        "report.reporting": ("report_model",),
        "run.drift": ("compare_environment",),
        "run.inspect": ("inspect_model", "Inspection"),
        "run.load": ("EnvironmentWarning", "load_model"),
        "run.loading.loaded": ("LoadedModel",),
        "run.predict": ("predict",),
        "run.verify": ("verify",),
        "save.account": ("Account",),
        "save.captured": ("Capture",),
        "save.save_model": ("capture", "infer_pip_requirements", "save_model"),
        "serving.server": ("serve",),
        "ship.build": ("build_docker", "BuiltImage"),
        "ship.generate": ("BuildContext", "generate_dockerfile"),
        "ship.image": ("ImageOptions",),
        "ship.oci.export": ("export_model",),
        "ship.oci.write": ("ExportedImage",),
        "time.revival.values": ("Revival",),
        "time.reviving": ("revive",),
        "time.bisection": ("bisect",),
        "time.culprits.outcome": ("Bisection",),
        "time.newest.outcome": ("Upgrade",),
        "time.upgrading": ("upgrade",),
        "worker.verdict": ("Verdict",),
    }
    _MODULES = {name: module for module, names in _PUBLISHED.items() for name in names}

    __all__ = list(_MODULES)
    __all__ += ["__version__"]

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            absent = f"module {__name__!r} has no attribute {name!r}"
            likely = (f"{name}_model", name.removesuffix("_model"))
            for meant in filter(_MODULES.__contains__, likely):
                # With a name of its own, Python adds no guess from the spelling.
                raise AttributeError(f"{absent}: the function is {meant}", name=name)
            raise AttributeError(absent)
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)

    def __dir__() -> list[str]:
        return __all__
