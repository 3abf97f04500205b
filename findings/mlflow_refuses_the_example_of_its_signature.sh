#!/usr/bin/env bash
# MLflow 3.17.2 with pandas 3.1.1: what becomes of a frame behind the signature inferred of it.
#
# One would guess that a signature which infer_signature makes of a frame lets that very frame
# through, as it is: a model that was tried on it is then asked the same thing when it is served.
#   - integers of 64 bits, floats of 64, booleans and texts come through as they are;
#   - a plain column of days arrives with another unit (pandas 3 reads days in microseconds, and the
#     signature makes nanoseconds of them);
#   - integers of 8 bits become ones of 32, unsigned ones of 64 bits become signed, half floats single;
#   - a column of categories, one of nullable integers with a gap, and one of times in a zone are
#     refused, though the signature was inferred of them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check mlflow==3.17.2 pandas==3.1.1 2> pip.txt
cat > try.py <<'PY'
import warnings

import mlflow
import pandas as pd
from mlflow.models import infer_signature

warnings.filterwarnings("ignore")


class Dtypes(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [str(each) for each in model_input.dtypes]


days = pd.to_datetime(pd.Series(["2026-01-01", "2026-01-02"]))
columns = [
    pd.Series([1, 2]),
    pd.Series([1.5, 2.0]),
    pd.Series([True, False]),
    pd.Series(["a", "b"]),
    days,
    pd.Series([1, 2], dtype="int8"),
    pd.Series([1, 2], dtype="uint64"),
    pd.Series([1.5, 2.0], dtype="float16"),
    pd.Series(["low", "high"], dtype="category"),
    pd.Series([1, None], dtype="Int64"),
    days.dt.tz_localize("Europe/Amsterdam"),
]
for place, column in enumerate(columns):
    frame = pd.DataFrame({"x": column})
    signature = infer_signature(frame)
    mlflow.pyfunc.save_model(
        f"m{place}", python_model=Dtypes(), signature=signature, pip_requirements=[]
    )
    model = mlflow.pyfunc.load_model(f"m{place}")
    try:
        seen = model.predict(frame)[0]
    except mlflow.exceptions.MlflowException:
        seen = "refused"
    print(f"{column.dtype} -> {seen}")
PY
cat > wanted.txt <<'TXT'
int64 -> int64
float64 -> float64
bool -> bool
str -> str
datetime64[us] -> datetime64[ns]
int8 -> int32
uint64 -> int64
float16 -> float32
category -> refused
Int64 -> refused
datetime64[us, Europe/Amsterdam] -> refused
TXT
venv/bin/python -I try.py > seen.txt 2> said.txt || { tail -5 said.txt; exit 1; }
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
