"""Options of ``modelenv predict`` for files of any size, and their processing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ..shared.bundles import bundle
from ..shared.progress import Progress
from ..shared.terminal import echo_json
from ..shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from ...batch.predict_files import Engine
    from ...run.isolated import RunOptions

_KINDS = ("csv", "parquet", "arrow", "npy", "jsonl")


class FileOptions:
    """The options for files that are predicted part by part."""

    def __init__(
        self,
        *,
        engine: Engine | None,
        address: str | None,
        workers: int | None,
        keep: tuple[str, ...],
        batch_rows: int | None,
        limit: int | None,
        on_error: str | None,
        overwrite: bool,
        restart: bool,
    ) -> None:
        self.engine = engine
        self.address = address
        self.workers = workers
        self.keep = keep
        self.batch_rows = batch_rows
        self.limit = limit
        self.on_error = on_error
        self.overwrite = overwrite
        self.restart = restart

    def wanted(self, input_: Path | None, output: Path | None) -> bool:
        """Return whether the command predicts files part by part, rather than one input."""
        if any(vars(self).values()) or (input_ is not None and input_.is_dir()):
            return True
        if (output is None or output.suffix.lower() in ("", ".json", ".csv")) and not (
            input_ is not None and any(each in str(input_) for each in "*?[")
        ):
            return False  # decided without further imports
        from ...batch.files.formats import is_table
        from ...batch.files.sources import is_many

        return (output is not None and is_table(output)) or (input_ is not None and is_many(input_))


files_options = bundle(
    "files",
    FileOptions,
    click.option(
        "--engine",
        type=click.Choice(["local", "dask", "ray", "spark"]),
        help="Where the parts run: in processes here, or on a cluster.  [default: local]",
    ),
    click.option(
        "--address",
        metavar="ADDRESS",
        help="The cluster: a scheduler of Dask, an address of Ray, a master of Spark."
        "  [default: what the engine finds, or one on this machine]",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="COUNT",
        help="How many processes of the model there are at once, on this machine.  [default: 1]",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="COLUMN|all",
        help="A column of the input to write before the prediction; may be repeated.",
    ),
    click.option(
        "--batch-rows",
        type=click.IntRange(min=1),
        metavar="COUNT",
        help="Rows that the model gets at once; after a kill, a part is repeated.  [default: what "
        "32 MiB hold, at most 65536]",
    ),
    click.option(
        "--limit", type=click.IntRange(min=1), metavar="COUNT", help="Only the first rows."
    ),
    click.option(
        "--on-error",
        type=click.Choice(["raise", "skip"]),
        help="End at a row that the model refuses, or leave it out and tell it in"
        " OUTPUT.refused.jsonl.  [default: raise]",
    ),
    click.option(
        "--overwrite",
        is_flag=True,
        help="Replace an output that is there, once the new one is whole; the answer to one input"
        " replaces it anyway.",
    ),
    click.option(
        "--restart", is_flag=True, help="Start again, even if an unfinished run could continue."
    ),
)


def predict_files(
    model: Path,
    input_: Path | None,
    content_type: str | None,
    output: Path | None,
    files: FileOptions,
    how: RunOptions,
    *,
    as_json: bool,
) -> None:
    """Predict on files into a file, and print the number of rows."""
    if input_ is None or str(input_) == "-":
        raise click.UsageError("part by part a file is read, or a folder of files: name it by -i")
    if (input_ / "MLmodel").is_file():
        raise wrong_use(f"-i {input_} is a model folder: name that by -m, and its input by -i")
    if output is None:
        said = f"{input_} is read and predicted part by part"
        raise click.UsageError(f"{said}: name the file to write, as -o out.parquet")
    if content_type is not None and content_type not in _KINDS:
        raise wrong_use(f"{content_type} cannot be read part by part: {', '.join(_KINDS)} can")
    from dataclasses import replace

    from ...batch.files.run_files import FilesRequest
    from ...batch.predict_files import predict_described_files

    request = FilesRequest(
        input=input_,
        output=output,
        kind=content_type,
        keep=files.keep,
        batch_rows=files.batch_rows,
        limit=files.limit,
        skip=files.on_error == "skip",
        overwrite=files.overwrite,
        restart=files.restart,
    )
    with Progress.of_command() as tell:
        tell(f"reading {os.fspath(model)}")
        done = predict_described_files(
            model,
            request,
            replace(how, report=tell),
            engine=files.engine or "local",
            address=files.address,
            workers=files.workers or 1,
            progress=tell.again,
        )
    if as_json:
        echo_json(done.to_json())
    else:
        from ..shared.look.tell import tell as show

        show(done)
