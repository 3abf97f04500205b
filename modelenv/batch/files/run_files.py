"""A run over files: planned, done part by part, joined, and moved into place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...base.errors import ModelenvError, WrongUseError
from ...base.files.disk import placing
from ...base.text import brief
from .columns import ModelColumns
from .formats import check_libraries, output_kind
from .journal import OutputJournal
from .plan import Plan, changed, make_plan
from .progress import Pace
from .schemas import wider
from .slices.job import SliceError
from .slices.layout import Done, Piece, SliceLayout
from .slices.typed import schema_of_text, schema_to_text
from .sources import find_sources
from .whole import check_form, write_whole

Run = Callable[[SliceLayout, Sequence[Piece]], Iterator[Done]]
"""Runs pieces, anywhere; yields each batch's result as it is done, in any order."""


@dataclass(eq=False)
class RowsRefusedError(ModelenvError):
    """Some rows have no prediction: their place, and the model's message."""

    file: str
    start: int
    """The first row of the batch, counted from 0 in the file."""
    row: int | None
    """The row; None if unknown."""
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class OtherColumnsError(ModelenvError):
    """The predictions of some rows have other columns, or columns of other types."""

    file: str
    start: int
    """The first of these rows, counted from 0 in the file."""
    rows: int
    found: str
    due: str

    def __str__(self) -> str:
        stop = self.start + self.rows - 1
        return (
            f"{self.file}, rows {self.start} to {stop}: the prediction has the columns"
            f" ({self.found}), and on other rows ({self.due}): they cannot be one table"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRequest:
    """The files to read and to write, with options."""

    input: Path
    output: Path
    kind: str | None = None
    """The format of the files; None to go by their suffixes."""
    keep: tuple[str, ...] = ()
    batch_rows: int | None = None
    limit: int | None = None
    skip: bool = False
    overwrite: bool = False
    restart: bool = False
    model: Mapping[str, Any] = field(default_factory=dict)
    """The identity of the model and its options, as plain data."""
    takes: ModelColumns = field(default_factory=ModelColumns)
    """The columns that the model takes."""

    def of_model(self, told: Mapping[str, Any], takes: ModelColumns) -> FilesRequest:
        """Return it for a model."""
        return replace(self, model=told, takes=takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesPredicted:
    """The result of a run over files."""

    output: str
    rows: int
    """The number of rows of the output."""
    parts: int
    refused: int = 0
    """The number of rows left out, which are in `refused_file`."""
    refused_file: str | None = None
    resumed: int = 0
    """The number of rows that an earlier run had predicted."""
    seconds: float = 0.0
    restarts: int = 0
    """The number of processes of the model that ended early and were replaced."""
    left_out: tuple[str, ...] = ()
    """Columns of the input that the model does not take."""

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, **asdict(self), "left_out": list(self.left_out)}

    def __str__(self) -> str:
        told = f"{self.output}: {self.rows:,} rows in {self.seconds:.1f} s"
        if self.resumed:
            told += f", {self.resumed:,} of them predicted before"
        if self.refused:
            told += f"; {self.refused:,} rows were refused: {self.refused_file}"
        return told


def run_files(
    request: FilesRequest,
    run: Run,
    *,
    empty: Callable[[], Any] | None = None,
    tell: Callable[[str], None] = lambda _: None,
    restarts: Callable[[], int] = lambda: 0,
) -> FilesPredicted:
    """Predict on files into a file, which appears complete or not at all.

    `empty` returns the columns of a prediction, as a schema of pyarrow's, for an input without
    rows. Raises WrongUseError, RowsRefusedError, OtherColumnsError, and the errors of `run`.
    """
    kind = output_kind(request.output)
    journal = OutputJournal(request.output)
    journal.check_place()
    sources = find_sources(request.input, request.kind, journal.places)
    if any(Path(each.path) in (journal.output, request.output.absolute()) for each in sources):
        raise WrongUseError(f"the output {request.output} is a file of the input")
    check_libraries(sources[0].kind, kind)
    plan = make_plan(
        sources,
        request.takes,
        journal.path,
        keep=request.keep,
        batch_rows=request.batch_rows,
        limit=request.limit,
        skip=request.skip,
    )
    told = {"model": request.model, "output": kind, **plan.told()}
    told = json.loads(json.dumps(told))  # in the form in which it will be read again
    with journal.alone():
        ended = journal.ended(told)
        if ended is not None:
            return FilesPredicted(**{**ended, "left_out": tuple(ended["left_out"])})
        journal.check(overwrite=request.overwrite)
        journal.open(told, restart=request.restart)
        pace = Pace(plan.rows, {} if plan.rows is not None else _sizes(plan))
        schema = _do(journal, plan, run, kind, pace, tell)
        other = changed(sources)
        if other is not None:
            raise WrongUseError(f"{other} was changed while it was read: begin anew")
        with placing(journal.whole):
            return _join(journal, plan, schema, kind, pace, told, empty, tell, restarts)


def _sizes(plan: Plan) -> dict[int, int]:
    sizes = {each.path: each.size for each in plan.sources}
    return {piece.number: sizes[piece.file] for piece in plan.pieces}


def _do(
    journal: OutputJournal, plan: Plan, run: Run, kind: str, pace: Pace, tell: Callable[[str], None]
) -> str:
    """Run all pieces; return the columns of their parts, empty if no part has any."""
    schema = _standing(journal, plan)
    tell(str(pace))
    done = run(plan.layout, plan.pieces)
    try:
        for each in done:
            pace.add(each)
            if each.schema:
                joined = _joined(schema, each, plan)
                if joined != schema:
                    check_form(schema_of_text(joined), kind)
                    schema = joined
            tell(str(pace))
    except SliceError as error:
        raise RowsRefusedError(error.file, error.start, error.row, str(error)) from error
    finally:
        close = getattr(done, "close", None)
        if close is not None:
            close()
    return schema


def _standing(journal: OutputJournal, plan: Plan) -> str:
    """Return the columns of the parts that an earlier run left. Raises OtherColumnsError."""
    schema = ""
    starts = {each.number: each.start for each in plan.pieces}
    for piece, batch, rows, found in journal.parts.standing():
        if found.names:  # otherwise all of its rows were refused
            start = starts[piece] + batch * plan.layout.batch_rows
            done = Done(piece, rows, batch, start, schema=schema_to_text(found))
            schema = _joined(schema, done, plan)
    return schema


def _joined(schema: str, done: Done, plan: Plan) -> str:
    """Return the columns of all parts so far. Raises OtherColumnsError."""
    if schema in ("", done.schema):
        return done.schema
    one, other = schema_of_text(schema), schema_of_text(done.schema)
    joined = wider(one, other)
    if joined is None:
        file = next(each.file for each in plan.pieces if each.number == done.piece)
        raise OtherColumnsError(file, done.start, done.rows, _shown(other), _shown(one))
    return schema_to_text(joined)


def _shown(schema: Any) -> str:
    return ", ".join(f"{each.name}: {each.type}" for each in schema)


def _join(
    journal: OutputJournal,
    plan: Plan,
    schema: str,
    kind: str,
    pace: Pace,
    told: Mapping[str, Any],
    empty: Callable[[], Any] | None,
    tell: Callable[[str], None],
    restarts: Callable[[], int],
) -> FilesPredicted:
    """Write the output from the parts, and move it into place."""
    places = [
        (piece.number, batch) for piece in plan.pieces for batch in _batches(piece, plan, journal)
    ]
    parts = [journal.parts.part(*place) for place in places]
    columns = schema_of_text(schema) if schema else _schema_of_none(plan, empty)
    tell(f"writing {journal.output.name}")
    rows = write_whole(
        journal.whole,
        kind,
        columns,
        parts,
        lambda number: tell(f"writing {journal.output.name}: {number:,} of {len(parts):,} parts"),
    )
    count = _join_refused(journal, places)
    ended = FilesPredicted(
        output=str(journal.output),
        rows=rows,
        parts=len(parts),
        refused=count,
        refused_file=str(journal.refused) if count else None,
        resumed=pace.again,
        seconds=round(pace.seconds, 3),
        restarts=restarts(),
        left_out=plan.columns.left_out,
    )
    journal.finish(told, asdict(ended))
    return ended


def _batches(piece: Piece, plan: Plan, journal: OutputJournal) -> range:
    """Return the numbers of the batches of a finished piece."""
    if piece.rows is not None:
        return range(-(-piece.rows // plan.layout.batch_rows))
    done = journal.parts.done(piece.number)
    assert done is not None
    return range(done["batches"])


def _join_refused(journal: OutputJournal, places: Sequence[tuple[int, int]]) -> int:
    """Write the refused rows of all parts into one file, if any; return their number."""
    files = [journal.parts.refused(*place) for place in places]
    files = [file for file in files if file.exists()]
    journal.refused_whole.unlink(missing_ok=True)
    if not files:
        return 0
    count = 0
    with journal.refused_whole.open("wb") as stream:
        for file in files:
            lines = file.read_bytes()
            count += lines.count(b"\n")
            stream.write(lines)
    return count


def _schema_of_none(plan: Plan, empty: Callable[[], Any] | None) -> Any:
    """Return the columns of an output without rows."""
    import pyarrow

    from .columns import schema_in

    kept: list[Any] = []
    schema = schema_in(plan.sources[0])
    for name in plan.layout.keep:
        kind = schema.field(name).type if schema is not None else pyarrow.string()
        kept.append(pyarrow.field(name, kind))
    predicted = list(empty()) if empty is not None else []
    return pyarrow.schema([*kept, *(each.remove_metadata() for each in predicted)])
