"""The task of an engine: one piece of a run over files, on a node."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base.errors import ModelenvError
from ..files.slices.job import SliceError, run_piece
from ..files.slices.layout import Piece, SliceLayout
from ..node.calling.process_model import model_of
from ..node.errors import BatchError
from ..node.job import NodeJob
from ..travel.reduce import Reduced, reduced
from .errors import RunStoppedError


@dataclass(frozen=True, slots=True)
class PieceTask:
    """The data shared by all pieces of a run; called with a piece, it returns the piece's result.

    It travels by value, as a `TravelledModel` does. Errors are returned, not raised: an engine
    would retry, and pass an exception to the driver in its own way.
    """

    job: NodeJob
    layout: SliceLayout
    running: str
    """A file that exists while the run goes on: without it no further batch is started."""

    def __call__(self, piece: Mapping[str, Any]) -> dict[str, Any]:
        """Return the results of the batches of a piece, as plain data."""
        done = []
        try:
            for each in run_piece(self.layout, Piece.of(piece), self._predict, (BatchError,)):
                done.append(asdict(each))
                if not Path(self.running).exists():
                    break
        except SliceError as error:
            return {"done": done, "refused": error.args}
        except (ModelenvError, OSError) as error:
            said = str(error) if isinstance(error, ModelenvError) else f"{error!r}"
            return {"done": done, "failed": said, "node": socket.gethostname()}
        return {"done": done}

    def _predict(self, rows: Any) -> Any:
        if not Path(self.running).exists():
            raise RunStoppedError(self.running)
        return model_of(self.job).predict(rows)

    def __reduce__(self) -> Reduced:
        return reduced(travelled_task, (self.job.to_plain(), self.layout.told(), self.running))

    def __copy__(self) -> PieceTask:
        return self


def travelled_task(state: tuple[Mapping[str, Any], Mapping[str, Any], str]) -> PieceTask:
    """Return the task of a job and a layout given as plain data."""
    job, layout, running = state
    return PieceTask(NodeJob.from_plain(job), SliceLayout.of(layout), running)
