"""Types of options for paths and folders of models."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..progress import Progress

if TYPE_CHECKING:
    from pathlib import Path


class PathType(click.Path):
    """A path that is not empty, as that would be the working directory."""

    def coerce_path_result(self, value: str | os.PathLike[str]) -> Path:
        """Return it as a `Path`."""
        from pathlib import Path

        return Path(value)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fail for an empty text."""
        if ctx is not None and ctx.resilient_parsing:
            return value
        if value == "":
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)


class ModelPlace(PathType):
    """The folder of a model: a path or a ``file:`` URI; for reading, a URI of MLflow's too."""

    def __init__(self, *, to_read: bool) -> None:
        super().__init__()
        self.to_read = to_read

    def get_missing_message(
        self, param: click.Parameter, ctx: click.Context | None = None
    ) -> str | None:
        """Return the form of a call that names the folder; click before 8.2 gives no context."""
        context = ctx or click.get_current_context(silent=True)
        if context is None or not isinstance(param, click.Option):
            return None
        return f"It names the folder, as in `{context.command_path} {param.opts[0]} FOLDER`"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the folder; one in a store is downloaded until the command ends."""
        if ctx is not None and ctx.resilient_parsing:
            return value
        from ....base.addresses import model_uri
        from ....base.files.scratch import scratch_folder
        from .leftovers import name_leftovers

        if self.to_read and ctx is not None and model_uri.is_remote(value):
            Progress.of_command().line(f"downloading {value} through MLflow")
            return model_uri.download(value, ctx.with_resource(scratch_folder()))
        place = super().convert(model_uri.local(value) if value else value, param, ctx)
        if self.to_read:
            name_leftovers(place)
        return place
