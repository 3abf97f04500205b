"""Python models of MLflow, saved with the MLflow of their time: ``functions.py MAKER FOLDER``."""

import os
import sys

import mlflow.pyfunc
import pandas as pd

import kept

TEXTS = pd.DataFrame(
    {
        "text": [
            "The quick brown fox jumps over the lazy dog.",
            "Notwithstanding considerable deliberation, the committee adjourned.",
            "It rained. We stayed in & read.",
        ]
    }
)


def _save(model, folder, data, **options):
    from mlflow.models.signature import infer_signature

    signature = infer_signature(data, model.predict(None, data))
    path = os.path.join(folder, "model")
    mlflow.pyfunc.save_model(path, python_model=model, signature=signature, **options)
    kept.record_mlflow(folder, data)


def readability(folder):
    """Write how hard texts are to read, by textstat, which needs pkg_resources."""
    import textstat

    class Readability(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input):
            return model_input["text"].map(textstat.flesch_reading_ease)

    _save(Readability(), folder, TEXTS, input_example=TEXTS)


def tokens(folder):
    """Write a vectorizer and a classifier whose tokenizer is of `regex`."""
    import regex
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    words = regex.compile(r"\p{L}+")
    model = make_pipeline(CountVectorizer(tokenizer=words.findall), MultinomialNB())
    model.fit(TEXTS["text"], [0, 1, 0])

    class Words(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input):
            return model.predict_proba(model_input["text"]).round(9)[:, 0]

    _save(Words(), folder, TEXTS, input_example=TEXTS)


def late_import(folder):
    """Write a model that imports what it needs where it needs it: MLflow's list misses that."""

    class Ascii(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input):
            from unidecode import unidecode

            return model_input["text"].map(unidecode).str.len()

    names = pd.DataFrame({"text": ["Łódź", "Besançon", "Straße"]})
    _save(Ascii(), folder, names)


def frame_inside(folder):
    """Write a model that holds a frame of pandas, with requirements that leave pandas open."""
    prices = pd.DataFrame(
        {"plan": pd.Categorical(["basic", "family", "business"]), "price": [5.0, 8.5, 20.0]},
        index=pd.Index([10, 20, 30], name="key"),
    )
    prices["since"] = pd.date_range("2020-01-31", periods=3, freq="M")

    class Prices(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input):
            return model_input.merge(prices, on="plan", how="left")["price"]

    wanted = pd.DataFrame({"plan": ["family", "business", "basic"]})
    requirements = ["mlflow", "pandas>=1", "cloudpickle"]
    _save(Prices(), folder, wanted, input_example=wanted, pip_requirements=requirements)


def own_code(folder):
    """Write a model with code of its own, whose libraries stand in conda's part of the list."""
    from sklearn.linear_model import LinearRegression

    plans = pd.DataFrame({"plan": ["basic", "family", "business"], "price": [5.0, 8.5, 20.0]})
    fitted = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    code = os.path.join(folder, "pricing.py")
    with open(code, "w") as file:
        file.write(PRICING)
    sys.path.insert(0, folder)
    import pricing

    environment = {
        "name": "pricing",
        "channels": ["conda-forge"],
        "dependencies": [
            "python=3.8.16",
            "pandas=1.5",
            "scikit-learn=1.2.2",
            "pip",
            {"pip": ["mlflow==2.3.2"]},
        ],
    }
    wanted = pd.DataFrame({"plan": ["family", "business", "basic"]})
    model = pricing.Pricing(plans, fitted)
    _save(model, folder, wanted, input_example=wanted, conda_env=environment, code_path=[code])
    os.remove(code)


PRICING = '''\
"""Prices of plans."""

import mlflow.pyfunc
import pandas as pd


class Pricing(mlflow.pyfunc.PythonModel):
    def __init__(self, plans, fitted):
        self.plans = plans
        self.fitted = fitted

    def predict(self, context, model_input):
        other = pd.DataFrame({"plan": ["other"], "price": [1.0]})
        known = self.plans.append(other, ignore_index=True)
        prices = model_input.merge(known, on="plan", how="left")["price"]
        return self.fitted.predict(prices.to_frame().to_numpy())
'''


MAKERS = (
    readability,
    tokens,
    late_import,
    frame_inside,
    own_code,
)

if __name__ == "__main__":
    {each.__name__: each for each in MAKERS}[sys.argv[1]](sys.argv[2])
