"""Print the pins that MLflow finds in a file of ours."""

import os
import sys

import mlflow.pyfunc
from mlflow.utils.environment import _PythonEnv
from mlflow.utils.requirements_utils import _parse_requirements

file = sys.argv[1]
folder, name = os.path.split(os.path.abspath(file))
os.chdir(folder)
if name == "MLmodel":
    listed = ["-r " + mlflow.pyfunc.get_model_dependencies(folder, format="pip")]
elif name == "conda.yaml":
    listed = _PythonEnv.from_conda_yaml(file).dependencies
else:
    listed = _PythonEnv.from_yaml(file).dependencies
with open("listed.tmp", "w") as out:
    out.write("\n".join(listed))
for each in _parse_requirements("listed.tmp", is_constraint=False):
    if not each.req_str.startswith("-"):
        print(each.req_str.split(" --hash")[0])
