from __future__ import annotations

import numpy as np
from graphs import GraphModel
from onnx import TensorProto, helper, numpy_helper


def build() -> tuple[GraphModel, np.ndarray]:
    weights = np.arange(6, dtype=np.float32).reshape(3, 2) / 7
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["features", "weights"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["shares"]),
        ],
        "shares",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("shares", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return GraphModel(model.SerializeToString()), np.eye(3, dtype=np.float32)
