"""What is in the reader's folder before a page begins: models, rows, lists, files of advisories.

Each is made once for all pages, by the commands and functions that a user has, and copied.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .pages import ROOT


@dataclass(frozen=True)
class Given:
    """Something that a page starts with: code that makes files, code that a reader has run.

    `needs` names others, which are there before it is made.
    """

    make: str = ""
    run: str = ""
    needs: tuple[str, ...] = ()
    files: Mapping[str, str] = ()  # type: ignore[assignment]


FIT = (ROOT / "examples" / "quickstart.py").read_text("utf-8").partition("saved = ")[0]
TRAIN = """\
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier


def build():
    X, y = load_wine(return_X_y=True, as_frame=True)
    return RandomForestClassifier(n_estimators=5, random_state=0).fit(X, y), X.head(3)
"""
SAVE = FIT + "modelenv.save_model(model, {!r}, input_example=X[:5], prove=False)\n"
CHURN = """\
import pandas
from sklearn.linear_model import LogisticRegression
import modelenv

rows = pandas.DataFrame({"age": [20, 30, 40, 50], "visits": [9, 7, 3, 1]})
model = LogisticRegression().fit(rows, [0, 0, 1, 1])
modelenv.save_model(model, "churn_model", input_example=rows, prove=False)
"""
GIVEN = {
    "model": Given(run=FIT),  # with `X`, its rows, and `modelenv`
    "script.py": Given(
        files={"script.py": "import json", "package/tool.py": "", "package/__init__.py": ""}
    ),
    "train.py": Given(files={"train.py": TRAIN}),
    "wine_model": Given(SAVE.format("wine_model")),
    "churn_model": Given(CHURN),
    "mlruns": Given(SAVE.format("mlruns/1/models/m-1/artifacts")),
}


@dataclass(frozen=True)
class Shelf:
    """The folder in which each of them is kept, once it is made."""

    root: Path

    def place(self, names: Iterable[str], folder: Path) -> str:
        """Put what is named into a folder, and return the code that its reader has run."""
        code = ""
        for name in names:
            code += GIVEN[name].run
            shutil.copytree(self._made(name), folder, symlinks=True, dirs_exist_ok=True)
        return code

    def _made(self, name: str) -> Path:
        made = self.root / name
        if not made.exists():
            making = self.root / f"{name}.part"
            making.mkdir(parents=True)
            one = GIVEN[name]
            self.place(one.needs, making)
            for path, text in dict(one.files).items():
                (making / path).parent.mkdir(parents=True, exist_ok=True)
                (making / path).write_text(text, "utf-8")
            if one.make:
                subprocess.run(
                    [sys.executable, "-W", "ignore", "-c", one.make], cwd=making, check=True
                )
            making.rename(made)
        return made
