"""Models that were read and found whole, so that they can run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from ...environments.spec import EnvironmentRequest
from ...folder.model_folder import ModelFolder
from ...run.isolated import RunOptions, checked
from ...worker.job import Job
from .modules import TracedModules, traced

_ONE_OF = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedModel:
    """A model that can run, and what its environment must hold."""

    folder: ModelFolder
    wanted: EnvironmentRequest
    needed: TracedModules | None
    """What its trace says; None: it has none."""
    job: Job
    """Its prediction on the recorded example, to be compared."""

    @property
    def environment(self) -> str:
        """What tells its environment from another's."""
        return repr(replace(self.wanted.contents, wheels=None))

    @property
    def group(self) -> object:
        """What those have in common that can run in forks of one process; None: it runs alone.

        That is which libraries they load, and the variables that are there before that.
        """
        if self.needed is None or self.needed.alone or self.wanted.wheels:
            return None
        return self.needed.libraries, tuple(sorted(self.job.variables.items()))

    @property
    def is_proven(self) -> bool:
        """Whether somebody found out what of its prediction is always the same."""
        return self.folder.mlmodel.proof["status"] != "unproven"

    @property
    def is_drawn(self) -> bool:
        """Whether it is one of the few that run again in any case: by its content, one in 50."""
        assert self.folder.as_read is not None
        content = repr(sorted(self.folder.as_read.files.items()))
        return int(hashlib.sha256(content.encode()).hexdigest(), 16) % _ONE_OF == 0


class Preparing:
    """Reads models of one unit: what several say alike is read once."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._traces: dict[bytes, TracedModules] = {}

    def prepared(self, path: Path) -> PreparedModel:
        """Return the model at a path. Raises what verifying it raises before it runs."""
        folder = ModelFolder.to_run(path)
        wanted = checked(folder, self._options)
        job = folder.comparing_job(folder.mlmodel.repeatability.skipped)
        return PreparedModel(
            folder=folder,
            wanted=wanted,
            needed=traced(folder.path, self._traces),
            job=replace(job, memory=self._options.memory),
        )
