"""Print the result of a command: as a page on a terminal, else as plain text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..terminal import echo, echo_styled, shown
from .loudness import loudness
from .screen import screen_of

if TYPE_CHECKING:
    from .blocks import Page

_PAGES = {
    "modelenv.save.account.Account": "saved.account",
    "modelenv.worker.verdict.Verdict": "saved.verdict",
    "modelenv.run.cross_check.CrossCheck": "saved.opinion",
    "modelenv.run.inspect.Inspection": "folders.inspection",
    "modelenv.edit.requirements.Edited": "folders.edited",
    "modelenv.edit.lock.Locking": "folders.locking",
    "envfiles.diff.Difference": "folders.difference",
    "modelenv.cli.shared.look.listed.ListedPins": "folders.listed",
    "modelenv.cli.shared.look.listed.WrittenReport": "shipped.report",
    "modelenv.cli.shared.look.listed.KeptEnvironments": "kept.environments",
    "modelenv.cli.shared.look.listed.ExplainedErrors": "kept.errors",
    "modelenv.cli.shared.look.listed.ShownTrace": "traces.shown",
    "modelenv.edit.migrate_channels.Migrated": "kept.migrated",
    "modelenv.audit.outcome.Audit": "audits.audit",
    "modelenv.fleet.audit.report.FleetAudit": "audits.fleet_audit",
    "modelenv.fleet.results.report.FleetReport": "fleets.fleet_report",
    "modelenv.time.revival.values.Revival": "times.revival",
    "modelenv.time.newest.outcome.Upgrade": "times.upgrade",
    "modelenv.time.culprits.outcome.Bisection": "times.bisection",
    "modelenv.export.exported.Exported": "shipped.exported",
    "modelenv.batch.pack.packing.PackedEnvironment": "shipped.packed",
    "modelenv.batch.files.run_files.FilesPredicted": "shipped.files",
    "modelenv.ship.build.BuiltImage": "shipped.built",
    "modelenv.ship.generate.BuildContext": "shipped.context",
    "modelenv.ship.oci.write.ExportedImage": "shipped.layout",
    "modelenv.serving.watching.production.Production": "repairs.production",
    "modelenv.repair.why.Why": "repairs.why",
    "modelenv.repair.diagnosis.Diagnosis": "repairs.diagnosis",
    "modelenv.repair.mend.steps.Fixed": "repairs.fixed",
    "modelenv.repair.minimize.Minimized": "repairs.minimized",
}
"""The function that makes the page of a value, by its class: of others their text is laid out."""


def tell(*values: Any, plain: str | None = None) -> None:
    """Print values one below the other; `plain` is what a pipe gets, None: their texts.

    If only the answer is requested, that is the headline of the first.
    """
    screen, asked = screen_of(sys.stdout), loudness()
    if screen is None and asked != "quiet":
        echo("\n".join(map(str, values)) if plain is None else plain)
        return
    page = tuple(block for value in values for block in page_of(value))
    page = page[:1] if asked == "quiet" else page
    if screen is None:
        echo(str(page[0]))
        return
    from .draw import Pen

    echo_styled(Pen(screen, shown, verbose=asked == "verbose").draw(page))


def is_page() -> bool:
    """Return whether a report becomes a page: on a terminal, where more than the answer is told."""
    return loudness() != "quiet" and screen_of(sys.stdout) is not None


def page_of(value: Any) -> Page:
    """Return the page of a value, by its class."""
    kind = type(value)
    module, _, name = _PAGES.get(f"{kind.__module__}.{kind.__qualname__}", "texts.text").partition(
        "."
    )
    make: Callable[[Any], Page] = getattr(import_module(f".pages.{module}", __package__), name)
    return make(value)
