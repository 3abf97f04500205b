"""Load the model of this folder. Travels with it: no tool has to be installed to use it.

MLflow calls ``_load_pyfunc`` with the path of the model's data; a script can do the same:

    import sys
    sys.path.insert(0, "churn_model/code")
    from modelenv_pyfunc_loader import load_model
    model = load_model("churn_model")
    model.predict(data)
"""

from __future__ import annotations

import os
import pickle

TYPE_CHECKING = False  # `typing` is not needed to run this
if TYPE_CHECKING:
    from typing import Any


class Model:
    """The unpickled model behind one method, ``predict``."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`; `params` are keyword arguments of the model's own."""
        call = self.inner.predict if hasattr(self.inner, "predict") else self.inner
        return call(data, **params) if params else call(data)


def _load_pyfunc(path: str, model_config: object = None) -> Model:
    """Load the model whose data stands at `path`, a file or the folder that holds it."""
    if os.path.isdir(path):
        path = os.path.join(path, "model.pkl")
    with open(path, "rb") as file:
        return Model(pickle.load(file))


def load_model(folder: str) -> Model:
    """Load the model that stands in `folder`."""
    return _load_pyfunc(os.path.join(folder, "model.pkl"))
