"""The model and its examples as they are handed in, and as they lie on the disk."""

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

NO_EXAMPLE = object()
"""Stands for an input example that was not given; None may be an example."""

_PICKLES = (".pkl", ".pickle")


@dataclass(frozen=True, slots=True)
class GivenModel:
    """A model: an object, a script that defines one, or a pickle of one."""

    object: Any = None
    script: Path | None = None
    pickle: Path | None = None
    """A pickle of the object, which is ours; or, without one, the user's of one not loaded."""

    @classmethod
    def of(cls, model: object) -> GivenModel:
        """Return a model as a caller gives it. Raises NotAModelError for a file that is none."""
        if not isinstance(model, str | os.PathLike):
            return cls(model)
        path = Path(model)
        if not path.is_file() or path.suffix not in (".py", *_PICKLES):
            raise NotAModelError(path)
        return cls(script=path) if path.suffix == ".py" else cls(pickle=path)

    @property
    def pickled_here(self) -> bool:
        """Whether it is this Python that pickles it: it is neither a script nor a user's pickle."""
        return self.script is None and (self.pickle is None or self.object is not None)

    def value(self) -> Any:
        """Return the model itself; a script has none here. Raises WrongUseError."""
        if self.object is None and self.pickle is not None:
            return read_pickle(self.pickle)
        return self.object

    def write(self, folder: Path) -> Path:
        """Put its data into `folder`, and return the file. Raises NotPicklableError."""
        data = folder / (SCRIPT if self.script else MODEL)
        if self.script:
            example.copy_script(self.script, data)
        elif self.pickle is None:
            example.write_model(self.object, data)
        elif self.object is None or not _linked(self.pickle, data):
            copy_file(self.pickle, data)
        return data


def _linked(pickled: Path, data: Path) -> bool:
    """Give a pickle that we made, and that nobody changes, another name."""
    try:
        os.link(pickled, data)
    except OSError:  # a file system without links
        return False
    return True


def read_pickle(file: Path) -> Any:
    """Return what a file holds that is a pickle. Raises WrongUseError, whatever goes wrong."""
    try:
        with file.open("rb") as stream:
            return pickle.load(stream)
    except Exception as error:  # what is pickled may raise anything
        raise WrongUseError(
            f"{file} cannot be unpickled here: {type(error).__name__}: {error}"
        ) from error


def examples_of(first: object, further: Sequence[object]) -> tuple[object, ...]:
    """Return all examples; without one, warn of what is not known then."""
    if first is not NO_EXAMPLE:
        return (first, *further)
    if further:
        raise WrongUseError("further_examples are given without an input_example")
    warnings.warn(
        "no input_example: only loading the model is traced. What it imports when it predicts is"
        " taken from what its code names, and nothing is proven of it. An example would"
        " show what libraries import by themselves, plugins, data files and the input's type.",
        stacklevel=4,
    )
    return ()


def write_material(model: GivenModel, examples: Sequence[object], folder: Path) -> Material:
    """Write the model, its loader and the examples into `folder`, and return where they are."""
    data = model.write(folder)
    loader = folder / CODE / f"{LOADER}.py"
    loader.parent.mkdir()
    shutil.copyfile(LOADER_SOURCE, loader)
    described = example.write_examples(examples, folder)
    return Material(model=data, loader=loader, input=described)
