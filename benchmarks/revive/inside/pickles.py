"""Bare pickles with a list of requirements beside them: ``pickles.py MAKER FOLDER``."""

import os
import pickle
import sys

import kept


def _write(folder, model, data, requirements):
    with open(os.path.join(folder, "model.pkl"), "wb") as file:
        pickle.dump(model, file)
    with open(os.path.join(folder, "requirements.txt"), "w") as file:
        file.write("".join(line + "\n" for line in requirements))
    kept.record(folder, data, model.predict(data))


def resampled(folder):
    """Write a pipeline of imbalanced-learn whose list forgets imbalanced-learn."""
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    frame, left = kept.customers()
    numbers = frame[["age", "income"]]
    steps = RandomOverSampler(random_state=0), StandardScaler(), LogisticRegression()
    model = make_pipeline(*steps).fit(numbers, left)
    _write(folder, model, numbers.head(5), ["scikit-learn==1.0.2", "pandas==1.3.5"])


def frozen_by_conda(folder):
    """Write a tree whose list is what `pip freeze` says where conda installed everything."""
    from sklearn.tree import DecisionTreeClassifier

    rows = kept.numbers()
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(rows, rows[:, 2] > 0)
    work = "file:///opt/conda/conda-bld"
    requirements = [
        f"joblib @ {work}/joblib_1613502643832/work",
        f"numpy @ {work}/numpy_and_numpy_base_1620831194891/work",
        f"scikit-learn @ {work}/scikit-learn_1621370412049/work",
        f"scipy @ {work}/scipy_1618855647378/work",
        f"six @ {work}/six_1605205327372/work",
        f"threadpoolctl @ {work}/threadpoolctl_1607540118171/work",
    ]
    _write(folder, model, rows[:20], requirements)


MAKERS = (resampled, frozen_by_conda)

if __name__ == "__main__":
    {each.__name__: each for each in MAKERS}[sys.argv[1]](sys.argv[2])
