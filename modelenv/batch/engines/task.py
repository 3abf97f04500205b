"""What a task of an engine does: one piece of a run over files, on a node."""

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
    """What is the same for all pieces of a run; called with one, it tells what became of it.

    It travels by value, as a `TravelledModel` does. What fails is told, not raised: an engine would
    try it again, and hand an exception to a driver in a way of its own.
    """

    job: NodeJob
    layout: SliceLayout
    running: str
    """A file that stands as long as the run goes on: without it nothing more is begun."""

    def __call__(self, piece: Mapping[str, Any]) -> dict[str, Any]:
        """Return what became of the batches of a piece that was so told, as plain data."""
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
    """Return the task of a job and a layout as plain data."""
    job, layout, running = state
    return PieceTask(NodeJob.from_plain(job), SliceLayout.of(layout), running)
