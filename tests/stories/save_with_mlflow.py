"""Save one model of each kind with MLflow, in the folder that is named. Runs where MLflow is."""

import inspect
import os
import sys
from pathlib import Path

import lightgbm
import mlflow
import mlflow.lightgbm
import mlflow.pyfunc
import mlflow.sklearn
import mlflow.statsmodels
import mlflow.xgboost
import numpy
import statsmodels.api
import xgboost
from sklearn.linear_model import LogisticRegression

WORDS = "hello"
HELPER = "def loud(text):\n    return text.upper()\n"
SCRIPT = """
import mlflow
class Seven(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [7] * len(model_input)
mlflow.models.set_model(Seven())
"""
AGENT = """
from mlflow.models import set_model
from mlflow.pyfunc import ResponsesAgent
from mlflow.types.responses import ResponsesAgentResponse
class Loud(ResponsesAgent):
    def predict(self, request):
        import yaml
        said = yaml.safe_load(request.input[-1].content)
        item = self.create_text_output_item(text=said.upper(), id="1")
        return ResponsesAgentResponse(output=[item])
set_model(Loud())
"""

features = numpy.arange(40.0).reshape(20, 2)
kinds = numpy.array([0] * 10 + [1] * 10)
example = features[:2]


class Greets(mlflow.pyfunc.PythonModel):
    """A model with an artifact and code of its own."""

    words = WORDS

    def load_context(self, context):
        self.words = Path(context.artifacts["words"]).read_text()

    def predict(self, context, model_input, params=None):
        from helper import loud

        return [loud(self.words)] * len(model_input)


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def save_libraries():
    """Save a model of each library that MLflow has a flavor of."""
    linear = LogisticRegression(max_iter=1000).fit(features, kinds)
    mlflow.sklearn.save_model(linear, "sklearn", input_example=example)
    boosted = xgboost.XGBClassifier(n_estimators=2).fit(features, kinds)
    mlflow.xgboost.save_model(boosted, "xgboost", input_example=example)
    trees = lightgbm.LGBMClassifier(n_estimators=2, min_child_samples=1, verbose=-1)
    mlflow.lightgbm.save_model(trees.fit(features, kinds), "lightgbm", input_example=example)
    least = statsmodels.api.OLS(features[:, 1], features[:, :1] + 0).fit()
    mlflow.statsmodels.save_model(least, "statsmodels")


def save_own():
    """Save a model of the user's, and a script where this release takes one."""
    write("own/helper/__init__.py", HELPER)
    write("words.txt", WORDS)
    sys.path.insert(0, "own")
    known = inspect.signature(mlflow.pyfunc.save_model).parameters
    code = "code_paths" if "code_paths" in known else "code_path"
    artifacts = {"words": "words.txt"}
    mlflow.pyfunc.save_model(
        "pyfunc", python_model=Greets(), artifacts=artifacts, **{code: ["own/helper"]}
    )
    if hasattr(mlflow.models, "set_model"):
        write("script.py", SCRIPT)
        mlflow.pyfunc.save_model("script", python_model="script.py", input_example=example)
    if hasattr(mlflow.pyfunc, "ResponsesAgent"):
        write("agent.py", AGENT)
        mlflow.pyfunc.save_model("agent", python_model="agent.py")


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    save_libraries()
    save_own()
