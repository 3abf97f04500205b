"""The folder of parts: each batch is a file of its own, which is there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....base.files.disk import placing


@dataclass(frozen=True, slots=True)
class PartsFolder:
    """What is done of one run, as files in a folder that all who work on it see."""

    path: Path

    @classmethod
    def at(cls, path: str) -> PartsFolder:
        """Return the folder at a path."""
        return cls(Path(path))

    def part(self, piece: int, batch: int) -> Path:
        """Return where the part of a batch stands."""
        return self.path / f"{piece:06d}-{batch:08d}.arrow"

    def refused(self, piece: int, batch: int) -> Path:
        """Return where the rows of a batch stand that were refused; there is a file if any were."""
        return self.path / f"{piece:06d}-{batch:08d}.refused.jsonl"

    def done(self, piece: int) -> Mapping[str, int] | None:
        """Return how many `batches` and `rows` a finished piece has; None: it is not finished."""
        try:
            told = json.loads(self._end(piece).read_bytes())
        except (FileNotFoundError, ValueError):  # the machine stopped before it was on the disk
            return None
        return {"batches": int(told["batches"]), "rows": int(told["rows"])}

    def finish(self, piece: int, *, batches: int, rows: int) -> None:
        """Note that all of a piece is done."""
        told = json.dumps({"batches": batches, "rows": rows}).encode()
        self._put(self._end(piece), [told])

    def write(
        self, piece: int, batch: int, table: Any, refused: Iterable[Mapping[str, Any]]
    ) -> None:
        """Write the part of a batch, and before it what was refused of it."""
        import pyarrow
        from pyarrow import ipc

        lines = [json.dumps(each, sort_keys=True).encode() + b"\n" for each in refused]
        if lines:
            self._put(self.refused(piece, batch), lines)
        else:  # of a run whose part was not written any more
            self.refused(piece, batch).unlink(missing_ok=True)
        sink = pyarrow.BufferOutputStream()
        with ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.unify_dictionaries())
        self._put(self.part(piece, batch), [sink.getvalue()])

    def standing(self) -> Iterator[tuple[int, int, int, Any]]:
        """Yield the piece, the batch, the rows and the schema of each part that is there."""
        import pyarrow
        from pyarrow import ipc

        for file in sorted(self.path.glob("*-*.arrow")):
            piece, batch = map(int, file.stem.split("-"))
            with pyarrow.memory_map(str(file)) as source, ipc.open_file(source) as reader:
                yield piece, batch, reader.count_rows(), reader.schema

    def _end(self, piece: int) -> Path:
        return self.path / f"{piece:06d}.done"

    def _put(self, file: Path, data: Iterable[Any]) -> None:
        """Give a file this content in one step; who was killed leaves one that nobody reads."""
        new = file.with_name(f"{file.name}.{os.urandom(4).hex()}.new")
        try:
            with placing(file), new.open("wb") as stream:
                for each in data:
                    stream.write(each)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(file)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
