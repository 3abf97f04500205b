"""Errors of the programs that look up advisories."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import ModelenvError, NamedOption, Spell, WrongUseError

PIP_AUDIT = "pip-audit"
"""The name of the program."""


@dataclass(eq=False)
class PipAuditMissingError(WrongUseError):
    """pip-audit is not installed."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        files = spell(NamedOption("advisories", "all.zip"))
        return (
            f"{PIP_AUDIT} is not installed, neither beside this Python nor on PATH: `pip install"
            f" 'modelenv[audit]'`, or name advisories that you have as files of OSV's: {files}"
        )


@dataclass(eq=False)
class PipAuditFailedError(ModelenvError):
    """pip-audit failed."""

    exit_code = 3

    said: str

    def __str__(self) -> str:
        return (
            f"{PIP_AUDIT} gave no answer: {self.said}; it asks a service on the network, and"
            " advisories in files of OSV's need none"
        )
