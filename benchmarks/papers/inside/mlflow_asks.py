"""Print what MLflow says that a model needs: its own reading of the folder."""

import sys

import mlflow.pyfunc

with open(mlflow.pyfunc.get_model_dependencies(sys.argv[1], format="pip")) as file:
    print(
        "\n".join(
            line for line in map(str.strip, file) if line and not line.startswith(("#", "-c"))
        )
    )
