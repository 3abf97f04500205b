"""Load an old model as somebody does by hand, and predict: ``by_hand.py MODEL INPUT OUTPUT``.

Runs under Python 3.6 and newer, in an environment with what the model's list says.
"""

import json
import os
import pickle
import sys


def main(model, input_file, output_file):
    with open(input_file, encoding="utf-8") as file:
        said = json.load(file)
    if "inputs" in said:
        import numpy as np

        data = np.asarray(said["inputs"])
    else:
        import pandas as pd

        split = said["dataframe_split"]
        data = pd.DataFrame(split["data"], columns=split["columns"])
    prediction = _load(model).predict(data)
    if hasattr(prediction, "columns"):
        prediction = prediction.to_dict("records")
    elif hasattr(prediction, "tolist"):
        prediction = prediction.tolist()
    with open(output_file, "w", encoding="utf-8") as file:
        json.dump({"predictions": prediction}, file)


def _load(model):
    """Return the model of a folder by MLflow, where it is here; else as its library loads it."""
    if not os.path.isdir(model):
        return _unpickle(model)
    with open(os.path.join(model, "MLmodel"), encoding="utf-8") as file:
        is_mlflows = "loader_module: mlflow" in file.read()
    try:
        import mlflow.pyfunc
    except ImportError:
        pass
    else:
        if is_mlflows:
            return mlflow.pyfunc.load_model(model)
    names = os.listdir(model)
    if "model.lgb" in names:
        import lightgbm

        return lightgbm.Booster(model_file=os.path.join(model, "model.lgb"))
    if "model.xgb" in names:
        import xgboost

        found = xgboost.XGBClassifier()
        found.load_model(os.path.join(model, "model.xgb"))
        return found
    return _unpickle(os.path.join(model, "model.pkl"))


def _unpickle(file):
    with open(file, "rb") as opened:
        return pickle.load(opened)


if __name__ == "__main__":
    main(*sys.argv[1:])
