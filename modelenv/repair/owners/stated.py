"""The modules that files of a model of MLflow's name: read, not run, as there is no trace."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator

from ...base.siblings import resolver, tracer
from ...folder.mlflow.skops_types import skops_file
from ...folder.mlflow.sources import source_imports
from ...folder.model_folder import ModelFolder
from .modules import owner_of


def stated_owners(
    folder: ModelFolder, installed: resolver.Installed, pinned: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the distribution of each module that is named, if it is known, with who names it.

    That is a line of its code, or a file that skops wrote. MLflow's list leaves out what mlflow
    itself requires, also if the model imports it.
    """
    for module, label in _modules(folder):
        owner = owner_of(module, installed, pinned)
        if owner.certain:
            yield owner.name, label


def _modules(folder: ModelFolder) -> Iterator[tuple[str, str]]:
    for each in source_imports(folder):
        yield each.module, str(each)
    skops = skops_file(folder)
    if skops is None or not skops.is_file():
        return
    yield "skops", f"{skops.name} is loaded by skops"
    for named in tracer.survey_pickles(skops).named.values():
        for name in named:
            if name.module.partition(".")[0] not in sys.stdlib_module_names:
                yield name.module, f"{skops.name} names {name}"
