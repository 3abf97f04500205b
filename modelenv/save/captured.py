"""The evidence gathered by `capture`: the run, its attribution, the pins and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..base.siblings import envfiles, resolver, tracer
from ..base.text import brief
from .account import Account

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The trace of a prediction, its attribution, and the pins that follow from them."""

    trace: tracer.Trace
    """Every module, file, library, program, host and metadata that the prediction used."""
    attribution: resolver.Attribution
    """The distributions behind these, each with its kind and the code that asked for it."""
    account: Account
    """The pinned set, the reason for each pin, what was left out, and the proof."""

    @property
    def files(self) -> Mapping[str, str]:
        """The texts of the environment files by file name."""
        return envfiles.write_files(self.account.environment)

    def __str__(self) -> str:
        """Return the account's report, beginning with the proof."""
        _, *lines = str(self.account).split("\n")
        verdict = self.account.verdict
        return "\n".join(["unproven" if verdict is None else str(verdict), *lines])

    def __repr__(self) -> str:
        """Return the first line of the report, shortened."""
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the report and the trace as HTML for a notebook."""
        from ..base.telling.notebook import as_html

        verdict = self.account.verdict
        good = None if verdict is None else bool(verdict)
        return as_html(str(self), good=good) + self.trace._repr_html_()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data, by ``docs/schemas/capture-1.schema.json``."""
        attribution = self.attribution
        account = self.account.to_json()
        del account["path"]  # these are paths in a folder that no longer exists
        return {
            "schema": SCHEMA,
            "account": account,
            "distributions": list(map(_distribution, attribution.distributions)),
            "startup": list(map(_distribution, attribution.startup)),
            "first_party": [
                {"module": each.module, "file": each.file} for each in attribution.first_party
            ],
            "imports": [_known(asdict(each)) for each in self.trace.records],
            "touches": [_known(asdict(each)) for each in self.trace.touches],
            "notes": list(self.trace.notes),
            "files": dict(self.files),
        }


def _distribution(item: resolver.Attributed) -> dict[str, Any]:
    return {
        "name": item.distribution.name,
        "version": str(item.distribution.version),
        "kind": item.kind,
        "modules": item.modules,
        "evidence": [_known(asdict(each)) for each in item.evidence],
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are set; most fields of a record are empty."""
    return {name: value for name, value in values.items() if value is not None}
