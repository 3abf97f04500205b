"""Models of scikit-learn, saved with the MLflow of their time: ``estimators.py MAKER FOLDER``.

Runs under Python 3.6 and newer.
"""

import os
import sys

import mlflow.sklearn

import kept


def _pipeline(last):
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = make_column_transformer(
        (StandardScaler(), ["age", "income"]), (OneHotEncoder(handle_unknown="ignore"), ["plan"])
    )
    return make_pipeline(columns, last)


def _save(model, folder, data, **options):
    mlflow.sklearn.save_model(model, os.path.join(folder, "model"), **options)
    kept.record_mlflow(folder, data)


def _signature(data, model):
    from mlflow.models.signature import infer_signature

    return infer_signature(data, model.predict(data))


def forest(folder):
    """Write a pipeline with a forest, with a signature and an example."""
    from sklearn.ensemble import RandomForestClassifier

    frame, left = kept.customers()
    model = _pipeline(RandomForestClassifier(10, max_depth=4, random_state=0)).fit(frame, left)
    first = frame.head(5)
    _save(model, folder, first, signature=_signature(first, model), input_example=first)


def boosted_loose(folder):
    """Write gradient boosting whose requirements somebody gave without pins."""
    from sklearn.ensemble import GradientBoostingClassifier

    frame, left = kept.customers()
    model = _pipeline(GradientBoostingClassifier(n_estimators=10, random_state=0))
    model.fit(frame, left)
    first = frame.head(5)
    options = {"pip_requirements": ["scikit-learn", "pandas>=1"], "input_example": first}
    _save(model, folder, first, signature=_signature(first, model), **options)


def forest_probability(folder):
    """Write a forest on bare numbers: neither a signature nor an example."""
    from sklearn.ensemble import RandomForestRegressor

    rows = kept.numbers(6)
    model = RandomForestRegressor(10, max_depth=4, random_state=0).fit(rows, rows[:, 0] * 2)
    _save(model, folder, rows[:5])


def named_columns(folder):
    """Write a linear model that was fitted on a frame: it knows its columns, no file does."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame, left = kept.customers()
    numbers = frame[["age", "income"]]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(numbers, left)
    _save(model, folder, numbers.head(5))


def signature_only(folder):
    """Write a pipeline over strings and numbers with a signature, without an example."""
    from sklearn.linear_model import LogisticRegression

    frame, left = kept.customers()
    model = _pipeline(LogisticRegression()).fit(frame, left)
    _save(model, folder, frame.head(5), signature=_signature(frame.head(5), model))


def before_signatures(folder):
    """Write boosting on bare numbers with an MLflow that knew no signatures yet."""
    from sklearn.ensemble import GradientBoostingRegressor

    rows = kept.numbers()
    model = GradientBoostingRegressor(n_estimators=10, random_state=0).fit(rows, rows[:, 1] - 1)
    _save(model, folder, rows[:5])


def histogram(folder):
    """Write histogram boosting over an array, with the array's signature and example."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    rows = kept.numbers(3)
    model = HistGradientBoostingRegressor(max_iter=10, random_state=0).fit(rows, rows.sum(axis=1))
    first = rows[:5]
    _save(model, folder, first, signature=_signature(first, model), input_example=first)


def lemmas(folder):
    """Write a classifier of Russian texts; pymorphy2 asks pkg_resources for its dictionaries."""
    import pymorphy2
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    def normal_forms(text):
        morphology = pymorphy2.MorphAnalyzer()
        return [morphology.parse(word)[0].normal_form for word in text.split()]

    texts = ["кошки спали", "собака лает", "кошка спит тихо", "лаяли собаки"]
    model = make_pipeline(CountVectorizer(tokenizer=normal_forms), LogisticRegression())
    _save(model.fit(texts, [0, 1, 0, 1]), folder, texts)


MAKERS = (
    forest,
    boosted_loose,
    forest_probability,
    named_columns,
    signature_only,
    before_signatures,
    histogram,
    lemmas,
)

if __name__ == "__main__":
    {each.__name__: each for each in MAKERS}[sys.argv[1]](sys.argv[2])
