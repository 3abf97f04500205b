"""Models that were read and checked, ready to run."""

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
    """A model that can run, with the requirements of its environment."""

    folder: ModelFolder
    wanted: EnvironmentRequest
    needed: TracedModules | None
    """The modules in its trace; None: it has none."""
    job: Job
    """The job that predicts on the recorded example and compares."""

    @property
    def environment(self) -> str:
        """The identity of its environment."""
        return repr(replace(self.wanted.contents, wheels=None))

    @property
    def group(self) -> object:
        """A key shared by models that can run in forks of one process; None: it runs alone.

        It consists of the libraries that they load, and the variables that must be set before.
        """
        if self.needed is None or self.needed.alone or self.wanted.wheels:
            return None
        return self.needed.libraries, tuple(sorted(self.job.variables.items()))

    @property
    def is_proven(self) -> bool:
        """Whether the repeatable parts of its prediction are known."""
        return self.folder.mlmodel.proof["status"] != "unproven"

    @property
    def is_drawn(self) -> bool:
        """Whether it is one of the few that run again in any case: by its content, one in 50."""
        assert self.folder.as_read is not None
        content = repr(sorted(self.folder.as_read.files.items()))
        return int(hashlib.sha256(content.encode()).hexdigest(), 16) % _ONE_OF == 0


class Preparing:
    """Reads the models of one unit, sharing what several have in common."""

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
