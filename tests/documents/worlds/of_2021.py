"""What somebody left in 2021: a pickle, made with what there was then."""

import subprocess
import sys
from pathlib import Path

from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find

CODE = """
import pickle
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
with open("old/model.pkl", "wb") as file:
    pickle.dump(model, file)
"""
Path("old").mkdir()
try:
    python = str(find("3.9", Python.current(), Settings.from_environment()).executable)
except PythonMissingError as error:
    print(error)
    sys.exit(77)
command = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--python", python]
command += ["--with", "scikit-learn==1.0.2", "--with", "numpy<1.22", "python", "-c", CODE]
subprocess.run(command, check=True)
