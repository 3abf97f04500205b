"""The job of a worker, and how it ended."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.run_variables import HASH_SEED
from ..seal.seals import OFF, Seal
from .comparing.compare import RELATIVE
from .report.report import Report, WorkerFailure
from .values import RECORDED

if TYPE_CHECKING:  # needed only after a run has ended
    from ..seal.leaks import Leak
    from .comparing.answer import Compared

WORKING = "working"
"""The folder beside a model whose files are copied into the working folder of a run."""

UNKNOWN_CODE = (
    "with an unknown exit code: the calling process ignores SIGCHLD, or waits for any child"
)
"""The message for a process whose exit status another caller has taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The files and variables of a model that a worker needs to run it."""

    model: Path
    """The model's data, as its loader takes it."""
    loader: Path
    """The loader that travels with the model."""
    input: Mapping[str, Any]
    """The description of the input, with the absolute path of its file."""
    code: tuple[Path, ...] = ()
    """Folders of first-party code, put first on the path."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the recorded prediction, set for every run of the model."""

    @property
    def folder(self) -> Path | None:
        """The model's folder, which holds both its data and its loader."""
        folder = self.model.parent
        return folder if folder == self.loader.parent.parent else None

    @property
    def working(self) -> Path | None:
        """The folder whose files are copied into the working folder, if there is one."""
        working = self.folder and self.folder / WORKING
        return working if working and working.is_dir() else None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of the process, besides the interpreter's own."""
        return self.variables

    @property
    def reads(self) -> tuple[Path, ...]:
        """The files and folders that it may read."""
        return (self.folder or self.model, *self.code, *_files_of(self.input))

    @property
    def writes(self) -> tuple[Path, ...]:
        """The folders that it may write to."""
        return ()

    def job(self, **how: Any) -> Job:
        """Return a job that runs the model once; `how` are the job's further fields."""
        values = {each.name: getattr(self, each.name) for each in fields(Material)}
        return Job(**values, **how)

    def plain_paths(self) -> dict[str, Any]:
        """Return the fields with paths without `..`, since a seal does not show those parents."""
        return {
            "model": _without_dots(self.model),
            "loader": _without_dots(self.loader),
            "code": tuple(map(_without_dots, self.code)),
            "input": _described_without_dots(self.input),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Material):
    """One run of a model: load, read the input, predict."""

    path: tuple[str, ...] | None = None
    """The whole ``sys.path``; None for the interpreter's own."""
    repeat: bool = False
    """Whether the model predicts twice, to compare the two predictions."""
    output: Path | None = None
    """The file of the prediction, without a suffix."""
    forms: tuple[str, ...] = RECORDED
    """The forms in which the prediction may be written, in order of preference."""
    expected: Mapping[str, Any] | None = None
    """The description of the recorded prediction to compare with."""
    skipped: tuple[str, ...] = ()
    """The places in it that are not compared."""
    relative: float = RELATIVE
    """The relative tolerance for two floats, as a fraction of the larger one."""
    made: Mapping[str, Any] | None = None
    """A prediction to compare instead of running the model."""
    hash_seed: str = ""
    """The hash seed, which the model's variables do not show; empty for PYTHONHASHSEED's."""
    describe: bool = False
    """Whether the interpreter reports its own description."""
    memory: int | None = None
    """The memory limit of each of its processes in bytes, where the system can limit that."""
    listen: bool = False
    """Whether warnings of libraries are reported."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of the process, besides the interpreter's own."""
        seed = {HASH_SEED: self.hash_seed} if self.hash_seed else {}
        return {**self.variables, **seed}

    @property
    def folder(self) -> Path | None:
        """The model's folder, if it has one and the model is run."""
        return None if self.made is not None else super(Job, self).folder

    @property
    def reads(self) -> tuple[Path, ...]:
        """The files and folders that it may read."""
        recorded = (_files_of(each) for each in (self.expected, self.made) if each is not None)
        compared = tuple(file for files in recorded for file in files)
        if self.made is not None:
            return compared
        return (*super(Job, self).reads, *compared)

    @property
    def writes(self) -> tuple[Path, ...]:
        """The folders that it may write to."""
        return () if self.output is None else (self.output.parent,)

    def comparing(self, made: Mapping[str, Any]) -> Job:
        """Return the job that compares the prediction `made` with the recorded one.

        It has nothing of the model that could make code run: not its folder, the files of its
        working folder, its code, or its variables.
        """
        return replace(
            self, made=made, code=(), variables={}, output=None, repeat=False, memory=None
        )

    def without_dots(self) -> Job:
        """Return the job with no `..` in its paths, since a seal does not show those parents."""
        expected = self.expected
        return replace(
            self,
            **self.plain_paths(),
            expected=None if expected is None else _described_without_dots(expected),
            output=None if self.output is None else _without_dots(self.output),
        )

    def write(self, file: Path, results: Path) -> None:
        """Write the job to `file`; the worker will report to `results`."""
        values = {**asdict(self), "results": results}
        file.write_text(json.dumps(values, default=str), "utf-8")


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a worker: its report, its exit code, and its output."""

    report: Report
    code: int | None
    """The exit code; negative for the signal that killed it; None if unknown."""
    timed_out: bool
    output: str
    """The last lines that it printed."""
    seconds: float
    seal: Seal = OFF
    limit: float = math.inf
    """The time limit in seconds."""
    leaks: tuple[Leak, ...] = ()
    """What the run used outside its seal, or tried to use."""
    left: tuple[str, ...] = ()
    """Processes that it started and that could not be ended, as numbers and names."""
    was_supervised: bool = True
    """Whether no process is left: its starter ended them all, or there were none."""
    remark: str = ""
    """A sentence on a further possible reason for its failure."""
    compared: Compared | None = None
    """The comparison with the recorded prediction, if one was requested."""

    @property
    def remedies(self) -> list[str]:
        """Return sentences on remedies for its failure, and remarks."""
        return [*(leak.remedy for leak in self.leaks), *filter(None, (self.remark,))]

    @property
    def failure(self) -> WorkerFailure | None:
        """The failure that ended the run early; None if it completed."""
        if self.death is None:
            return self.report.failure
        stage, died = self.report.stage, f"it {self.death}"
        return WorkerFailure(stage=stage, message=died, detail=self.output)

    @property
    def death(self) -> str | None:
        """The way it died without a report; None if it reported its end."""
        if self.report.done or self.report.failure is not None:
            return None
        if self.timed_out:
            return f"did not end within {_shown(self.limit)} s"
        if self.code is None:
            return f"ended its process {UNKNOWN_CODE}"
        if self.code < 0:
            return f"was killed by {signal_name(-self.code)}"
        return f"ended its process with exit code {self.code}"


def _without_dots(path: Path) -> Path:
    """Return a path without `..`; after a link, `..` leads elsewhere than it seems."""
    return Path(os.path.realpath(path)) if ".." in path.parts else path


def _described_without_dots(described: Mapping[str, Any]) -> Mapping[str, Any]:
    if described["type"] == "examples":
        return {**described, "items": list(map(_described_without_dots, described["items"]))}
    if "file" not in described:
        return described
    return {**described, "file": str(_without_dots(Path(described["file"])))}


def _files_of(described: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the files of a value with such a description."""
    if described["type"] == "examples":
        for item in described["items"]:
            yield from _files_of(item)
    elif "file" in described:
        yield Path(described["file"])


def _shown(seconds: float) -> str:
    """Return seconds without trailing zeros.

    >>> _shown(600.0), _shown(1.5)
    ('600', '1.5')
    """
    return f"{seconds:.10g}"


def signal_name(number: int) -> str:
    """Return the name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
