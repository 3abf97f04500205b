"""The lock of the server in an image: this modelenv, and its requirements there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import envfiles, resolver
from ...environments.spec import minor
from ...pins.change.question import Question
from ...pins.lock_entries import lock_entries, make_lock
from ...pins.pin_set import pinned_versions
from ...wheels.installable import Installable, iter_installables
from ...wheels.shelf import Shelf
from ..errors import NoImageError
from .own_wheel import own_wheel

DISTRIBUTION = "modelenv"
_EXTRA = "serve"
_OLDEST = Version("3.10")
_WAY_OUT = "leave the server out (--no-server), or name an index that has it"


@cache
def left_out() -> Mapping[str, str]:
    """Return those of modelenv's requirements that an image does not need, and why."""
    found: dict[str, str] = json.loads(Path(__file__).with_name("left_out.json").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class ServerLock:
    """The lock of the server in an image: this modelenv, at the versions installed here."""

    shelf: Shelf

    def choices(self) -> tuple[Installable, ...]:
        """Return the files to install. Raises NoImageError and the resolver's errors."""
        target = self.shelf.target.target
        if Version(minor(target.python_version)) < _OLDEST:
            raise NoImageError(
                f"Python {minor(target.python_version)}",
                f"the server needs {_OLDEST}",
                "leave it out (--no-server)",
            )
        here = resolver.Installed.current()
        own = here.get(DISTRIBUTION)
        if own is None:
            reason = "it is not installed here, so its requirements are unknown"
            raise NoImageError(DISTRIBUTION, reason, _WAY_OUT)
        sources = self.shelf.sources
        sources.report("choosing what the server needs")
        pins = self._resolved(here, own)
        entries = [envfiles.Entry(f"{pin.name}=={pin.version}") for pin in pins]
        found = sources.find(pinned_versions(entries), target)
        if found.missing:
            raise NoImageError("the server", "; ".join(found.missing), _WAY_OUT)
        packages, _ = lock_entries(entries, found.files)
        local = {file.file: file for each in found.files.values() for file in each if file.is_local}
        lock = make_lock(packages, target)
        others = iter_installables(lock, self.shelf.target, sources.wheels, local, {})
        wheel = own_wheel(own, target)
        return (Installable(name=own.name, version=str(own.version), wheels=(wheel,)), *others)

    def _resolved(
        self, here: resolver.Installed, own: resolver.Distribution
    ) -> tuple[resolver.Pin, ...]:
        """Return modelenv's requirements on the target, at this environment's versions if possible.

        Raises NoImageError if they cannot be found.
        """
        target = self.shelf.target.target
        question = Question(
            installed=resolver.Installed((), target),
            sources=self.shelf.sources,
            constraints=resolver.Lines(),
            provided=frozenset(left_out()),
            whole=resolver.Lines.of(sorted(iter_required(own, target)), DISTRIBUTION),
            tolerant=False,
        )
        known = {name: str(each.version) for name, each in closure(here, own).items()}
        try:
            return question.keep_most({name: f"{name}=={known[name]}" for name in known}).pins
        except resolver.ConflictError as error:
            raise NoImageError("the server", str(error).rstrip("."), _WAY_OUT) from error


def iter_required(own: resolver.Distribution, target: resolver.Target) -> Iterator[str]:
    """Yield the requirements of modelenv and its server on a target, without those left out."""
    for line in own.requires_lines:
        asked = Requirement(line)
        admits = any(target.admits(asked.marker, extra) for extra in ("", _EXTRA))
        if admits and canonicalize_name(asked.name) not in left_out():
            asked.marker = None
            yield str(asked)


def closure(
    here: resolver.Installed, own: resolver.Distribution
) -> Mapping[str, resolver.Distribution]:
    """Return those that are installed here, with all of their dependencies, by name."""
    found: dict[str, resolver.Distribution] = {}
    waiting = [Requirement(line) for line in iter_required(own, here.target)]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        distribution = here.get(name)
        if distribution is None or name in left_out():
            continue
        extras = ("", *asked.extras)
        for line in distribution.requires_lines:
            needed = Requirement(line)
            is_new = canonicalize_name(needed.name) not in found
            if is_new and any(here.target.admits(needed.marker, extra) for extra in extras):
                waiting.append(needed)
        found[name] = distribution
    return found
