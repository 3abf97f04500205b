"""Models of LightGBM and XGBoost, saved with MLflow: ``boosters.py MAKER FOLDER``."""

import os
import sys

import kept


def lightgbm(folder):
    """Write a booster of LightGBM over named columns, with an example."""
    import lightgbm
    import mlflow.lightgbm

    frame, left = kept.customers()
    numbers = frame[["age", "income"]]
    options = {"objective": "binary", "num_leaves": 4, "verbose": -1, "num_threads": 1}
    model = lightgbm.train(options, lightgbm.Dataset(numbers, left), 10)
    path = os.path.join(folder, "model")
    mlflow.lightgbm.save_model(model, path, input_example=numbers.head(5))
    kept.record_mlflow(folder, numbers.head(5))


def xgboost(folder):
    """Write a classifier of XGBoost over named columns, with a signature and an example."""
    import mlflow.xgboost
    from mlflow.models.signature import infer_signature
    from xgboost import XGBClassifier

    frame, left = kept.customers()
    numbers = frame[["age", "income"]].astype(float)
    model = XGBClassifier(n_estimators=10, max_depth=3, use_label_encoder=False, n_jobs=1)
    model.fit(numbers, left)
    first = numbers.head(5)
    path = os.path.join(folder, "model")
    signature = infer_signature(first, model.predict(first))
    mlflow.xgboost.save_model(model, path, signature=signature, input_example=first)
    kept.record_mlflow(folder, first)


if __name__ == "__main__":
    {"lightgbm": lightgbm, "xgboost": xgboost}[sys.argv[1]](sys.argv[2])
