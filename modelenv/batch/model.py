"""A model that travels to the processes of an engine, whose Python has neither it nor modelenv."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.text import brief
from ..folder.model_folder import ModelFolder
from ..run.isolated import RunOptions, checked
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..table.errors import RowsError
from ..worker.processes.params import Params
from .batches import params_of
from .making.environment import built, packed
from .making.job import SHIPS, Ship, below, files_of, like
from .making.schema import LIBRARIES, Library, prediction_of, schema_of
from .node.calling.travelled import TravelledModel
from .node.job import NodeJob


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchModel(TravelledModel):
    """A model that predicts on the nodes of an engine: a value that travels there with a function.

    Called with a table it returns one of the same type. Spark's ``mapInPandas`` takes `in_pandas`,
    ``mapInArrow`` `in_arrow`, Ray Data's ``map_batches`` the result of `on_ray`, and Dask's
    ``map_partitions`` the model itself. It can be pickled by any engine, for a Python of the same
    minor version with only the standard library and the engine: the parts of modelenv that it needs
    travel with it. A node builds the model's environment once, or unpacks it.
    """

    folder: Path
    """The model's folder, on this machine."""

    def __str__(self) -> str:
        return f"{self.folder}, for the nodes of an engine"

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    @classmethod
    def of(
        cls,
        folder: str | os.PathLike[str],
        *,
        environment: str | os.PathLike[str] | None = None,
        ship: Ship = "auto",
        keep: str | Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
        batch_timeout: float = 600.0,
        start_timeout: float = 600.0,
        idle_timeout: float = 300.0,
        memory: int | None = None,
        python: str | os.PathLike[str] | None = None,
        allow_changed: bool = False,
        seal: Wanted = "auto",
        allow_hosts: str | Iterable[str] = (),
        allow_paths: Paths = (),
        indexes: Indexes = AS_CONFIGURED,
    ) -> BatchModel:
        """Return the model in `folder`, which must not change while an engine uses it.

        A node makes its environment from `environment`, a pack, or from the folder's pins, with
        its own index. The model's files are sent along with `ship` "inline", or read at their
        `path` on each node; "auto" sends small ones along. `keep` names columns of a table that
        come before the prediction's; `params` are those of each prediction. A batch may take
        `batch_timeout` seconds, and the start of a process `start_timeout`; an unused one is ended
        after `idle_timeout` seconds. The other arguments are those of :func:`predict`.

        Raises BadFolderError, WrongUseError, and ChangedContentError if the model's data is not
        what was saved, unless `allow_changed`.
        """
        return _made(
            cls,
            folder,
            ship=ship,
            options=RunOptions(
                environment=environment,
                memory=memory,
                allow_changed=allow_changed,
                seal=SealRequest.read(seal, allow_hosts, allow_paths),
                indexes=indexes,
                python=python,
            ),
            params=params,
            keep=arguments.texts("keep", keep),
            timeout=arguments.seconds("batch_timeout", batch_timeout),
            start_timeout=arguments.seconds("start_timeout", start_timeout),
            idle=arguments.seconds("idle_timeout", idle_timeout),
        )

    def schema(self, library: Library, *, like: Any = None) -> Any:
        """Return the schema of the output, from the prediction that was recorded with the model.

        It is Spark DDL text ("spark"), a pyarrow schema ("arrow"), or a frame without rows
        ("pandas"), which Dask takes for ``meta``. The kept columns have the types of the model's
        example, or those of `like`, a frame or a pyarrow schema. Raises WrongUseError if a type is
        unknown.
        """
        return _schema(self, library, like)


@door
def _made(
    cls: type[BatchModel],
    path: str | os.PathLike[str],
    *,
    ship: Ship,
    options: RunOptions,
    params: Mapping[str, Any] | None,
    **limits: Any,
) -> BatchModel:
    arguments.choice("ship", ship, SHIPS)
    folder = ModelFolder.fetched(path, keep=True)
    request = checked(folder, options)
    material = folder.job({"type": "none"})
    named = params_of(folder)
    _check_params(named, params)
    if options.pack is None:
        node = built(folder, request, options.settings.environment)
    else:
        node = packed(options.pack, request)
    return cls(
        folder=folder.path,
        job=NodeJob(
            name=folder.path.name,
            data=below(material.model, folder),
            loader=below(material.loader, folder) if folder.ours else "",
            code=tuple(below(each, folder) for each in material.code),
            variables=dict(material.variables),
            like=like(folder),
            recorded=prediction_of(folder),
            params=params,
            known_params=tuple(named),
            files=files_of(folder, ship),
            environment=node,
            seal=options.seal.seal,
            allow_hosts=options.seal.allow_hosts,
            allow_paths=options.seal.allow_paths,
            memory=options.memory,
            **limits,
        ),
    )


@door
def _schema(model: BatchModel, library: Library, like: Any) -> Any:
    arguments.choice("library", library, LIBRARIES)
    return schema_of(ModelFolder.at(model.folder), library, model.job.keep, like)


def _check_params(named: Sequence[dict[str, Any]], params: Mapping[str, Any] | None) -> None:
    """Raise WrongUseError for parameters that the model's signature does not name."""
    try:
        Params(named).read(dict(params or {}))
    except RowsError as error:
        raise WrongUseError(str(error)) from error
