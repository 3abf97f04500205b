"""The folder of parts: each batch is a file of its own, which appears complete or not at all."""

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
    """The finished parts of one run, as files in a folder that all its processes see."""

    path: Path

    @classmethod
    def at(cls, path: str) -> PartsFolder:
        """Return the folder at a path."""
        return cls(Path(path))

    def part(self, piece: int, batch: int) -> Path:
        """Return the path of the part of a batch."""
        return self.path / f"{piece:06d}-{batch:08d}.arrow"

    def refused(self, piece: int, batch: int) -> Path:
        """Return the path for the refused rows of a batch; it exists if there are any."""
        return self.path / f"{piece:06d}-{batch:08d}.refused.jsonl"

    def done(self, piece: int) -> Mapping[str, int] | None:
        """Return the number of `batches` and `rows` of a finished piece; None if unfinished."""
        try:
            told = json.loads(self._end(piece).read_bytes())
        except (FileNotFoundError, ValueError):  # the machine stopped before it was on disk
            return None
        return {"batches": int(told["batches"]), "rows": int(told["rows"])}

    def finish(self, piece: int, *, batches: int, rows: int) -> None:
        """Record that a piece is finished."""
        told = json.dumps({"batches": batches, "rows": rows}).encode()
        self._put(self._end(piece), [told])

    def write(
        self, piece: int, batch: int, table: Any, refused: Iterable[Mapping[str, Any]]
    ) -> None:
        """Write the part of a batch, after its refused rows."""
        import pyarrow
        from pyarrow import ipc

        lines = [json.dumps(each, sort_keys=True).encode() + b"\n" for each in refused]
        if lines:
            self._put(self.refused(piece, batch), lines)
        else:  # of a run that did not get to write its part
            self.refused(piece, batch).unlink(missing_ok=True)
        sink = pyarrow.BufferOutputStream()
        with ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.unify_dictionaries())
        self._put(self.part(piece, batch), [sink.getvalue()])

    def standing(self) -> Iterator[tuple[int, int, int, Any]]:
        """Yield the piece, the batch, the rows and the schema of each existing part."""
        import pyarrow
        from pyarrow import ipc

        for file in sorted(self.path.glob("*-*.arrow")):
            piece, batch = map(int, file.stem.split("-"))
            with pyarrow.memory_map(str(file)) as source, ipc.open_file(source) as reader:
                yield piece, batch, reader.count_rows(), reader.schema

    def _end(self, piece: int) -> Path:
        return self.path / f"{piece:06d}.done"

    def _put(self, file: Path, data: Iterable[Any]) -> None:
        """Write a file atomically; a killed process leaves one that is never read."""
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
