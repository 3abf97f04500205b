"""Serve the model beside this file with MLServer."""

from __future__ import annotations

import numpy
import predicting
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, NumpyRequestCodec, PandasCodec
from mlserver.types import InferenceRequest, InferenceResponse

TABLES = ("dataframe", "series")


class ModelRuntime(MLModel):
    """The model, behind the Open Inference Protocol v2."""

    async def load(self) -> bool:
        """Load the model; return whether it is ready."""
        self.model = predicting.load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Return the prediction for the tensors of a request."""
        is_table = predicting.INPUT.get("type") in TABLES
        codec = PandasCodec if is_table else NumpyRequestCodec
        data = self.decode_request(payload, default_codec=codec)
        if not is_table:
            data = predicting.as_input(data)
        said = self.model.predict(data)
        if hasattr(said, "columns"):
            return PandasCodec.encode_response(self.name, said, self.version)
        values = numpy.asarray(said)
        output = NumpyCodec.encode_output("predict", values)
        output.shape = list(values.shape)  # the codec writes a vector as a matrix of one column
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=[output])
