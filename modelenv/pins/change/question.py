"""Questions to the resolver that keep as many of the existing pins as possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from ...base.siblings import resolver
from ..package_sources import PackageSources
from ..pin_set import PinnedVersion

Index = Literal["auto", "never"]
Sources = Sequence[resolver.Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to the resolver, asked again with different pins to keep."""

    installed: resolver.Installed
    sources: PackageSources
    constraints: resolver.Lines
    provided: frozenset[str]
    """The names that conda installs, which are not resolved."""
    whole: resolver.Lines | None = None
    """All root requirements; None: those of `traced` and `extra`."""
    traced: tuple[PinnedVersion, ...] = ()
    extra: resolver.Lines | None = None
    overrides: resolver.Lines | None = None
    """Requirements that replace all others on their names."""
    besides: resolver.RequirementSet | None = None
    """Hashes and build settings of requirements."""
    index: Index = "auto"
    tolerant: bool = True
    """Whether an index that does not answer is skipped."""

    def answer(
        self, kept: Iterable[str] = (), sources: Sources | None = None
    ) -> resolver.Resolution:
        """Resolve with the `kept` pins as constraints. Raises the resolver's errors."""
        merged = resolver.merge(
            self.traced,
            pip_requirements=self.whole,
            extra_pip_requirements=self.extra,
            constraints=self.constraints | resolver.Lines.of(kept, "constraints", constraint=True),
            overrides=self.overrides,
            provided=sorted(self.provided),
            target=self.installed.target,
        )
        if self.besides is not None:
            merged = replace(merged, hashed=self.besides.hashed, built=self.besides.built)
        return self.sources.resolve(
            merged, self.installed, sources=sources, index=self.index, tolerant=self.tolerant
        )

    def answer_as_built(self) -> resolver.Resolution:
        """Resolve as an open list is installed: from installed distributions if possible.

        If they do not suffice, nothing counts as installed. Raises the resolver's errors.
        """
        with suppress(resolver.ResolverError):
            return replace(self, index="never").answer()
        nothing = resolver.Installed((), self.installed.target)
        return replace(self, installed=nothing).answer()

    def keep_agreeing(
        self, preferred: Mapping[str, str]
    ) -> tuple[resolver.Resolution, Mapping[str, str]]:
        """Resolve with those preferred pins, by name, that conflict with nothing; return them too.

        If the conflicting ones cannot be determined, none is kept. Raises ConflictError if there is
        no answer without them either.
        """
        kept = preferred
        while True:
            try:
                return self.answer(kept.values()), kept
            except resolver.ConflictError as error:
                if not kept:
                    raise
                clashing = kept.keys() & error.names
            kept = {name: pin for name, pin in kept.items() if clashing and name not in clashing}

    def keep_most(self, preferred: Mapping[str, str]) -> resolver.Resolution:
        """Resolve with as many of the preferred pins, by name, as possible.

        On a conflict each is tried in the order of names. Raises the resolver's errors if there is
        no answer without them either.
        """
        try:
            return self.answer(preferred.values())
        except resolver.ConflictError:
            if not preferred:
                raise
        # One set of sources for many questions: what was fetched for one is there for the next.
        target = self.installed.target
        sources = self.sources.configured(target) if self.index == "auto" else ()
        best = self.answer((), sources)
        found = {pin.name: f"{pin.name}=={pin.version}" for pin in best.pins}
        kept = {name: pin for name, pin in preferred.items() if found.get(name) == pin}
        for name in sorted(preferred.keys() - kept.keys()):
            try:
                best = self.answer((*kept.values(), preferred[name]), sources)
            except (resolver.ConflictError, resolver.UndecidedError):
                continue
            kept[name] = preferred[name]
        return best if len(kept) == len(preferred) else self.answer(kept.values(), sources)
