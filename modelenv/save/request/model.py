"""The model and its examples, as handed in and as written to disk."""

from __future__ import annotations

import os
import pickle
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.errors import WrongUseError
from ...base.files.copying import copy_file
from ...folder import example
from ...folder.documents.names import CODE, LOADER, LOADER_SOURCE, MODEL, SCRIPT
from ...folder.errors import NotAModelError
from ...worker.job import Material
from .model_file import check_pickle, check_pickled_model

NO_EXAMPLE = object()
"""The default of an input example; None may be an example."""

_PICKLES = (".pkl", ".pickle", ".joblib")


@dataclass(frozen=True, slots=True)
class GivenModel:
    """A model: an object, a script that defines one, or a pickle of one."""

    object: Any = None
    script: Path | None = None
    pickle: Path | None = None
    """A pickle of `object` that we wrote; or, if `object` is None, the user's, not loaded."""

    @classmethod
    def of(cls, model: object) -> GivenModel:
        """Return a model as a caller gives it, by its file too, whose content is looked at first.

        Raises NotAModelError for a file without a model, and WrongUseError for no pickle.
        """
        if not isinstance(model, str | os.PathLike):
            return cls(model)
        path = Path(model)
        if not path.is_file() or path.suffix not in (".py", *_PICKLES):
            raise NotAModelError(path)
        if path.suffix == ".py":
            return cls(script=path)
        check_pickled_model(path)
        return cls(pickle=path)

    @property
    def pickled_here(self) -> bool:
        """Whether this Python writes the pickle: the model is no script and no user's pickle."""
        return self.script is None and (self.pickle is None or self.object is not None)

    def value(self) -> Any:
        """Return the model itself; None for a script. Raises WrongUseError."""
        if self.object is None and self.pickle is not None:
            return read_pickle(self.pickle)
        return self.object

    def write(self, folder: Path) -> Path:
        """Write the model's data into `folder`; return its path. Raises NotPicklableError."""
        data = folder / (SCRIPT if self.script else MODEL)
        if self.script:
            example.copy_script(self.script, data)
        elif self.pickle is None:
            example.write_model(self.object, data)
        elif self.object is None or not _linked(self.pickle, data):
            copy_file(self.pickle, data)
        return data


def _linked(pickled: Path, data: Path) -> bool:
    """Hard-link a pickle that we wrote and that nobody changes; return whether that worked."""
    try:
        os.link(pickled, data)
    except OSError:  # the file system has no links
        return False
    return True


def read_pickle(file: Path) -> Any:
    """Return the object in a pickle. Raises WrongUseError, whatever goes wrong."""
    check_pickle(file)
    try:
        with file.open("rb") as stream:
            return pickle.load(stream)
    except Exception as error:  # unpickling may raise anything
        raise WrongUseError(
            f"{file} cannot be unpickled here: {type(error).__name__}: {error}"
        ) from error


def examples_of(first: object, further: Sequence[object]) -> tuple[object, ...]:
    """Return all examples; without any, warn of what then stays unknown."""
    if first is not NO_EXAMPLE:
        return (first, *further)
    if further:
        raise WrongUseError("further_examples are given without an input_example")
    warnings.warn(
        "no input_example: only loading the model is traced. What it imports when it predicts is"
        " taken from the names in its code, and nothing is proven. An example would show what"
        " libraries import by themselves, plugins, data files and the input's type.",
        stacklevel=4,
    )
    return ()


def write_material(model: GivenModel, examples: Sequence[object], folder: Path) -> Material:
    """Write the model, its loader and the examples into `folder`; return their paths."""
    data = model.write(folder)
    loader = folder / CODE / f"{LOADER}.py"
    loader.parent.mkdir()
    shutil.copyfile(LOADER_SOURCE, loader)
    described = example.write_examples(examples, folder)
    return Material(model=data, loader=loader, input=described)
