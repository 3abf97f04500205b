"""What is in the reader's folder before a page begins: models, rows, lists, files of advisories.

Each is made once for all pages, by the commands and functions that a user has, and copied.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .pages import ROOT


@dataclass(frozen=True)
class Given:
    """Something that a page starts with: files, a program that makes some, code that has been run.

    `needs` names others, which are there before it is made.
    """

    make: str = ""
    run: str = ""
    needs: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def world(name: str) -> str:
    """Return the program that makes a world of many files."""
    return Path(__file__).with_name("worlds").joinpath(f"{name}.py").read_text("utf-8")


# A mirror with some releases of a name must not answer for it alone.
INDEX = {"MODELENV_INDEX_STRATEGY": "unsafe-best-match"}
LACKING = 77
"""The code with which a program says that this machine lacks what it needs."""
FIT = (ROOT / "examples" / "quickstart.py").read_text("utf-8").partition("saved = ")[0]
SAVED = "modelenv.save_model(model, 'wine_model', input_example=X[:5])\n"
CLONE = """\
import shutil
import sys

shutil.copytree(sys.argv[1], ".", dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
"""
WINES = """\
from sklearn.datasets import load_wine

wines = load_wine(as_frame=True).data
wines.assign(bottle=range(1000, 1000 + len(wines))).to_parquet("wines.parquet")
wines[:3].to_csv("new.csv", index=False)
"""
OF_FRAMES = FIT.replace("return_X_y=True", "return_X_y=True, as_frame=True")
CUSTOMERS = """\
from pathlib import Path

import pandas

many = pandas.concat([pandas.read_csv("rows.csv")] * 500, ignore_index=True)
many.insert(0, "customer_id", range(len(many)))
many.to_parquet("big.parquet")
Path("days").mkdir()
for day in range(3):
    many[day::3].to_csv(f"days/{day}.csv.gz", index=False)
"""
PRICES = """\
import acme_pricing


class Prices:
    def predict(self, rows):
        return acme_pricing.price(rows)


def build():
    return Prices(), [1, 2, 3]
"""
ADVISORIES = """\
import json
import zipfile
from importlib.metadata import version
from pathlib import Path

from packaging.version import Version


def advisory(name, ecosystem, package, fixed, summary, **more):
    affected = {
        "package": {"ecosystem": ecosystem, "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    return {"id": name, "summary": summary, "affected": [affected], **more}


joblib = Version(version("joblib"))
fixed = f"{joblib.major}.{joblib.minor}.{joblib.micro + 1}"
known = [
    advisory("GHSA-1", "PyPI", "joblib", fixed, "reads files that it should not",
             aliases=["CVE-2026-1"], database_specific={"severity": "HIGH"}),
    advisory("ALSA-2026:1", "AlmaLinux:8", "libgomp", "8.5.0-29.el8_10.alma.1", "gcc"),
]
Path("advisories").mkdir()
with zipfile.ZipFile("all.zip", "w") as archive:
    for each in known:
        archive.writestr(f"{each['id']}.json", json.dumps(each))
        Path("advisories", f"{each['id']}.json".replace(":", "-")).write_text(json.dumps(each))
"""
MODELS = """\
import shutil
from pathlib import Path

for place in ("models/wine", "main/models/wine", "models/other"):
    shutil.copytree("wine_model", place)
shutil.rmtree("wine_model")
Path("models.txt").write_text("models/wine\\nmodels/other\\n")
"""
SCRIPT = {"script.py": "import json", "package/tool.py": "", "package/__init__.py": ""}
TRAIN = """\
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier


def build():
    X, y = load_wine(return_X_y=True, as_frame=True)
    return RandomForestClassifier(n_estimators=5, random_state=0).fit(X, y), X.head(3)


if __name__ == "__main__":
    build()
"""
PACK = """\
import modelenv

modelenv.pack_environment("churn_model", "churn.pack.tar.gz")
"""
GIVEN = {
    "model": Given(run=FIT),  # with `X`, its rows
    "rows": Given(run="import pandas\n\nrows = pandas.read_csv('rows.csv')\n"),  # of churn_model
    "wine_model": Given(FIT + SAVED),
    "churn_model": Given(world("churn_model")),
    "customers": Given(CUSTOMERS, needs=("churn_model",)),  # it, with rows in files
    "mlruns": Given(FIT + SAVED.replace("wine_model", "mlruns/1/models/m-1/artifacts")),
    "models": Given(MODELS, needs=("wine_model",)),
    "wines.parquet": Given(WINES),
    "wines": Given(OF_FRAMES + SAVED, needs=("wines.parquet",)),  # a model of frames, with rows
    "all.zip": Given(ADVISORIES),
    "train.py": Given(files={"train.py": TRAIN}),
    "script.py": Given(files=SCRIPT),
    "pricing": Given(files={"train.py": PRICES}),
    "old/model.pkl": Given(world("of_2021")),
    "clone": Given(CLONE),
    "wine": Given(world("wine")),  # all that the list of commands names
    "uv.lock": Given(world("locked")),  # and the project whose lock it is
    "project": Given(world("project"), needs=("wine", "train.py", "uv.lock")),
    "old": Given(world("old")),  # of earlier years, which need their Pythons
    "churn": Given(world("churn"), needs=("uv.lock",)),  # all that the help names
    "churn.pack.tar.gz": Given(PACK, needs=("churn",)),  # that, and a pack
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
        made = self.root / name.replace("/", "+")  # "old/model.pkl" is no part of "old"
        if not made.exists():
            making = made.with_name(f"{made.name}.part")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            one = GIVEN[name]
            self.place(one.needs, making)
            for path, text in one.files.items():
                (making / path).parent.mkdir(parents=True, exist_ok=True)
                (making / path).write_text(text, "utf-8")
            if one.make:
                words = [sys.executable, "-W", "ignore", "-c", one.make, str(ROOT)]
                done = subprocess.run(words, cwd=making, env={**os.environ, **INDEX}, check=False)
                if done.returncode == LACKING:
                    pytest.skip(f"what {name} is made with is not here")
                done.check_returncode()
            making.rename(made)
        return made
