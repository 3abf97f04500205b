"""Save a model with the MLflow of this environment: ``mlflow_model.py FOLDER [LINE …]``.

Its requirements are the lines, or what MLflow infers where there are none.
"""

import sys
from typing import Any

import mlflow.pyfunc


class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return model_input * 2


folder, lines = sys.argv[1], sys.argv[2:]
model = Doubles()
mlflow.pyfunc.save_model(folder, python_model=model, pip_requirements=lines or None)
