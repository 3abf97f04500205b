"""Make all that the pages name of the models of wines, in the current folder."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import sys
import zipfile
from pathlib import Path

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import modelenv

LOG = """\
Traceback (most recent call last):
  File "/srv/serve.py", line 3, in <module>
    import cv2
ModuleNotFoundError: No module named 'cv2'
"""
CONDA = "channels: [defaults]\ndependencies: [python=3.11, pip: [numpy==2.0.0]]\n"

X, y = load_wine(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
modelenv.save_model(model, "wine_model", input_example=X[:5])
shutil.copytree("wine_model", "wine_2021")
modelenv.lock_model("wine_model", hashes=True)
shutil.copytree("wine_model", "mlruns/1/models/m-1/artifacts")
modelenv.save_model(
    model, "other_model", input_example=X[:5], extra_pip_requirements=["idna"], prove=False
)
frame = load_wine(as_frame=True).data
frame.to_parquet("big.parquet")
Path("new.json").write_text(json.dumps({"instances": X[:3].tolist()}))
Path("model.pkl").write_bytes(pickle.dumps(model))
Path("input.pkl").write_bytes(pickle.dumps(X[:5]))
Path("container.log").write_text(LOG)
Path("models/old").mkdir(parents=True)
Path("models/old/conda.yaml").write_text(CONDA)
pins = Path("wine_model", "requirements.txt").read_text()
pinned = re.findall(r"^[\w.-]+==[\w.]+", pins, re.MULTILINE)
Path("today.txt").write_text("".join(f"{each}\n" for each in pinned))
Path("other-env").symlink_to(sys.prefix)
with zipfile.ZipFile("all.zip", "w") as archive:
    archive.writestr("a.json", '{"id": "A", "affected": []}')
