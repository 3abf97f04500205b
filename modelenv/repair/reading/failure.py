"""A failure, read from a verdict or from any text about one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...worker.verdict import Verdict
from ..data import read_table
from .bounds import end_of, short_lines
from .chain import Raised, read_chain, read_last, read_loose, start_of_last
from .layouts import last_block
from .structured import unpacked, without_colours

_VERDICT = re.compile(r"^fails in .* \((?P<stage>[a-z ]+)\): ", re.MULTILINE)
_SIGNAL = re.compile(
    r"killed by (?P<name>SIG[A-Z0-9]+)|(?P<fault>Segmentation fault)|"
    r"[Ee]xit(?:ed with)? (?:[Cc]ode|status):?\s+(?P<code>13[4-9])|"
    r"(?P<oom>\bOOMKilled\b|\bOut of memory\b|^[^\S\n]*Killed[^\S\n]*$)",
    re.MULTILINE,
)
_BY_CODE = {"134": "SIGABRT", "135": "SIGBUS", "136": "SIGFPE", "137": "SIGKILL", "139": "SIGSEGV"}
# Our modules in a worker; no distribution has these names.
_OURS = "_modelenv_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The facts about a failure."""

    text: str
    """All that was said, also by warnings that came long before."""
    own: str = ""
    """The part of the text after earlier failures, which do not belong to this one."""
    chain: tuple[Raised, ...] = ()
    """The exceptions, the first cause first."""
    stage: str = ""
    """The stage of the failure: ``load``, ``predict``, ...; empty: unknown."""
    missing: tuple[str, ...] = ()
    """Modules that were not found, as a worker reported them."""
    signal: str = ""
    timed_out: bool = False
    pasted: bool = False
    """Whether it may have happened anywhere: not in a run with the pins, as a verdict's has."""

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> Failure:
        """Return the failure of a verdict that is not good."""
        detail = short_lines(without_colours(end_of(verdict.detail)))
        chain = read_chain(last_block(detail.splitlines()))
        last = read_last(verdict.reason)
        said = _SIGNAL.search(verdict.reason)
        return cls(
            text=f"{detail}\n{verdict.reason}",
            own=f"{detail}\n{verdict.reason}",
            chain=chain or ((last,) if last else ()),
            stage=verdict.stage,
            missing=verdict.missing,
            signal=_signal(said) if said else "",
            timed_out="did not end within" in verdict.reason,
        )

    @classmethod
    def of_text(cls, text: str) -> Failure:
        """Return the failure that a text ends with: a traceback, a log of any form, or one line."""
        text = short_lines(unpacked(end_of(text)))
        lines = text.splitlines()
        own = lines[start_of_last(lines) :]
        chain = read_chain(last_block(own))
        said = _SIGNAL.search(text) if not chain else None
        chain = chain or (read_loose(own) if said is None else ())
        verdict = _VERDICT.search(text)
        return cls(
            text=text,
            own="\n".join(own),
            chain=chain,
            stage=verdict["stage"] if verdict else "",
            missing=tuple(_missing(chain)),
            signal=_signal(said) if said else "",
            timed_out="did not end within" in text,
            pasted=True,
        )

    @property
    def last(self) -> Raised | None:
        """The exception that ended the run."""
        return self.chain[-1] if self.chain else None

    @property
    def first_evidence(self) -> tuple[str, ...]:
        """The evidence of the first exception of the chain, the cause of the others."""
        return self.chain[0].evidence if self.chain else ()

    @property
    def last_evidence(self) -> tuple[str, ...]:
        """The evidence of the exception that ended the run."""
        return self.chain[-1].evidence if self.chain else ()


def _missing(chain: tuple[Raised, ...]) -> list[str]:
    found = (named_missing(raised.message) for raised in chain)
    return [name for name in found if name and not name.startswith(_OURS)]


def named_missing(message: str) -> str:
    """Return the module that a message says is missing; empty: it names none."""
    patterns = read_table("failure_messages")["missing_parts"]
    found = next(filter(None, (re.search(pattern, message) for pattern in patterns)), None)
    return found[1] if found else ""


def _signal(said: re.Match[str]) -> str:
    if said["name"]:
        return said["name"]
    if said["code"]:
        return _BY_CODE.get(said["code"], "")
    return "SIGSEGV" if said["fault"] else "SIGKILL"
