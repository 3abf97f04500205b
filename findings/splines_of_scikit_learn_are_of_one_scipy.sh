#!/usr/bin/env bash
# scikit-learn 1.9.1 with SciPy 1.17.1 and 1.18.1 (Python 3.12 or newer): a pickled pipeline of splines.
#
# scikit-learn writes its own version into a pickle and warns where another one reads it. One would guess
# that a pipeline which the same scikit-learn, numpy and Python read loads. Splines that it fitted are
# objects of SciPy, whose version no pickle states, and whose next minor version, within what scikit-learn
# allows, reads none of them, nor the other way round:
#   - there is no warning, and the error names a private module of SciPy, or a private class;
#   - a pipeline without splines beside it loads both ways, so that a test of one says little.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3.12}
for version in 1.17.1 1.18.1; do
  "$python" -m venv "$version"
  "$version/bin/python" -m pip install --quiet --disable-pip-version-check \
    scikit-learn==1.9.1 numpy==2.4.6 "scipy==$version" 2>>log.txt
done
cat > write.py <<'PY'
import pickle, sys
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

x = np.linspace(0, 1, 50)[:, None]
for kind in (SplineTransformer, PolynomialFeatures):
    fitted = make_pipeline(kind(), Ridge()).fit(x, np.sin(6 * x[:, 0]))
    with open(f"{kind.__name__}-{sys.argv[1]}.pkl", "wb") as file:
        pickle.dump(fitted, file)
PY
cat > read.py <<'PY'
import pickle, sys, warnings

with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    try:
        with open(sys.argv[1], "rb") as file:
            said = f"{pickle.load(file).predict([[0.5]])[0]:.2f}"
    except (AttributeError, ModuleNotFoundError) as error:
        said = str(error).partition(" on ")[0]
print(said, [each.category.__name__ for each in warned])
PY
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
for version in 1.17.1 1.18.1; do "$version/bin/python" write.py "$version"; done
read_by() { "$1/bin/python" read.py "$2.pkl"; } # read_by VERSION FILE
expect "1.17.1 reads its own spline" "0.12 []" "$(read_by 1.17.1 SplineTransformer-1.17.1)"
expect "1.18.1 does not, without a warning" \
  "No module named 'scipy._lib.array_api_compat' []" "$(read_by 1.18.1 SplineTransformer-1.17.1)"
expect "nor does 1.17.1 one of 1.18.1" \
  "Can't get attribute '_BSpline' []" "$(read_by 1.17.1 SplineTransformer-1.18.1)"
expect "polynomials go one way" \
  "$(read_by 1.17.1 PolynomialFeatures-1.17.1)" "$(read_by 1.18.1 PolynomialFeatures-1.17.1)"
expect "and the other" \
  "$(read_by 1.18.1 PolynomialFeatures-1.18.1)" "$(read_by 1.17.1 PolynomialFeatures-1.18.1)"
