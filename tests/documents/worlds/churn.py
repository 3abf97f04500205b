"""Make all that the examples of the help name, in the current folder."""

from __future__ import annotations

import pickle
import shutil
import sys
import zipfile
from pathlib import Path

import modelenv

TRAIN = """\
import argparse, pickle, sys
import pandas
from sklearn.linear_model import LogisticRegression
from churn.model import Model

def build():
    rows = pandas.DataFrame({"age": [20, 30, 40, 50], "visits": [9, 7, 3, 1]})
    return Model(LogisticRegression().fit(rows, [0, 0, 1, 1])), rows

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int)
    parser.parse_args()
    build()
"""
MODEL = """\
from pathlib import Path

class Model:
    def __init__(self, inner):
        self.inner = inner

    def predict(self, rows):
        Path(__file__).with_name("stopwords.txt").read_text()
        return self.inner.predict(rows)
"""
SCRIPT = """\
import pandas
from sklearn.linear_model import LogisticRegression

rows = pandas.DataFrame({"age": [20, 30, 40, 50], "visits": [9, 7, 3, 1]})
model = LogisticRegression().fit(rows, [0, 0, 1, 1])
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/serve.py", line 3, in <module>
    import cv2
ModuleNotFoundError: No module named 'cv2'
"""
FILES = {
    "train.py": TRAIN,
    "churn/__init__.py": "",
    "churn/model.py": MODEL,
    "churn/stopwords.txt": "the\n",
    "src/own.py": "",
    "model.py": SCRIPT,
    "package/__init__.py": "",
    "package/tool.py": "import json\n",
    "models.txt": "churn_model\nchurn_model_2\n",
    "new.csv": "age,visits\n25,8\n",
    "new.json": '{"instances": [[25, 8]]}',
    "traceback.txt": TRACEBACK,
    "conda.yaml": "dependencies: [python=3.11, pip: [numpy==2.0.0]]\n",
    "bin/docker": f"#!/bin/sh\ncat <<'END'\n{TRACEBACK}END\n",
}


def write(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if path.parent.name == "bin":
        path.chmod(0o755)


for name, text in FILES.items():
    write(text, Path(name))
Path("old-env").symlink_to(sys.prefix)

sys.path.insert(0, "")
import train  # type: ignore[import-not-found]  # noqa: E402

model, rows = train.build()
# What `capture` is given needs no code of its own.
Path("model.pkl").write_bytes(pickle.dumps(model.inner))
Path("input.pkl").write_bytes(pickle.dumps(rows))
modelenv.save_model(model, "churn_model", input_example=rows)
modelenv.save_model(model, "churn_model_2", input_example=rows, prove=False)
modelenv.lock_model("churn_model")
for place in ("mlruns/1/models/m-1/artifacts", "models/7", "models/9"):
    shutil.copytree("churn_model", place)
of_conda = Path("mlruns/1/models/m-1/artifacts/conda.yaml")
of_conda.write_text(of_conda.read_text().replace("conda-forge", "defaults"))
many = rows.assign(customer_id=range(len(rows)))
many.to_parquet("big.parquet")
Path("days").mkdir()
for day in range(3):
    many.to_csv(f"days/{day}.csv", index=False)
with zipfile.ZipFile("all.zip", "w") as archive:
    archive.writestr("a.json", '{"id": "A", "affected": []}')
