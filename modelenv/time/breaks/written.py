"""Versions that wrote the pickles of a model, and known breaks between them and later readers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from packaging.version import Version

from ...base.siblings import tracer
from ...folder.model_folder import ModelFolder
from ...repair.context import versions_in
from .breaks import PickleBreak, foreseen_breaks
from .natives import native_files


@dataclass(frozen=True, slots=True)
class WrittenPickles:
    """The pickles that loading a model reads: their globals, and the versions that wrote them.

    A file in a library's own format counts as a pickle that names the function to read it.
    """

    named: tuple[str, ...]
    """The globals in them."""
    versions: Mapping[str, Version]
    """By normalised names: the version stated in a pickle, else the pinned one."""

    @classmethod
    def of(cls, model: ModelFolder, pinned: Mapping[str, Version]) -> WrittenPickles:
        """Read the pickles of a model without loading them; unreadable ones have no globals."""
        named: list[str] = []
        versions = dict(pinned)
        for file in model.pickles:
            with suppress(tracer.TracerError, OSError):
                named += tracer.scan_globals(file)
            versions |= {name: Version(said) for name, said in versions_in(file).items()}
        for native in native_files(model):
            named.append(native.reader)
            if native.version is not None:
                versions[native.distribution] = native.version
        return cls(tuple(dict.fromkeys(named)), versions)

    def breaks(self, readers: Mapping[str, Version]) -> tuple[PickleBreak, ...]:
        """Return the known breaks and changes if some versions read the pickles."""
        return foreseen_breaks(self.named, self.versions, readers)

    def silent_changes(
        self, before: Mapping[str, Version], after: Mapping[str, Version]
    ) -> tuple[PickleBreak, ...]:
        """Return the silent changes if versions `after` read them, but not if `before` do."""
        known = self.breaks(before)
        return tuple(e for e in self.breaks(after) if e.effect == "differs" and e not in known)
