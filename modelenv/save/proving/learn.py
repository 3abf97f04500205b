"""The outcome of a proof, to be stored for the next proof of a similar model."""

from __future__ import annotations

import re

from ..observe.capture import Captured
from .choose import Choice
from .history import Outcome
from .prove import Prover

_ACCELERATED = ("libcuda", "libnvidia", "libamdhip", "libhsa-runtime", "libze_loader", "libOpenCL")
"""Name prefixes of libraries through which a process uses accelerators."""
_STARTING = re.compile(r"(.*\.)?popen_(fork|spawn_posix|spawn_win32|forkserver)")
"""The modules that multiprocessing imports as it starts a process."""


def outcome_of(prover: Prover, choice: Choice) -> Outcome:
    """Return the outcome of a chosen set."""
    request, captured = prover.request, prover.request.captured
    pins = prover.complete(choice.resolution).pins
    reason = "a pin is a place" if any(pin.url for pin in pins) else _why_not(prover, captured)
    if reason:  # no further outcome is used then, and a place may hold a login
        return Outcome(why_not=reason)
    own = request.attribution.first_party
    return Outcome(
        requirements=tuple(str(pin.requirement) for pin in pins),
        variables=tuple(captured.variables),
        modules=tuple((each.module, each.file) for each in own),
    )


def _why_not(prover: Prover, captured: Captured) -> str:
    """Return why no similar proof may start early; empty if it may.

    It may not if it would interfere with its own traced run or if its result could not be used.
    """
    names = [name.rpartition("/")[2] for name in captured.trace.touched("library")]
    reasons = {
        "a wheel travels": bool(prover.bundle.made),
        "it starts programs": bool(captured.trace.touched("program")),
        "it starts processes": any(map(_STARTING.fullmatch, captured.trace.modules)),
        "it reaches hosts": bool(captured.trace.touched("host")),
        "it computes on a device": any(name.startswith(_ACCELERATED) for name in names),
        "its predictions differ": prover.second.asked,
        "its prediction is a pickle": captured.prediction["type"] == "pickle",
    }
    return next((reason for reason, holds in reasons.items() if holds), "")
