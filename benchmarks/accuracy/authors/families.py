"""The families of models that the cases cover, one case or more each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    "sklearn": "a plain scikit-learn estimator",
    "dataframe-input": "a model whose input is a DataFrame",
    "text-pipeline": "a pipeline with text",
    "xgboost": "gradient boosting by xgboost",
    "lightgbm": "gradient boosting by lightgbm",
    "statsmodels": "a statsmodels result",
    "polars": "a model on polars frames",
    "onnxruntime": "an ONNX graph",
    "nltk": "a model of nltk",
    "tokenizers": "a trained tokenizer",
    "main-class": "a model class from `__main__`",
    "import-in-predict": "an import inside `predict`",
    "import-in-thread": "an import in a thread",
    "fork": "an import in a forked `multiprocessing` worker",
    "spawn": "an import in a spawned `multiprocessing` worker",
    "joblib": "an import in a joblib worker",
    "subprocess": "an import in a child interpreter",
    "script": "a script that a child interpreter runs by its path",
    "parquet": "pandas with parquet",
    "excel": "pandas with Excel",
    "import-module-string": "`importlib.import_module` from a string",
    "entry-point": "an entry-point plugin",
    "ruamel.yaml": "the namespace package `ruamel.yaml`",
    "google.protobuf": "`google.protobuf` beside another `google.*`",
    "zope.interface": "the namespace package `zope.interface`",
    "azure": "a namespace package `azure.*`",
    "cv2": "`cv2`, named otherwise than its distribution",
    "PIL": "`PIL`, named otherwise than its distribution",
    "yaml": "`yaml`, named otherwise than its distribution",
    "bs4": "`bs4`, named otherwise than its distribution",
    "dateutil": "`dateutil`, named otherwise than its distribution",
    "extra": "a distribution used through its extra",
    "local-wheel": "a project installed from a wheel file",
    "local-path": "a project installed from a folder",
    "editable": "an editable install",
    "local-label": "a version with a local label",
    "neighbour": "first-party code in a neighbour module",
    "relative-imports": "a first-party package with relative imports",
    "src-layout": "first-party code in a src layout",
    "sibling-folder": "first-party code in a sibling folder",
    "package-data": "a first-party package with a data file",
    "crowded": "a hundred or more unrelated distributions",
    "preimported": "everything imported before capture",
    "file": "a data file of a distribution, read without an import of it",
    "library": "a shared library of a distribution, loaded without an import of it",
    "program": "a program of a distribution, started without an import of it",
    "metadata": "a distribution of which the metadata alone is asked for",
    "startup": "a distribution that acts when the interpreter starts",
    "record-less": "a distribution with no RECORD, or one that omits a module",
    "edited": "a distribution that was edited after it was installed",
    "accelerator": "an optional distribution that changes what is computed",
    "non-deterministic": "a prediction with a part that is another each time",
    "zone-files": "time zones, of the system or of a distribution",
    "shared-with-mlflow": "a direct need of what mlflow depends on itself",
}

HIDDEN = frozenset(
    {
        "file",
        "library",
        "program",
        "metadata",
        "startup",
        "record-less",
        "edited",
        "accelerator",
        "non-deterministic",
        "zone-files",
    }
)
"""The families in which no import shows what is needed, or nothing can be compared by itself."""
