#!/usr/bin/env bash
# MLflow 3.17.2 and uv 0.13.9: what is restored of a model that was logged in a uv project.
#
# One would guess that the two lists which MLflow writes for such a model agree, and that whichever of
# them an environment is made of, MLflow can load the model there. It writes requirements.txt with
# mlflow and cloudpickle, which it adds to the project's own; and beside it a copy of the project's
# uv.lock, which has neither where the project had mlflow from elsewhere (an environment that is
# shared, a tool, a notebook's kernel). `--env-manager uv` takes the lock, and passes the list over:
# the environment is made, and ends with "No module named 'mlflow'". `--env-manager virtualenv` takes
# the list.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check mlflow==3.17.2 uv==0.13.9 2> pip.txt
export PATH="$work/tools/bin:$(dirname "$(command -v "$python")"):$PATH" MLFLOW_ENV_ROOT="$work/environments"
export UV_PYTHON_DOWNLOADS=never
unset UV_PYTHON

mkdir project
cd project
cat > pyproject.toml <<TOML
[project]
name = "counter"
version = "1"
requires-python = "==$version"
dependencies = ["tabulate==0.9.0"]
TOML
uv lock --quiet
cat > counter.py <<'PY'
import mlflow

class Counter(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str], params=None):
        import tabulate
        return [len(tabulate.tabulate([[each]])) for each in model_input]

mlflow.models.set_model(Counter())
PY
python -c 'import mlflow
mlflow.pyfunc.save_model("model", python_model="counter.py", input_example=["a", "bb"])' 2> saved.txt
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
lists() { grep -c "$1" "$2" || true; }

expect "requirements.txt lists mlflow" 1 "$(lists '^mlflow==' model/requirements.txt)"
expect "uv.lock lies beside it, without mlflow" 0 "$(lists '^name = "mlflow"' model/uv.lock)"
echo '{"inputs": ["zz"]}' > input.json
ended=0
mlflow models predict -m model -i input.json -t json --env-manager uv > restored.txt 2>&1 || ended=$?
expect "the environment that uv.lock gives cannot load the model" \
  "ModuleNotFoundError: No module named 'mlflow'" "$(grep -o "ModuleNotFoundError: .*" restored.txt | tail -1)"
expect "and the command fails" 1 "$([ $ended -ne 0 ] && echo 1 || echo 0)"
