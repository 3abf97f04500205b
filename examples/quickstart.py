"""Save a scikit-learn pipeline as a folder that runs anywhere, and prove it."""

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import modelenv

X, y = load_wine(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)

saved = modelenv.save_model(model, "wine_model", input_example=X[:5], overwrite=True)
print(saved)
