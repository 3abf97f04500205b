#!/usr/bin/env bash
# MLServer 1.7.1, pandas 3.1.1: what a request of the inference protocol becomes whose columns have
# different numbers of rows, or whose shape is not that of its data.
#
# One would guess that both are refused: by the protocol (version 2) a tensor has as many elements as
# its shape says, and the columns of a table are equally long.
#   - A shorter column is filled with missing values: a model that takes them predicts for a row that
#     nobody sent;
#   - a shape of [3] beside one element is passed over: one row comes out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check mlserver==1.7.1 pandas==3.1.1
v/bin/python - <<'PY'
from mlserver.codecs import PandasCodec
from mlserver.types import InferenceRequest

EXPECTED = {
    "a column of two rows beside one of one": [[1.0, 3.0], ["nan", 4.0]],
    "a shape of three rows, and data of one": [[1.0, 3.0]],
}


def column(name, data, shape=None):
    size = len(data) if shape is None else shape
    return {"name": name, "datatype": "FP64", "shape": [size], "data": data}


asked = {
    "a column of two rows beside one of one": [column("a", [1.0]), column("b", [3.0, 4.0])],
    "a shape of three rows, and data of one": [column("a", [1.0], 3), column("b", [3.0])],
}
for what, inputs in asked.items():
    frame = PandasCodec.decode_request(InferenceRequest(inputs=inputs))
    seen = [["nan" if cell != cell else cell for cell in row] for row in frame.values.tolist()]
    if seen != EXPECTED[what]:
        raise SystemExit(f"changed: {what}: {seen}")
    print(f"as seen: {what}: {seen}")
PY
