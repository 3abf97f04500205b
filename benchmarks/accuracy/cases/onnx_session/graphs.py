from __future__ import annotations

import numpy as np
import onnxruntime


class GraphModel:
    """An ONNX graph with one input and one output; its session is opened when first asked."""

    def __init__(self, graph: bytes) -> None:
        self.graph = graph

    def predict(self, features: np.ndarray) -> np.ndarray:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            self.graph, options, providers=["CPUExecutionProvider"]
        )
        (output,) = session.run(None, {session.get_inputs()[0].name: features})
        return output
