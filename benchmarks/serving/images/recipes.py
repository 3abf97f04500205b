"""Two models, each saved by both tools, and how either makes an image of one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from . import box

SAVE = """
import sys, warnings
warnings.simplefilter("ignore")
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression(C=float(sys.argv[2]))).fit(X, y)
"""
WITH_OURS = SAVE + "import modelenv; modelenv.save_model(model, sys.argv[1], input_example=X[:5])"
WITH_MLFLOW = SAVE + (
    "import mlflow; mlflow.sklearn.save_model(model, sys.argv[1], input_example=X[:5],"
    " serialization_format='cloudpickle')"
)
ROW = [14.23, 1.71, 2.43, 15.6, 127, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065]


@dataclass(frozen=True)
class Saved:
    """One model, saved by each tool."""

    ours: Path
    theirs: Path
    request: bytes = json.dumps({"instances": [ROW]}).encode()

    def changed(self, number: int) -> Saved:
        """Return a copy whose content nobody has built yet."""
        copies = []
        for folder in (self.ours, self.theirs):
            copy = folder.with_name(f"{folder.name}-{number}")
            shutil.copytree(folder, copy, dirs_exist_ok=True)  # the other recipe has made it
            (copy / "note.txt").write_text(f"{number}\n")
            copies.append(copy)
        return replace(self, ours=copies[0], theirs=copies[1])


class Recipe(Protocol):
    """A way to make an image of a model."""

    image: str

    def build(self, model: Saved) -> Callable[[], object]:
        """Return the build of an image, with all prepared that no builder does."""


def models(folder: Path, mlflow: str) -> tuple[Saved, Saved]:
    """Save two models by both tools."""
    import sys

    folder.mkdir()
    found = []
    for name, strength in (("first", "1.0"), ("second", "0.1")):
        saved = Saved(folder / f"{name}-ours", folder / f"{name}-theirs")
        for python, code, place in (
            (sys.executable, WITH_OURS, saved.ours),
            (mlflow, WITH_MLFLOW, saved.theirs),
        ):
            subprocess.run([python, "-c", code, str(place), strength], check=True)
        found.append(saved)
    return found[0], found[1]


@dataclass
class Ours:
    """What `build-docker` does, without its proof: MLflow has none."""

    folder: Path
    image: str = "localhost/ours:1"

    def build(self, model: Saved) -> Callable[[], object]:
        import modelenv

        options = modelenv.ImageOptions(
            base=box.BASE, indexes=modelenv.Indexes(strategy="unsafe-best-match")
        )
        return lambda: modelenv.build_docker(
            model.ours,
            self.image,
            options=options,
            engine="buildah",
            build_options=box.build_options(),
            verify=False,
        )


@dataclass
class MLflow:
    """The Dockerfile that `mlflow models generate-dockerfile` writes, upon the same base."""

    folder: Path
    python: str
    image: str = "localhost/theirs:1"

    def build(self, model: Saved) -> Callable[[], object]:
        context = self.folder / model.theirs.name
        words = [self.python, "-m", "mlflow", "models", "generate-dockerfile"]
        words += ["-m", str(model.theirs), "-d", str(context)]
        subprocess.run(words, check=True, capture_output=True)
        file = context / "Dockerfile"
        file.write_text(upon_debian(file.read_text()))
        # The model lies in the context under its folder's name, which is no part of it.
        held = context / "model_dir"
        (held / model.theirs.name).rename(held / "model")
        file.write_text(
            file.read_text().replace(f"model_dir/{model.theirs.name}", "model_dir/model")
        )
        options = ["--format", "docker", "--layers", *box.build_options(), "-t", self.image]
        return lambda: box.buildah("build", *options, str(context))


def upon_debian(text: str) -> str:
    """Return MLflow's Dockerfile with its base replaced by Debian alone, as the README states."""
    venv = "RUN python3 -m venv /opt/python\nENV PATH=/opt/python/bin:$PATH"
    replaced, count = re.subn(r"(?m)^FROM python:\S+$", f"FROM {box.BASE}\n{venv}", text)
    assert count == 1, text
    return replaced
